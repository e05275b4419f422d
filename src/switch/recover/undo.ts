import { BackstepError } from '../../fault/backstep-error.ts';
import { abortRequest } from './abort.ts';
import { faultOf, type Kinds, type RunOptions } from '../ending.ts';
import { lastResult, readJournal, takenBackBy } from '../journal.ts';
import { exists } from '../moves.ts';
import type { RunResult } from '../phases.ts';
import { readPlan } from '../plan.ts';
import type { Run } from '../run.ts';

export interface UndoParts {
  readonly kinds: Kinds;
  readonly options: RunOptions;
}

/** How often the opposite switch is begun anew after it was killed before its own commit record. */
const undoAttempts = 8;

/**
 * Takes a committed run back by the opposite switch, so that what was written since the start is kept. The journal
 * names that switch before it begins: after a crash it is brought to its end, never begun a second time beside
 * itself. `undone`, or `held` where it could not be done.
 */
export async function takeBackBySwitch(run: Run, parts: UndoParts): Promise<RunResult> {
  for (;;) {
    const begun = takenBackBy(
      readJournal(run.ground.host, run.ground.folders.journal, run.plan.run),
    );
    const latest = begun.at(-1);
    const ended = latest === undefined ? null : await endOfUndo(run, latest, parts);
    if (ended !== null) return ended;
    if (begun.length >= undoAttempts) return 'held';
    const next = parts.kinds.undoOf(run.plan);
    if (next === null) return 'held';
    run.journal.write({ event: 'taking-back', by: next.run });
    const refusal = await attempt(run, async () => parts.kinds.begin(next, unstoppable(parts)));
    if (refusal !== null) return 'held';
  }
}

/** What the opposite switch has come to; null where it was killed before its commit record and can be begun anew. */
async function endOfUndo(run: Run, undo: string, parts: UndoParts): Promise<RunResult | null> {
  const { ground } = run;
  if (readPlan(ground, undo) === null) return null;
  const before = resultOf(run, undo);
  if (before === null || before === 'inconsistent') {
    await parts.kinds.resume(undo, unstoppable(parts));
  }
  run.findings.undoneBy = undo;
  const result = resultOf(run, undo);
  switch (result) {
    case 'rolled-back':
    case 'returned':
    case 'upgraded':
    case 'restored':
    case 'carried':
      return 'undone';
    case 'abandoned':
    case 'undone':
      return wasKilled(run, undo) ? null : 'held';
    case 'held':
      return 'held';
    case 'inconsistent':
    case null:
      return 'inconsistent';
  }
}

/** Nothing failed in it and nobody aborted it: that it came to nothing is a kill's doing, of however many. */
function wasKilled({ ground }: Run, undo: string): boolean {
  const lines = readJournal(ground.host, ground.folders.journal, undo);
  return !lines.some(({ event }) => event === 'failed') && abortRequest(ground, undo) === null;
}

function resultOf({ ground }: Run, name: string): RunResult | null {
  const { host, folders } = ground;
  if (!exists(host.disk, `${folders.journal}/${name}.jsonl`)) return null;
  return lastResult(host, folders.journal, name);
}

/** Null where it came to an end; else why it refused, with nothing touched. */
async function attempt(run: Run, work: () => Promise<unknown>): Promise<BackstepError | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (!(error instanceof BackstepError)) throw error;
    const { message } = faultOf(error);
    const { fault } = run.findings;
    run.findings.fault = {
      code: fault?.code ?? error.code,
      message: `${fault?.message ?? 'it was to be taken back'}; taking it back was refused: ${message}`,
      hint: error.hint,
    };
    return error;
  }
}

/** A signal that ended the run that is taken back does not end taking it back; `abort` by name does. */
function unstoppable({ options }: UndoParts): RunOptions {
  return { ...options, signal: new AbortController().signal };
}
