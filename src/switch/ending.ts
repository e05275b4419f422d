import { BackstepError } from '../fault/backstep-error.ts';
import { isBeforeCommit, type Phase, type RunResult } from './phases.ts';
import type { SwitchPlan } from './plan.ts';
import { reportOf, writeReport, type RunReport } from './report.ts';
import type { Run } from './run.ts';

/** What a run tells while it is under way. */
export type RunEvent =
  | { readonly type: 'phase'; readonly phase: Phase; readonly state: 'begun' | 'done' | 'failed' }
  | { readonly type: 'warning'; readonly message: string };

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
}

/** How each kind of run is staged, and how it is taken back. */
export interface Kinds {
  prepareOf(plan: SwitchPlan): Run['prepare'];
  stageOf(plan: SwitchPlan): Run['stage'];
  /** Runs the opposite switch; null where there is none. */
  undo(plan: SwitchPlan, options: RunOptions): Promise<RunReport | null>;
}

/** One phase between two lines of the journal. An interruption is heeded before the commit record. */
export async function timed<T>(
  run: Run,
  options: RunOptions,
  { phase, work }: { readonly phase: Phase; readonly work: () => Promise<T> | T },
): Promise<T> {
  const { clock } = run.ground.host;
  run.journal.write({ event: 'begun', phase });
  options.onEvent({ type: 'phase', phase, state: 'begun' });
  const startedMs = clock.monotonicMs();
  try {
    // Signals are delivered between turns of the event loop, and the phases before may not have ended one.
    await clock.sleep(0);
    if (run.signal.aborted && isBeforeCommit(phase)) throw interrupted(phase);
    const result = await work();
    run.journal.write({ event: 'done', phase, ms: Math.round(clock.monotonicMs() - startedMs) });
    options.onEvent({ type: 'phase', phase, state: 'done' });
    return result;
  } catch (error) {
    const { code, message } = faultOf(error);
    run.journal.write({ event: 'failed', phase, code, message });
    options.onEvent({ type: 'phase', phase, state: 'failed' });
    throw error;
  }
}

function interrupted(phase: Phase): BackstepError {
  return new BackstepError('interrupted', {
    message: `the run was interrupted before ${phase}`,
    hint: 'nothing was changed; the application runs as before',
  });
}

/** Writes the last line of the journal and the report. */
export function finish(run: Run, result: RunResult): RunReport {
  run.journal.write({ event: 'ended', result });
  const report = reportOf(run.ground, run.plan, { result, findings: run.findings });
  writeReport(run.ground, report);
  return report;
}

export function resultOf(plan: SwitchPlan): RunResult {
  switch (plan.kind) {
    case 'upgrade':
      return 'upgraded';
    case 'rollback':
      return 'rolled-back';
    case 'return':
      return 'returned';
  }
}

export function faultOf(error: unknown): { code: string; message: string; hint: string } {
  if (error instanceof BackstepError) {
    return { code: error.code, message: error.message, hint: error.hint };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: 'defect',
    message,
    hint: 'this is a defect of Backstep: report it with the run’s folder',
  };
}
