import { join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Host } from '../host/host.ts';
import { readWhole } from '../host/whole-file.ts';

/** What a systemd service says of its application. */
export interface UnitLook {
  readonly name: string;
  readonly file: string;
  /** Of its main process; null while it does not run. */
  readonly pid: number | null;
  readonly argv: readonly string[];
  readonly cwd: string;
}

const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];
const showLimitMs = 10_000;

/** Reads the unit's file, and asks systemd for its process. Throws `init/unit` where there is no such file. */
export async function lookAtUnit(host: Host, written: string): Promise<UnitLook> {
  const name = written.replace(/\.service$/, '');
  const file = unitFolders
    .map((folder) => join(folder, `${name}.service`))
    .find((path) => host.disk.lstat(path) !== null);
  if (file === undefined) {
    throw new BackstepError('init/unit', {
      message: `no unit file ${name}.service lies in ${unitFolders.join(', ')}`,
      hint: 'see `systemctl list-units --type=service`, or use --pid',
    });
  }
  const text = readWhole(host.disk, host.disk.realPath(file)).toString('utf8');
  return { name, file, pid: await mainPid(host, name), ...startOf(text) };
}

/** The command and folder of a unit file. Source: systemd.service(5): `@-:+!` before the program are marks. */
export function startOf(text: string): Pick<UnitLook, 'argv' | 'cwd'> {
  const lines = text.replaceAll(/\\\n/g, ' ').split('\n');
  const value = (key: string): string =>
    lines
      .findLast((line) => line.trim().startsWith(`${key}=`))
      ?.trim()
      .slice(key.length + 1)
      .trim() ?? '';
  const words = value('ExecStart').match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  const argv = words.map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
  return {
    argv: argv.map((word, at) => (at === 0 ? word.replace(/^[@:+!-]+/, '') : word)),
    cwd: value('WorkingDirectory').replace(/^-/, '') || '/',
  };
}

async function mainPid(host: Host, name: string): Promise<number | null> {
  try {
    const shown = await host.processes.run(
      { argv: ['systemctl', '--no-pager', 'show', '--property=MainPID', '--', `${name}.service`] },
      { limitMs: showLimitMs },
    );
    const pid = Number(/^MainPID=(\d+)$/m.exec(shown.stdout)?.[1] ?? 0);
    return pid > 0 ? pid : null;
  } catch (error) {
    if (error instanceof BackstepError && error.code === 'process/missing') return null;
    if (isDiskError(error, 'ENOENT')) return null;
    throw error;
  }
}
