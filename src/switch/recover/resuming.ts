import { BackstepError } from '../../fault/backstep-error.ts';
import { makeFolders } from '../../host/whole-file.ts';
import { acquireLock } from '../../store/lock.ts';
import { requestAbort } from './abort.ts';
import { endCandidate } from '../stage/candidate.ts';
import { claimState } from '../state-owner.ts';
import { pendingEmergencies, takeOver } from '../emergency/emergency.ts';
import type { RunOptions } from '../ending.ts';
import type { Ground } from '../ground.ts';
import { kindsOf } from '../run-kinds.ts';
import { lastResult } from '../journal.ts';
import { clearKilledTrials, clearUncleared } from './killed-trials.ts';
import { openRuns } from './open-runs.ts';
import type { RunResult } from '../phases.ts';
import type { RunReport } from '../report/report.ts';
import { uncarried } from '../emergency/uncarried.ts';

export interface LockWishes {
  readonly purpose: string;
  readonly waitMs: number;
  /** Ends the wait. */
  readonly abort?: AbortSignal;
}

/**
 * Does one thing that changes state: alone, and after what was interrupted has come to its end. A release that a killed
 * command had started on a copy is stopped first. Throws `switch/shared-state` where the records are another application's.
 */
export async function exclusively<T>(
  ground: Ground,
  wishes: LockWishes,
  work: () => Promise<T>,
): Promise<T> {
  makeFolders(ground.host.disk, ground.folders.lock, 0o700);
  const lock = await acquireLock(ground.host, ground.folders.lock, wishes);
  try {
    claimState(ground);
    await endCandidate(ground);
    return await work();
  } finally {
    lock.release();
  }
}

/**
 * Finishes or undoes every interrupted run, oldest first; what a killed trial or `release add` left is thrown away. Runs that gave up before are taken up again only where a
 * person asks for it: else a further run on an inconsistent application is refused.
 */
export async function resumeAll(
  ground: Ground,
  options: RunOptions,
  { retries }: { readonly retries: boolean } = { retries: false },
): Promise<RunReport[]> {
  clearKilledTrials(ground);
  clearUncleared(ground);
  ground.releases.removeHalfAdded();
  for (const emergency of pendingEmergencies(ground)) {
    const run = await takeOver(ground, emergency);
    options.onEvent({ type: 'warning', run, message: takenOver(ground, emergency.folder) });
  }
  const reports: RunReport[] = [];
  for (const { run, stand } of openRuns(ground)) {
    if (stand === 'inconsistent' && !retries) throw waiting(run);
    // Bringing one run to its end may have ended another: the switch that takes it back.
    if (!isOpen(ground, run)) continue;
    reports.push(await resumeOne(ground, run, options));
  }
  return reports;
}

function takenOver(ground: Ground, folder: string): string {
  const left = uncarried(ground);
  const known = `${folder}: the emergency rollback is on record now`;
  if (left === null) return known;
  return `${known}; what was changed in ${left.assets.join(', ')} after the upgrade is not carried: \`backstep resume --yes\` brings it into the release that runs; until then it is kept with the release that was left, and comes back with \`backstep return\``;
}

/** What came of an `abort`. */
export interface Aborted {
  readonly run: string;
  readonly result: RunResult;
}

/**
 * Has a run go back: one under way in another process, or one that was interrupted. Before its commit record all
 * of it goes back; afterwards its policy decides. Waits until the run has ended, and ends it where its process is
 * gone. Throws `switch/no-run` and `switch/too-late`.
 */
export async function abort(
  ground: Ground,
  wishes: { readonly run: string | null; readonly reason: string; readonly waitMs: number },
  options: RunOptions,
): Promise<Aborted> {
  const run = abortable(ground, wishes.run);
  requestAbort(ground, run, wishes.reason);
  const lock = { purpose: `abort of ${run}`, waitMs: wishes.waitMs };
  await exclusively(ground, lock, async () => {
    if (isOpen(ground, run)) await resumeOne(ground, run, options);
  });
  const result = lastResult(ground.host, ground.folders.journal, run);
  if (result === null) throw waiting(run);
  if (isSuccess(result)) throw tooLate(run, result);
  return { run, result };
}

function isOpen(ground: Ground, run: string): boolean {
  return openRuns(ground).some((each) => each.run === run);
}

async function resumeOne(ground: Ground, run: string, options: RunOptions): Promise<RunReport> {
  return kindsOf(ground, {}).resume(run, options);
}

/** The run that is meant, or the newest one that is open. */
function abortable(ground: Ground, wanted: string | null): string {
  const open = openRuns(ground).map(({ run }) => run);
  const found = wanted === null ? open.at(-1) : open.find((run) => run === wanted);
  if (found !== undefined) return found;
  const what = wanted === null ? 'no run' : `no run ${wanted}`;
  throw new BackstepError('switch/no-run', {
    message: `${what} is under way or was interrupted`,
    hint: 'a run that has ended is taken back by `backstep rollback` or `backstep return`; see `backstep history`',
  });
}

function isSuccess(result: RunResult): boolean {
  return ['upgraded', 'rolled-back', 'returned', 'restored', 'carried'].includes(result);
}

function tooLate(run: string, result: RunResult): BackstepError {
  return new BackstepError('switch/too-late', {
    message: `${run} had come to its end before it could be aborted: ${result}`,
    hint: 'take it back by `backstep rollback` or `backstep return`',
  });
}

function waiting(run: string): BackstepError {
  return new BackstepError('switch/inconsistent', {
    message: `${run} was left inconsistent and waits for a person`,
    hint: 'docs/operating/inconsistent.md tells what to do; `backstep inspect` shows what lies where, `backstep resume` tries again',
  });
}
