import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { BackstepError } from '../fault/backstep-error.ts';
import { errnoOf } from './node-fault.ts';
import type { ProcessEntry, ProcessIdentity } from './processes.ts';

/** A line of /proc/<pid>/stat (proc(5)), with the state letter that says whether it is a zombie. */
export interface ProcStat extends ProcessEntry {
  readonly state: string;
  /** A thread of the kernel's own: it runs no program and holds no file. */
  readonly isKernel: boolean;
}

/** Null if the process is gone. */
export function statOfProcess(pid: number): ProcStat | null {
  requireProc();
  const text = readOrNull(`/proc/${pid}/stat`);
  return text === null ? null : parseProcStat(text);
}

/** The name stands in parentheses and may hold any character, so the line is read from its last `)`. */
export function parseProcStat(text: string): ProcStat {
  const opens = text.indexOf('(');
  const closes = text.lastIndexOf(')');
  const fields = text.slice(closes + 2).split(' ');
  return {
    pid: Number.parseInt(text, 10),
    name: text.slice(opens + 1, closes),
    state: fields[0] ?? '',
    parentPid: Number(fields[1]),
    groupId: Number(fields[2]),
    sessionId: Number(fields[3]),
    startTicks: Number(fields[19]),
    isKernel: (Number(fields[6]) & kernelThread) !== 0,
  };
}

/** PF_KTHREAD among the flags of a process. */
const kernelThread = 0x200000;

export function isZombie(stat: ProcStat): boolean {
  return stat.state === 'Z' || stat.state === 'X';
}

/** Pids of all processes in sight. */
export function pids(): readonly number[] {
  requireProc();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export function identityOf(stat: ProcStat): ProcessIdentity {
  return {
    pid: stat.pid,
    startTicks: stat.startTicks,
    bootId: (readOrNull('/proc/sys/kernel/random/boot_id') ?? '').trim(),
    pidNamespace: readlinkSync('/proc/self/ns/pid'),
    machineId: (readOrNull('/etc/machine-id') ?? '').trim(),
  };
}

/** Null where the file, or the process it tells of, is not there. */
export function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errnoOf(error) ?? '')) return null;
    throw error;
  }
}

export function requireProc(): void {
  if (process.platform === 'linux') return;
  throw new BackstepError('process/unsupported', {
    message: `what a process is and holds is read from /proc, which ${process.platform} has not`,
    hint: 'run this on Linux',
  });
}
