import { join } from 'node:path/posix';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Ground } from '../ground.ts';
import { lastResult } from '../journal.ts';
import { exists } from '../moves.ts';

/**
 * interrupted: it has no end yet, and the next command that changes state gives it one · inconsistent: it gave up
 * and waits for a person · unreadable: its journal was changed by something else.
 */
export type OpenStand = 'interrupted' | 'inconsistent' | 'unreadable';

export interface OpenRun {
  readonly run: string;
  readonly stand: OpenStand;
}

/** Runs that have not come to their end, oldest first; also those of which only the plan is left. */
export function openRuns(ground: Ground): readonly OpenRun[] {
  return recordedRuns(ground).flatMap((run) => {
    const stand = standOf(ground, run);
    return stand === null ? [] : [{ run, stand }];
  });
}

/** The runs that the next command that changes state finishes or undoes, oldest first. */
export function interruptedRuns(ground: Ground): readonly string[] {
  return openRuns(ground).flatMap(({ run, stand }) => (stand === 'interrupted' ? [run] : []));
}

/** Every run that left a journal or a plan, oldest first. */
export function recordedRuns(ground: Ground): readonly string[] {
  const { journal, runs } = ground.folders;
  const begun = listed(ground, journal)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length));
  const planned = listed(ground, runs).filter((run) =>
    exists(ground.host.disk, join(runs, run, 'plan.json')),
  );
  return [...new Set([...begun, ...planned])].sort((a, b) => (timeIn(a) < timeIn(b) ? -1 : 1));
}

/** Null where the run has ended. */
function standOf(ground: Ground, run: string): OpenStand | null {
  const { host, folders } = ground;
  if (!exists(host.disk, join(folders.journal, `${run}.jsonl`))) {
    // A report is written last: with it a run had ended, whatever became of its journal.
    return exists(host.disk, join(folders.runs, run, 'report.json')) ? null : 'interrupted';
  }
  try {
    const result = lastResult(host, folders.journal, run);
    if (result === null) return 'interrupted';
    return result === 'inconsistent' ? 'inconsistent' : null;
  } catch (error) {
    if (error instanceof BackstepError && error.code === 'switch/journal') return 'unreadable';
    throw error;
  }
}

function listed(ground: Ground, folder: string): readonly string[] {
  return exists(ground.host.disk, folder) ? ground.host.disk.list(folder) : [];
}

/** Names begin with the kind of the run; what follows sorts by time. */
function timeIn(run: string): string {
  return run.slice(run.indexOf('-') + 1);
}
