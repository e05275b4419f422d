import { join } from 'node:path/posix';
import { z } from 'zod';
import { BackstepError } from '../fault/backstep-error.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Host } from '../host/host.ts';
import type { ProcessIdentity } from '../host/processes.ts';
import { randomHex } from '../host/random.ts';
import { createWhole, readWhole } from '../host/whole-file.ts';

/**
 * A lock is a folder of numbered files. The highest number counts: `<n>` is held by the process that it
 * describes, `<n>.free` was released. Taking the lock means to make `<n + 1>`, which only one process can; so a
 * dead holder is succeeded, never removed under the feet of a successor. The highest number is never deleted.
 *
 * Whether a holder is dead is decided by its boot, pid and start time. Where this cannot be known from here (a
 * process of another machine, or of another pid namespace) the lock counts as held.
 */
export interface Lock {
  /** May be called twice. */
  release(): void;
}

export interface LockRequest {
  /** What the lock is wanted for, shown to those who wait. */
  readonly purpose: string;
  /** How long to wait for a live holder; 0 does not wait. */
  readonly waitMs: number;
  readonly abort?: AbortSignal;
}

export interface LockHolder {
  readonly identity: ProcessIdentity;
  readonly purpose: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

const pollMs = 50;
const attemptLimit = 100;

const holderSchema = z.object({
  identity: z.object({
    pid: z.number().int(),
    startTicks: z.number(),
    bootId: z.string(),
    pidNamespace: z.string(),
    machineId: z.string(),
  }),
  purpose: z.string(),
  since: z.string(),
});

/** Takes the lock in `folder`, which exists. Throws `store/locked` when the wait is over, and `interrupted`. */
export async function acquireLock(host: Host, folder: string, request: LockRequest): Promise<Lock> {
  const deadline = host.clock.monotonicMs() + request.waitMs;
  for (;;) {
    const taken = tryLock(host, folder, request.purpose);
    if ('release' in taken) return taken;
    if (host.clock.monotonicMs() >= deadline) throw locked(folder, taken);
    await host.clock.sleep(pollMs, request.abort);
  }
}

/** Who holds the lock now; null if nobody alive does. */
export function lockHolder(host: Host, folder: string): LockHolder | null {
  const top = highest(host, folder);
  return top === null || top.isFree ? null : liveHolder(host, join(folder, top.name));
}

function tryLock(host: Host, folder: string, purpose: string): Lock | LockHolder {
  for (let attempt = 0; attempt < attemptLimit; attempt += 1) {
    const top = highest(host, folder);
    const holder = top === null || top.isFree ? null : liveHolder(host, join(folder, top.name));
    if (holder !== null) return holder;
    const number = (top?.number ?? 0) + 1;
    if (claim(host, { folder, number, purpose })) return heldLock(host, folder, number);
  }
  throw new BackstepError('store/locked', {
    message: `${folder}: others took the lock ${attemptLimit} times in a row`,
    hint: 'run the command again',
  });
}

interface Claim {
  readonly folder: string;
  readonly number: number;
  readonly purpose: string;
}

/** The file is written under another name first, so that whoever sees it sees all of it. */
function claim(host: Host, { folder, number, purpose }: Claim): boolean {
  const { disk, clock, processes, random } = host;
  const since = new Date(clock.now()).toISOString();
  const record: LockHolder = { identity: processes.self(), purpose, since };
  const draft = join(folder, `.${randomHex(random, 8)}`);
  createWhole(disk, draft, { bytes: Buffer.from(`${JSON.stringify(record)}\n`), mode: 0o600 });
  try {
    disk.link(draft, join(folder, String(number)));
  } catch (error) {
    if (isDiskError(error, 'EEXIST', 'ENOENT')) return false;
    throw error;
  } finally {
    removeIfThere(host, draft);
  }
  const isHighest = highest(host, folder)?.number === number;
  if (isHighest) removeLower(host, folder, number);
  else removeIfThere(host, join(folder, String(number)));
  return isHighest;
}

function heldLock(host: Host, folder: string, number: number): Lock {
  const path = join(folder, String(number));
  let isHeld = true;
  return {
    release() {
      if (!isHeld) return;
      isHeld = false;
      host.disk.rename(path, `${path}.free`);
    },
  };
}

interface Numbered {
  readonly name: string;
  readonly number: number;
  readonly isFree: boolean;
}

function highest(host: Host, folder: string): Numbered | null {
  let top: Numbered | null = null;
  for (const name of host.disk.list(folder)) {
    const number = /^(\d+)(?:\.free)?$/.exec(name)?.[1];
    if (number === undefined || Number(number) <= (top?.number ?? -1)) continue;
    top = { name, number: Number(number), isFree: name.endsWith('.free') };
  }
  return top;
}

/** Also sweeps drafts; whose draft is swept too early makes another. */
function removeLower(host: Host, folder: string, number: number): void {
  for (const name of host.disk.list(folder)) {
    if (name.startsWith('.') || Number.parseInt(name, 10) < number) {
      removeIfThere(host, join(folder, name));
    }
  }
}

/** Null if the holder is dead, or has just released. */
function liveHolder(host: Host, path: string): LockHolder | null {
  const holder = readHolder(host, path);
  if (holder === null) return null;
  const self = host.processes.self();
  const { bootId, machineId, pidNamespace } = holder.identity;
  if (machineId !== self.machineId && machineId !== '' && self.machineId !== '') return holder;
  if (bootId !== self.bootId) return null;
  if (pidNamespace !== self.pidNamespace) return holder;
  return host.processes.isAlive(holder.identity) ? holder : null;
}

/**
 * Null also for a record that is cut short: it was whole when it got its name, so only a loss of power can have
 * cut it, and whoever held it is gone.
 */
function readHolder(host: Host, path: string): LockHolder | null {
  try {
    return holderSchema.parse(JSON.parse(readWhole(host.disk, path).toString('utf8')));
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return null;
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

function removeIfThere(host: Host, path: string): void {
  try {
    host.disk.removeFile(path);
  } catch (error) {
    if (!isDiskError(error, 'ENOENT')) throw error;
  }
}

function locked(folder: string, { identity, purpose, since }: LockHolder): BackstepError {
  return new BackstepError('store/locked', {
    message: `process ${identity.pid} holds ${folder} since ${since} for: ${purpose}`,
    hint: `wait until it has ended (\`--lock-wait 30s\` waits for it); if it ran on another machine or in a container that is gone, empty ${folder}`,
  });
}
