import type { Host } from '../../host/host.ts';
import type { ProcessEntry } from '../../host/processes.ts';
import { pause } from '../pause.ts';
import { entryName } from './tree.ts';

export interface StopLimits {
  /** Between SIGTERM and SIGKILL. */
  readonly stopTimeoutMs: number;
  /** After SIGKILL: what is then still there hangs in the kernel. */
  readonly killWaitMs: number;
}

export const killWaitMs = 5000;

/** Finds what is left; those known by name from an earlier look still belong, whatever became of their parents. */
export type Look = (known: ReadonlySet<string>) => readonly ProcessEntry[];

/**
 * Ends processes in order: SIGTERM to each group, wait, SIGKILL to what is left. `look` is asked again and
 * again, so what is forked meanwhile is ended as well. Returns what could not be ended.
 * Each process is told by pid and start time right before it is signalled.
 */
export async function stopTree(
  host: Host,
  look: Look,
  limits: StopLimits,
): Promise<readonly ProcessEntry[]> {
  const asked = new Set<string>();
  const ask = (left: readonly ProcessEntry[]) => {
    signalAll(
      host,
      'SIGTERM',
      left.filter((entry) => !asked.has(entryName(entry))),
    );
    for (const entry of left) asked.add(entryName(entry));
  };
  const lookAgain = () => look(asked);
  const left = await untilGone(host, lookAgain, { limitMs: limits.stopTimeoutMs, act: ask });
  if (left.length === 0) return left;
  const kill = (rest: readonly ProcessEntry[]) => signalAll(host, 'SIGKILL', rest);
  return untilGone(host, lookAgain, { limitMs: limits.killWaitMs, act: kill });
}

interface Wait {
  readonly limitMs: number;
  readonly act: (left: readonly ProcessEntry[]) => void;
}

async function untilGone(
  host: Host,
  look: () => readonly ProcessEntry[],
  wait: Wait,
): Promise<readonly ProcessEntry[]> {
  const deadlineMs = host.clock.monotonicMs() + wait.limitMs;
  for (;;) {
    const left = look();
    if (left.length === 0) return left;
    wait.act(left);
    if (host.clock.monotonicMs() >= deadlineMs) return look();
    await pause(host.clock, lookEveryMs);
  }
}

/** Whole groups where the leader is one of them, so that a fork in between is reached too; the rest one by one. */
function signalAll(
  host: Host,
  signal: 'SIGTERM' | 'SIGKILL',
  entries: readonly ProcessEntry[],
): void {
  const leaders = entries.filter((entry) => entry.groupId === entry.pid && isSame(host, entry));
  const reached = new Set(leaders.map((leader) => leader.pid));
  for (const leader of leaders) {
    host.processes.signalGroup(leader.pid, signal);
    // One that is halted acts on SIGTERM only once it goes on.
    host.processes.signalGroup(leader.pid, 'SIGCONT');
  }
  for (const entry of entries) {
    if (reached.has(entry.groupId)) continue;
    const identity = host.processes.identify(entry.pid);
    if (identity?.startTicks !== entry.startTicks) continue;
    host.processes.signal(identity, signal);
    host.processes.signal(identity, 'SIGCONT');
  }
}

function isSame(host: Host, entry: ProcessEntry): boolean {
  return host.processes.identify(entry.pid)?.startTicks === entry.startTicks;
}

const lookEveryMs = 40;
