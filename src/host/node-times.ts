import { spawnSync } from 'node:child_process';
import { lutimesSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import type { PathTime } from './disk.ts';
import { DiskError } from './disk-error.ts';
import { onDisk } from './node-fault.ts';
import { toNative } from './node-path.ts';
import { callUtimensat } from './node-syscalls.ts';

const second = 1_000_000_000n;

/**
 * Node sets times as floating-point seconds, a grid of 238 ns in this century. Times that are no whole
 * seconds go, in one batch, through a program that calls utimensat(2) itself: the caller of system calls where one runs, else
 * perl, else python3. Where the first is refused, the next says of which path.
 */
export function setTimes(times: readonly PathTime[]): 'exact' | 'rounded' {
  for (const { path, modifiedNs } of times) {
    const seconds = Number(modifiedNs) / 1e9;
    onDisk('set times of', path, (native) => lutimesSync(native, seconds, seconds));
  }
  const fractional = times.filter((time) => time.modifiedNs % second !== 0n);
  if (fractional.length === 0) return 'exact';
  const called = callUtimensat(Buffer.concat(fractional.flatMap(recordOf)));
  if (called?.errno === 0) return 'exact';
  return setters().some((setter) => runSetter(setter, fractional)) ? 'exact' : 'rounded';
}

/**
 * Reads `seconds nanoseconds path` records that end in NUL; says index and number of the error of the first
 * that fails.
 */
interface Setter {
  readonly program: string;
  readonly args: readonly string[];
}

/** Number of the system call utimensat, which perl has no name for. */
const utimensat: Readonly<Record<string, number>> = {
  x64: 280,
  arm64: 88,
  riscv64: 88,
  loong64: 88,
  ppc64: 304,
  s390x: 315,
};

const perlSource = `
  binmode STDIN; $/ = "\\0"; my $at = 0;
  while (defined(my $record = <STDIN>)) {
    chomp $record;
    my ($s, $ns, $path) = split / /, $record, 3;
    if (syscall($ARGV[0] + 0, -100, $path, pack('q4', $s, $ns, $s, $ns), 256) != 0) {
      print $at, ' ', $! + 0; exit 1;
    }
    $at++;
  }`;

const pythonSource = `
import os, sys
for at, record in enumerate(sys.stdin.buffer.read().split(b'\\0')[:-1]):
    s, ns, path = record.split(b' ', 2)
    try:
        time = int(s) * 10**9 + int(ns)
        os.utime(path, ns=(time, time), follow_symlinks=False)
    except OSError as error:
        print(at, error.errno, end=''); sys.exit(1)
`;

function setters(): readonly Setter[] {
  if (process.platform !== 'linux') return [];
  const call = utimensat[process.arch];
  const perl = { program: 'perl', args: ['-e', perlSource, String(call)] };
  const python = { program: 'python3', args: ['-I', '-S', '-c', pythonSource] };
  return call === undefined ? [python] : [perl, python];
}

/** False if the program is not there or broken; a refusal of the file system is thrown. */
function runSetter(setter: Setter, times: readonly PathTime[]): boolean {
  const input = Buffer.concat(times.flatMap(recordOf));
  const { status, stdout } = spawnSync(setter.program, setter.args, {
    input,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  if (status === 0) return true;
  const said = /^(\d+) (\d+)$/.exec(stdout?.toString('utf8') ?? '');
  const failed = times[Number(said?.[1])];
  if (failed === undefined) return false;
  const errno = getSystemErrorName(-Number(said?.[2]));
  throw new DiskError(errno, { act: 'set times of', path: failed.path });
}

function recordOf({ path, modifiedNs }: PathTime): readonly Uint8Array[] {
  const nanoseconds = ((modifiedNs % second) + second) % second;
  const native = toNative(path);
  const name = typeof native === 'string' ? Buffer.from(native, 'utf8') : native;
  const seconds = (modifiedNs - nanoseconds) / second;
  return [Buffer.from(`${seconds} ${nanoseconds} `), name, Buffer.of(0)];
}
