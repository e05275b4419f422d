import { BackstepError } from '../fault/backstep-error.ts';
import { removeTree } from '../host/whole-file.ts';
import { finish, faultOf, resultOf, timed, type Kinds, type RunOptions } from './ending.ts';
import type { Ground } from './ground.ts';
import { endOf, lastResult, readJournal, stateOf } from './journal.ts';
import { exists, renameBack } from './moves.ts';
import { recoveryFor, type Phase, type Recovery, type RunResult } from './phases.ts';
import { moveGate, startAndWait } from './ready.ts';
import type { RunReport } from './report.ts';
import { place, putInOrder, readStaged, settle, start, verify, type Run } from './run.ts';
import { assetOf, type StagedRecord } from './staged.ts';
import { clearWork } from './workspace.ts';

export interface RecoverParts {
  readonly kinds: Kinds;
  readonly options: RunOptions;
  /** The phase that failed just now; null after a restart. */
  readonly failedPhase: Phase | null;
}

/** How often placing is tried before the renames are taken back. */
const placeAttempts = 3;

/** Brings a run to an end, from wherever its journal says that it stands. Every step may run twice. */
export async function recover(run: Run, parts: RecoverParts): Promise<RunResult> {
  const lines = readJournal(run.ground.host, run.ground.folders.journal, run.plan.run);
  const state = stateOf(lines);
  const recovery: Recovery = state === null ? 'discard' : recoveryFor(state);
  try {
    return await act(run, recovery, parts);
  } catch (error) {
    run.findings.fault ??= faultOf(error);
    return 'inconsistent';
  }
}

async function act(run: Run, recovery: Recovery, parts: RecoverParts): Promise<RunResult> {
  switch (recovery) {
    case 'discard':
      discard(run);
      return 'abandoned';
    case 'restart':
      discard(run);
      await startAgain(run);
      return 'abandoned';
    case 'rename-back':
      return takeBack(run);
    case 'forward':
      return goForward(run, parts);
    case 'policy':
      return followPolicy(run, parts);
    case 'none': {
      const end = endOf(readJournal(run.ground.host, run.ground.folders.journal, run.plan.run));
      return end ?? 'inconsistent';
    }
  }
}

function discard(run: Run): void {
  const { disk } = run.ground.host;
  for (const root of siblingsOf(run)) if (exists(disk, root)) removeTree(disk, root);
  clearWork(disk, run.workspace);
}

/** Also those of a run that was killed before it had written down which it made. */
function siblingsOf(run: Run): readonly string[] {
  for (const asset of run.ground.assets) run.workspace.siblingOf(asset);
  return run.workspace.siblings();
}

/** The application runs as before: the release that was left is started again. */
async function startAgain(run: Run): Promise<void> {
  const { ground, plan } = run;
  if (plan.starts) await startAndWait(ground);
  else await ground.service.unmask();
  await moveGate(ground, 'open', ground.releases.folderOf(plan.from));
}

async function takeBack(run: Run): Promise<RunResult> {
  const { ground, journal } = run;
  const record = requireRecord(run);
  journal.write({ event: 'undoing', why: run.findings.fault?.message ?? 'interrupted' });
  const strays = renameBack(ground.host.disk, record.moves);
  run.findings.strays = [...run.findings.strays, ...strays];
  if (strays.length === 0) discard(run);
  await startAgain(run);
  return 'undone';
}

/** After the commit record: finish placing, start, verify, settle. */
async function goForward(run: Run, parts: RecoverParts): Promise<RunResult> {
  const record = requireRecord(run);
  if (run.findings.assets.length === 0) run.findings.assets = record.assets.map(assetOf);
  const { options } = parts;
  if (!(await placeAgain(run, record, parts))) return takeBack(run);
  try {
    await timed(run, options, { phase: 'start', work: () => start(run) });
    await timed(run, options, { phase: 'verify', work: () => verify(run) });
  } catch (error) {
    run.findings.fault = faultOf(error);
    return followPolicy(run, parts);
  }
  await timed(run, options, { phase: 'settle', work: () => settle(run, record) });
  return resultOf(run.plan);
}

async function placeAgain(run: Run, record: StagedRecord, parts: RecoverParts): Promise<boolean> {
  for (let attempt = 1; attempt <= placeAttempts; attempt += 1) {
    try {
      await timed(run, parts.options, { phase: 'place', work: () => place(run, record) });
      return true;
    } catch (error) {
      run.findings.fault = faultOf(error);
    }
  }
  return false;
}

/**
 * The target is in its place and is not sound. `undo` is the opposite switch, so that what was written
 * since the start is kept; `hold` leaves the decision to a person, the state written down.
 */
async function followPolicy(run: Run, parts: RecoverParts): Promise<RunResult> {
  const { plan } = run;
  await putInOrder(run, requireRecord(run));
  if (plan.policy === 'hold' || plan.undoes !== null) return 'held';
  const undone = await parts.kinds.undo(plan, parts.options);
  run.findings.undoneBy = undone?.run ?? null;
  if (undone === null) return 'held';
  return undone.result === 'rolled-back' || undone.result === 'returned' ? 'undone' : undone.result;
}

function requireRecord(run: Run): StagedRecord {
  const record = readStaged(run.ground, run.workspace);
  if (record !== null) return record;
  throw new BackstepError('switch/journal', {
    message: `run ${run.plan.run} began to rename, but its list of renames is not there`,
    hint: '`backstep inspect` shows what lies where',
  });
}

/** Runs whose journal has no last line, oldest first. */
export function interruptedRuns(ground: Ground): readonly string[] {
  const { disk } = ground.host;
  if (disk.lstat(ground.folders.journal) === null) return [];
  return disk
    .list(ground.folders.journal)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .filter((run) => lastResult(ground.host, ground.folders.journal, run) === null);
}

/** Finishes or undoes one interrupted run and tells how it ended. */
export async function resumeRun(
  run: Run,
  parts: Omit<RecoverParts, 'failedPhase'>,
): Promise<RunReport> {
  try {
    return finish(run, await recover(run, { ...parts, failedPhase: null }));
  } finally {
    run.journal.close();
  }
}
