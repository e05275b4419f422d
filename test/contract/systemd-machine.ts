import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { eventually } from './service-scene.ts';

/** A systemd of its own for one test: process, mount and control group namespaces apart from the machine's. */
export interface SystemdMachine {
  /** Runs a program in there; its output is the test's. */
  run(argv: readonly [string, ...string[]]): {
    readonly status: number | null;
    readonly output: string;
  };
}

const systemd = '/lib/systemd/systemd';

/** Why there can be none here; null where there can. */
export function whyNoSystemd(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'a systemd of its own needs root';
  if (!existsSync(systemd)) return 'systemd is not installed';
  const tried = spawnSync('unshare', [
    '--mount',
    '--pid',
    '--fork',
    '--cgroup',
    'mount',
    '-t',
    'cgroup2',
    'none',
    tmpdir(),
  ]);
  return tried.status === 0 ? null : 'namespaces or control groups cannot be made here';
}

/** Boots it with these units; ended with the test. Its /run, /etc/systemd and /usr/lib/systemd are its own. */
export async function bootSystemd(
  t: TestContext,
  units: Readonly<Record<string, string>>,
): Promise<SystemdMachine> {
  const root = mkdtempSync(join(tmpdir(), 'backstep-systemd-'));
  const write = (name: string, text: string) => writeFileSync(join(root, name), text);
  write('outer.sh', outer);
  write('inner.sh', inner + Object.entries(units).map(unitLines).join('') + boot);
  const machine = spawn('unshare', ['--mount', 'sh', join(root, 'outer.sh'), root], {
    stdio: 'ignore',
  });
  const over = new Promise((resolve) => machine.once('exit', resolve));
  const pid = await eventually(() => pidOfInit(Number(machine.pid)));
  t.after(async () => {
    process.kill(pid, 'SIGKILL');
    await over;
    rmSync(root, { recursive: true });
  });
  const enter = ['--target', String(pid), '--mount', '--pid', '--cgroup', '--net', '--'];
  const run: SystemdMachine['run'] = (argv) => {
    const ran = spawnSync('nsenter', [...enter, ...argv], { encoding: 'utf8' });
    return { status: ran.status, output: `${ran.stdout}${ran.stderr}` };
  };
  await eventually(() => run(['systemctl', 'is-system-running']).output.startsWith('running'));
  return { run };
}

/** The first process of the new process namespace: systemd, below two shells. */
function pidOfInit(outerPid: number): number | null {
  const childOf = (pid: number) =>
    Number(spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).stdout);
  const pid = childOf(childOf(outerPid) || -1);
  if (!pid) return null;
  const name = spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
  return name.trim() === 'systemd' ? pid : null;
}

function unitLines([path, text]: readonly [string, string]): string {
  return `cat > '${path}' <<'END'\n${text}END\n`;
}

// A control group of its own is what the namespace sees as the root of all; it is taken away afterwards.
const outer = `
set -e
mkdir "$1/groups"
mount -t cgroup2 none "$1/groups"
group="$1/groups/backstep-test-$$"
mkdir "$group"
echo $$ > "$group/cgroup.procs"
unshare --cgroup --pid --fork --kill-child --uts --ipc --net sh "$1/inner.sh" || true
echo $$ > "$1/groups/cgroup.procs"
find "$group" -depth -type d -exec rmdir '{}' ';'
`;

const inner = `
set -e
mount --make-rprivate /
mount -t proc proc /proc
umount -R /sys/fs/cgroup || true
mkdir -p /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs tmpfs /run
mkdir -p /run/lock
mount -t tmpfs tmpfs /etc/systemd/system
mount -t tmpfs tmpfs /usr/lib/systemd/system
`;

const boot = `
printf '[Unit]\\nDefaultDependencies=no\\n' > /etc/systemd/system/test.target
export container=test
exec ${systemd} --system --unit=test.target --log-target=null --show-status=no
`;
