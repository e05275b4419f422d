import { join } from 'node:path/posix';
import { readRecord } from './book.ts';
import type { Ground } from './ground.ts';
import { lastResult } from './journal.ts';
import { exists } from './moves.ts';
import { openRuns, recordedRuns } from './recover/open-runs.ts';
import { readPlan } from './plan.ts';
import { stagedRecord } from './stage/staged.ts';

/** A run that a person must go on from. */
export interface WaitingRun {
  readonly run: string;
  readonly why: 'held' | 'inconsistent' | 'unreadable';
  /** What to type, one or the other. */
  readonly commands: readonly string[];
}

/** Runs that wait for a person, oldest first: those that gave up, and the newest one where it was held. */
export function waitingRuns(ground: Ground): readonly WaitingRun[] {
  const open = openRuns(ground).flatMap(({ run, stand }): WaitingRun[] =>
    stand === 'interrupted'
      ? []
      : [{ run, why: stand, commands: [`backstep inspect ${run}`, 'backstep resume'] }],
  );
  const newest = recordedRuns(ground).findLast((run) => isEnded(ground, run));
  if (newest === undefined || open.some(({ run }) => run === newest)) return open;
  const held = heldRun(ground, newest);
  return held === null ? open : [...open, held];
}

/** True where the newest run was held, and stopped an application that ran before it. */
export function stoppedByHold(ground: Ground): boolean {
  const held = waitingRuns(ground).find(({ why }) => why === 'held');
  return held !== undefined && readPlan(ground, held.run)?.starts === true;
}

function isEnded({ host, folders }: Ground, run: string): boolean {
  return exists(host.disk, join(folders.runs, run, 'report.json'));
}

/** Null where the run was not held. */
function heldRun(ground: Ground, run: string): WaitingRun | null {
  const { host, folders } = ground;
  const isKept = exists(host.disk, join(folders.journal, `${run}.jsonl`));
  if (!isKept || lastResult(host, folders.journal, run) !== 'held') return null;
  return { run, why: 'held', commands: ['backstep service start', wayBackFrom(ground, run)] };
}

/** The command that takes a held run back, with what was written since. */
function wayBackFrom(ground: Ground, run: string): string {
  const plan = readPlan(ground, run);
  switch (plan?.kind) {
    case 'upgrade':
    case 'return':
      return `backstep rollback --to ${plan.from} --yes`;
    case 'rollback':
      if (plan.only === null) return 'backstep return --release-hold --yes';
      return restoring(ground, run);
    case 'restore':
    case 'carry':
      return restoring(ground, run);
    case undefined:
      return `backstep inspect ${run}`;
  }
}

/** Back to the safety snapshot of a run that left the release in its place. */
function restoring({ host, folders }: Ground, run: string): string {
  const record = readRecord(host, join(folders.runs, run, 'staged.json'), stagedRecord);
  if (record === null) return `backstep inspect ${run}`;
  return `backstep restore --at ${record.now} --live --yes`;
}
