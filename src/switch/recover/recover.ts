import { dirname } from 'node:path/posix';
import { BackstepError } from '../../fault/backstep-error.ts';
import { DiskError, isDiskError } from '../../host/disk-error.ts';
import { removeTree } from '../../host/whole-file.ts';
import { auditResumed } from '../report/audited.ts';
import { finish, faultOf, heed, resultOf, timed, type Kinds, type RunOptions } from '../ending.ts';
import { endOf, hasStarted, isPlaced, readJournal, type JournalLine } from '../journal.ts';
import { noteUncleared, throwAway } from './killed-trials.ts';
import { exists, renameBack } from '../moves.ts';
import { probesOf } from '../preflight/permissions.ts';
import type { Phase, Recovery, RunResult } from '../phases.ts';
import { moveGate, startAndWait } from '../ready.ts';
import type { RunReport } from '../report/report.ts';
import { place, putInOrder, readStaged, settle, start, verify, type Run } from '../run.ts';
import { assetOf, type StagedRecord } from '../stage/staged.ts';
import { recoveryOf } from './standing.ts';
import { takeBackBySwitch } from './undo.ts';
import { clearWork, siblingRoots } from '../stage/workspace.ts';

export interface RecoverParts {
  readonly kinds: Kinds;
  readonly options: RunOptions;
  /** The phase that failed just now; null after a restart. */
  readonly failedPhase: Phase | null;
}

/** How often placing is tried before the renames are taken back. */
const placeAttempts = 3;

/** How often what the disk refuses in a recovery is tried: a disk may be full for a moment. */
const recoverAttempts = 3;

/** Brings a run to an end, from wherever its journal says that it stands. Every step may run twice. */
export async function recover(run: Run, parts: RecoverParts): Promise<RunResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act(run, nextFor(run), parts);
    } catch (error) {
      if (error instanceof DiskError && attempt < recoverAttempts) continue;
      run.findings.fault ??= faultOf(error);
      return 'inconsistent';
    }
  }
}

/** Throws `switch/journal` where the journal is lost and what lies where does not tell. */
function nextFor({ ground, plan }: Run): Recovery {
  const recovery = recoveryOf(ground, plan);
  if (recovery !== null) return recovery;
  throw new BackstepError('switch/journal', {
    message: `the journal of ${plan.run} is lost, and what lies where does not tell how far it came`,
    hint: 'see docs/operating/inconsistent.md; `backstep inspect` shows what lies where',
  });
}

function linesOf({ ground, plan }: Run): readonly JournalLine[] {
  return readJournal(ground.host, ground.folders.journal, plan.run);
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
    case 'still':
      return standStill(run, parts);
    case 'take-back':
      return conclude(run, await takeBackBySwitch(run, parts));
    case 'none':
      return endOf(linesOf(run)) ?? 'inconsistent';
  }
}

/** Also the hidden folders of a run that was killed before it had written down which it made. */
function discard(run: Run): void {
  const { ground, plan, findings } = run;
  const { disk } = ground.host;
  for (const root of siblingRoots(ground, plan.run)) {
    try {
      if (exists(disk, root)) removeTree(disk, root);
      // Who removed it may have been killed before that was durable.
      if (exists(disk, dirname(root))) disk.syncFolder(dirname(root));
    } catch (error) {
      if (!isDiskError(error, 'EACCES', 'EPERM', 'EROFS')) throw error;
      noteUncleared(ground, plan.run);
      const message = `${root} could not be thrown away, the next command that changes state tries again: ${error.message}`;
      findings.warnings = [...findings.warnings, message];
      run.tell({ type: 'warning', run: plan.run, message });
    }
  }
  throwAway(ground, probesOf(ground, plan.run));
  clearWork(disk, run.workspace);
}

/**
 * The application runs as before: the release that was to be left is started again. One that does not become ready
 * may have been the reason for the run, so this is a warning; what lies live is whole either way. The one that this
 * run was to take back is not started: it is not sound, and the run that is taken back goes on from there.
 */
async function startAgain(run: Run): Promise<void> {
  const { ground, plan, findings } = run;
  if (plan.undoes !== null) return;
  try {
    if (plan.starts) await startAndWait(ground);
    else await ground.service.unmask();
  } catch (error) {
    if (!(error instanceof BackstepError) || !isToldOnly(error)) throw error;
    const message = `${plan.from} is in its place as before, and ${error.message}`;
    findings.warnings = [...findings.warnings, message];
    run.tell({ type: 'warning', run: plan.run, message });
  }
  await moveGate(ground, 'open', plan.from);
}

/** It may have been so before the run, or another program has started it in the meantime. */
function isToldOnly({ code }: BackstepError): boolean {
  return code === 'switch/unsound' || code === 'service/port-taken';
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
  const record = knownRecord(run);
  const { options } = parts;
  const wasStarted = hasStarted(linesOf(run));
  try {
    const isInPlace = isPlaced(linesOf(run)) || (await placeAgain(run, record, parts));
    // What was started may have been written to: the renames alone would throw that away.
    if (!isInPlace && !wasStarted) return await takeBack(run);
    if (!isInPlace) throw notPlaced(run);
    await timed(run, options, { phase: 'start', work: () => start(run) });
    await timed(run, options, { phase: 'verify', work: () => verify(run) });
    await timed(run, options, { phase: 'settle', work: () => settle(run, record) });
    await heed(run, 'settle');
  } catch (error) {
    run.findings.fault = faultOf(error);
    const next = nextFor(run);
    if (next === 'forward') throw error;
    return act(run, next, parts);
  }
  return resultOf(run.plan);
}

async function placeAgain(run: Run, record: StagedRecord, parts: RecoverParts): Promise<boolean> {
  for (let attempt = 1; attempt <= placeAttempts; attempt += 1) {
    try {
      await timed(run, parts.options, { phase: 'place', work: () => place(run, record) });
      return true;
    } catch (error) {
      if (error instanceof BackstepError && error.code === 'switch/aborted') throw error;
      run.findings.fault = faultOf(error);
    }
  }
  return false;
}

function notPlaced(run: Run): BackstepError {
  return new BackstepError('switch/inconsistent', {
    message: `what ${run.plan.run} staged cannot be placed, and its release was started already: ${run.findings.fault?.message ?? ''}`,
    hint: 'mend what is in the way, then `backstep resume`; docs/operating/inconsistent.md',
  });
}

/**
 * The target is in its place and is not sound. `undo` is the opposite switch, so that what was written
 * since the start is kept; `hold` leaves the decision to a person, the state written down.
 */
async function followPolicy(run: Run, parts: RecoverParts): Promise<RunResult> {
  await putInOrder(run, knownRecord(run));
  return conclude(run, mustHold(run) ? 'held' : await takeBackBySwitch(run, parts));
}

/**
 * Undoing a rollback from a damaged state would bring the damage back; and whoever has taken the port of the one release
 * has taken that of the other.
 */
function mustHold({ plan, findings }: Run): boolean {
  const isDamaged = findings.assets.some(({ notes }) =>
    notes.some((note) => note.startsWith('damaged')),
  );
  const isPortTaken = findings.fault?.code === 'service/port-taken';
  return plan.policy === 'hold' || plan.undoes !== null || isDamaged || isPortTaken;
}

/** Aborted between the commit record and the start, and the policy is to hold: nothing is started. */
async function standStill(run: Run, parts: RecoverParts): Promise<RunResult> {
  const record = knownRecord(run);
  // The wish to abort has been heeded; what is left is done without asking again.
  await place(run, record);
  return followPolicy(run, parts);
}

/** Held means: the target in its place with its data, the application stopped, a person decides. */
async function conclude(run: Run, result: RunResult): Promise<RunResult> {
  if (result !== 'held') return result;
  await run.ground.service.stop();
  await run.ground.service.unmask();
  return 'held';
}

/** The staged record, with what it says of the assets among the findings. */
function knownRecord(run: Run): StagedRecord {
  const record = requireRecord(run);
  if (run.findings.assets.length === 0) run.findings.assets = record.assets.map(assetOf);
  run.findings.survey ??= record.survey ?? null;
  return record;
}

function requireRecord(run: Run): StagedRecord {
  const record = readStaged(run.ground, run.workspace);
  if (record !== null) return record;
  throw new BackstepError('switch/journal', {
    message: `run ${run.plan.run} began to rename, but its list of renames is not there`,
    hint: '`backstep inspect` shows what lies where',
  });
}

/** Finishes or undoes one interrupted run and tells how it ended. */
export async function resumeRun(
  run: Run,
  parts: Omit<RecoverParts, 'failedPhase'>,
): Promise<RunReport> {
  try {
    await auditResumed(run);
    return await finish(run, await recover(run, { ...parts, failedPhase: null }));
  } finally {
    run.journal.close();
  }
}
