import { join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import { asRefusal } from '../sqlite/refusal.ts';
import type { Ground } from './ground.ts';
import { auditEnded } from './report/audited.ts';
import { abortRequest, aborted } from './recover/abort.ts';
import { isBeforeCommit, type Phase, type RunResult } from './phases.ts';
import { replaceWhole } from '../host/whole-file.ts';
import type { RunEvent } from './report/events.ts';
import type { SwitchPlan } from './plan.ts';
import { renderRunHtml } from './report/report-html.ts';
import { reportOf, writeReport, type RunReport } from './report/report.ts';
import type { Run } from './run.ts';
import type { DecideUpgrade } from './survey-upgrade.ts';

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
  /** Asked before the commit record of an upgrade; without it every question takes its unattended default. */
  readonly decide?: DecideUpgrade;
}

/** How each kind of run is staged, and how it is taken back. */
export interface Kinds {
  prepareOf(plan: SwitchPlan): Run['prepare'];
  stageOf(plan: SwitchPlan): Run['stage'];
  /** The opposite switch of one that is not sound; null where there is none. */
  undoOf(plan: SwitchPlan): SwitchPlan | null;
  begin(plan: SwitchPlan, options: RunOptions): Promise<RunReport>;
  /** Brings an interrupted run to its end. */
  resume(run: string, options: RunOptions): Promise<RunReport>;
}

/** One phase between two lines of the journal. */
export async function timed<T>(
  run: Run,
  options: RunOptions,
  { phase, work }: { readonly phase: Phase; readonly work: () => Promise<T> | T },
): Promise<T> {
  const { clock } = run.ground.host;
  const tell = (state: 'begun' | 'done' | 'failed', ms?: number): void =>
    options.onEvent({
      type: 'phase',
      run: run.plan.run,
      phase,
      state,
      ...(ms === undefined ? {} : { ms }),
    });
  const startedMs = clock.monotonicMs();
  try {
    // The line that `commit` begins with is the commit record: a wish to go back is heeded before it.
    await heed(run, phase);
    run.journal.write({ event: 'begun', phase });
    tell('begun');
    const result = await work();
    const ms = Math.round(clock.monotonicMs() - startedMs);
    run.journal.write({ event: 'done', phase, ms });
    tell('done', ms);
    return result;
  } catch (error) {
    const why = reasonOf(run, phase, error);
    const { code, message } = faultOf(why);
    run.journal.write({ event: 'failed', phase, code, message });
    tell('failed', Math.round(clock.monotonicMs() - startedMs));
    throw why;
  }
}

/**
 * Ends the run at a step where a person wants it back: by `abort` at any one, by a signal before the commit
 * record. Throws `switch/aborted` and `interrupted`.
 */
export async function heed(run: Run, phase: Phase): Promise<void> {
  // Signals are delivered between turns of the event loop, and the phases before may not have ended one.
  await run.ground.host.clock.sleep(0);
  const request = abortRequest(run.ground, run.plan.run);
  if (request !== null) throw aborted(phase, request);
  if (run.signal.aborted && isUncommitted(phase)) throw interrupted(phase);
}

/** What a step fails with once a person wants the run back says less than that wish. */
function reasonOf(run: Run, phase: Phase, error: unknown): unknown {
  const code = error instanceof BackstepError ? error.code : null;
  if (code === 'switch/aborted') return error;
  const request = abortRequest(run.ground, run.plan.run);
  const isInterrupted = run.signal.aborted && isUncommitted(phase);
  if (request !== null && (isInterrupted || code === 'interrupted')) {
    return aborted(phase, request, error);
  }
  return isInterrupted ? interrupted(phase, error) : error;
}

function isUncommitted(phase: Phase): boolean {
  return isBeforeCommit(phase) || phase === 'commit';
}

/** A signal of the terminal reaches the commands of the run as well: what they say of it is not why it ended. */
function interrupted(phase: Phase, cause?: unknown): BackstepError {
  if (cause instanceof BackstepError && cause.code === 'interrupted') return cause;
  return new BackstepError('interrupted', {
    message: `the run was interrupted ${cause === undefined ? 'before' : 'during'} ${phase}`,
    hint: 'nothing was changed; the application runs as before',
    cause,
  });
}

/** Where the page of a run's report lies. */
export function reportPageOf({ folders }: Ground, run: string): string {
  return join(folders.runs, run, 'report.html');
}

/** The page of a report, beside it. */
export function writeReportPage(ground: Ground, report: RunReport): void {
  const bytes = Buffer.from(renderRunHtml(report));
  replaceWhole(ground.host, reportPageOf(ground, report.run), { bytes, mode: 0o600 });
}

/** Writes the last line of the journal, the report as a document and as a page, and the entry in the audit log. */
export async function finish(run: Run, result: RunResult): Promise<RunReport> {
  run.journal.write({ event: 'ended', result });
  const report = reportOf(run.ground, run.plan, { result, findings: run.findings });
  writeReport(run.ground, report);
  writeReportPage(run.ground, report);
  await auditEnded(run, report);
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
    case 'restore':
      return 'restored';
    case 'carry':
      return 'carried';
  }
}

export function faultOf(thrown: unknown): { code: string; message: string; hint: string } {
  const error = asRefusal(thrown);
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
