import { join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Released } from '../service/released.ts';
import type { SnapshotId } from '../store/snapshot-id.ts';
import { abortRequest } from './recover/abort.ts';
import { auditBegun } from './report/audited.ts';
import type { Ground } from './ground.ts';
import { Journal } from './journal.ts';
import type { Phase } from './phases.ts';
import { faultOf, finish, heed, resultOf, timed, type Kinds, type RunOptions } from './ending.ts';
import { writePlan, type SwitchPlan } from './plan.ts';
import { recover } from './recover/recover.ts';
import { noFindings, type Findings, type RunReport } from './report/report.ts';
import {
  capture,
  displace,
  place,
  preflight,
  settle,
  stage,
  start,
  stop,
  verify,
  type Run,
} from './run.ts';
import type { StagedRecord } from './stage/staged.ts';
import { openStates } from './stage/states.ts';
import { openWorkspace } from './stage/workspace.ts';

/**
 * Runs one switch from its plan to settled, or back. The caller holds the lock.
 * Crash: `recover` finishes or undoes it from its journal, whatever line it ended with.
 * Throws BackstepError where it was refused with nothing touched; every other end is in the report.
 */
export async function runSwitch(
  ground: Ground,
  plan: SwitchPlan,
  { kinds, options }: { readonly kinds: Kinds; readonly options: RunOptions },
): Promise<RunReport> {
  await auditBegun(ground, plan);
  writePlan(ground, plan);
  const run = beginRun(ground, plan, { kinds, options, findings: noFindings() });
  try {
    const failure = await forward(run, options);
    if (failure === null) return await finish(run, resultOf(plan));
    run.findings.fault = faultOf(failure.error);
    const end = await recover(run, { kinds, options, failedPhase: failure.phase });
    const report = await finish(run, end);
    if (end === 'abandoned' && failure.error instanceof BackstepError) throw failure.error;
    return report;
  } finally {
    run.journal.close();
  }
}

export function beginRun(
  ground: Ground,
  plan: SwitchPlan,
  parts: { readonly kinds: Kinds; readonly options: RunOptions; readonly findings: Findings },
): Run {
  const workspace = openWorkspace(ground, plan.run);
  return {
    ground,
    plan,
    journal: Journal.open(ground.host, ground.folders.journal, plan.run),
    workspace,
    states: openStates(ground, join(workspace.work, 'states')),
    ahead: new Map(),
    prepare: parts.kinds.prepareOf(plan),
    findings: parts.findings,
    signal: parts.options.signal,
    aborted: abortedWith(ground, plan, parts.options.signal),
    tell: parts.options.onEvent,
    decide: parts.options.decide ?? (() => Promise.resolve(new Map())),
    stage: parts.kinds.stageOf(plan),
  };
}

/** `abort` writes its request before it signals the process. */
function abortedWith(ground: Ground, plan: SwitchPlan, signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  signal.addEventListener('abort', () => {
    if (abortRequest(ground, plan.run) !== null) controller.abort();
  });
  return controller.signal;
}

interface Failure {
  readonly phase: Phase;
  readonly error: unknown;
}

/** The recipe. Null where every phase succeeded. */
async function forward(run: Run, options: RunOptions): Promise<Failure | null> {
  let phase: Phase = 'preflight';
  const during = async <T>(next: Phase, work: () => Promise<T> | T): Promise<T> => {
    phase = next;
    return timed(run, options, { phase, work });
  };
  try {
    await during('preflight', () => preflight(run));
    const released: Released = await during('quiesce', () => stop(run));
    const now: SnapshotId = await during('capture', () => capture(run, released));
    const record: StagedRecord = await during('stage', () => stage(run, now));
    await during('displace', () => displace(run, record));
    await during('commit', () => undefined);
    await during('place', () => place(run, record));
    await during('start', () => start(run));
    await during('verify', () => verify(run));
    await during('settle', () => settle(run, record));
    await heed(run, 'settle');
    return null;
  } catch (error) {
    return { phase, error };
  }
}
