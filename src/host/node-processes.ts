import type { StdioOptions } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { BackstepError } from '../fault/backstep-error.ts';
import { onDisk } from './node-fault.ts';
import { openFiles } from './node-holders.ts';
import { identityOf, isZombie, pids, statOfProcess } from './node-proc.ts';
import { run } from './node-run.ts';
import { exitOf, kill, startProcess } from './node-start.ts';
import type {
  Child,
  Command,
  ProcessEntry,
  ProcessIdentity,
  Processes,
  SpawnOptions,
} from './processes.ts';

export const nodeProcesses: Processes = {
  self: () => requireIdentity(process.pid),
  identify,
  isAlive: (identity) => isSame(identity),
  list,
  spawn,
  run,
  signal: (identity, signal) => isSame(identity) && kill(identity.pid, signal),
  signalGroup: (leaderPid, signal) => kill(-leaderPid, signal),
  openFiles,
};

function identify(pid: number): ProcessIdentity | null {
  const stat = statOfProcess(pid);
  return stat === null || isZombie(stat) ? null : identityOf(stat);
}

function requireIdentity(pid: number): ProcessIdentity {
  const stat = statOfProcess(pid);
  if (stat !== null) return identityOf(stat);
  throw new BackstepError('process/failed', {
    message: `process ${pid} ended before it could be identified`,
    hint: 'look at what it wrote to its output',
  });
}

function isSame(identity: ProcessIdentity): boolean {
  const current = identify(identity.pid);
  return (
    current !== null &&
    current.startTicks === identity.startTicks &&
    current.bootId === identity.bootId
  );
}

function list(): readonly ProcessEntry[] {
  return pids()
    .map(statOfProcess)
    .filter((stat) => stat !== null)
    .filter((stat) => !isZombie(stat) && !stat.isKernel);
}

async function spawn(command: Command, options: SpawnOptions): Promise<Child> {
  const log = typeof options.output === 'object' ? openLog(options.output.appendTo) : null;
  try {
    const stdio = stdioOf(log ?? (options.output === 'inherit' ? 'inherit' : 'ignore'));
    const child = await startProcess(command, { detached: options.detached, stdio });
    const exited = exitOf(child);
    return { identity: requireIdentity(child.pid ?? 0), exited, release: () => child.unref() };
  } finally {
    if (log !== null) closeSync(log);
  }
}

function stdioOf(output: number | 'inherit' | 'ignore'): StdioOptions {
  return ['ignore', output, output];
}

function openLog(path: string): number {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW } = constants;
  return onDisk('open', path, (native) =>
    openSync(native, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o600),
  );
}
