import process from 'node:process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { mainFile, type Executable, type Said } from './executable.ts';
import { inProcess } from './in-process.ts';

/** What SQLite changes a disk by, on Linux. */
const names = ['pwrite64', 'fdatasync', 'fsync', 'ftruncate', 'unlink'] as const;

/** One system call of the program's own thread: the n-th of its name, from 1. */
export interface SystemCall {
  readonly name: string;
  readonly nth: number;
  /** What it is done to; empty where strace does not tell. */
  readonly path: string;
}

/** Why nothing can be traced here; null where it can. */
export function whyNoTrace(): string | null {
  const tried = spawnSync('strace', ['-qq', '-e', 'trace=none', process.execPath, '-v']);
  if (tried.error !== undefined) return 'strace is not installed';
  return tried.status === 0 ? null : 'strace may not trace here';
}

/** Runs the first command line under strace and tells its calls; what follows runs untraced. */
export function recorded(into: SystemCall[]): Executable {
  return firstTraced([], (log) => into.push(...callsIn(log)));
}

/** Ends the first command line by SIGKILL at one system call; what follows runs untraced. */
export function killedAt({ name, nth }: SystemCall): Executable {
  return firstTraced(['-e', `inject=${name}:signal=SIGKILL:when=${nth}`], () => undefined);
}

function firstTraced(flags: readonly string[], read: (log: string) => void): Executable {
  let isFirst = true;
  return async (cwd, argv, fate) => {
    if (!isFirst) return inProcess(cwd, argv, fate);
    isFirst = false;
    const folder = mkdtempSync(join(tmpdir(), 'backstep-traced-'));
    try {
      const log = join(folder, 'log');
      const said = await trace(['-o', log, ...flags], { cwd, argv });
      read(readFileSync(log, 'utf8'));
      return said;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

async function trace(
  flags: readonly string[],
  { cwd, argv }: { readonly cwd: string; readonly argv: readonly string[] },
): Promise<Said> {
  const traced = ['-f', '-qq', '-y', '-e', `trace=${names.join(',')}`, ...flags];
  const child = spawn('strace', [...traced, process.execPath, mainFile, ...argv], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
}

/** The calls of the thread that the first line is of: strace counts those of each thread apart. */
function callsIn(log: string): SystemCall[] {
  const counts = new Map<string, number>();
  const calls: SystemCall[] = [];
  const lines = log.split('\n');
  const [thread] = /^\d+/.exec(lines[0] ?? '') ?? [''];
  for (const line of lines) {
    const parts = /^(?<thread>\d+) +(?<name>\w+)\((?:\d+<(?<open>[^>]*)>|"(?<path>[^"]*)")/.exec(
      line,
    );
    const { thread: of, name, open, path } = parts?.groups ?? {};
    if (of !== thread || name === undefined) continue;
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    calls.push({ name, nth, path: open ?? path ?? '' });
  }
  return calls;
}
