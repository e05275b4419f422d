import { parseDecide } from '../law/reversal/place-name.ts';
import type { Decision } from '../law/place.ts';
import type { DecisionsByAsset } from '../switch/decided.ts';
import { reportPageOf, type RunOptions } from '../switch/ending.ts';
import type { Ground } from '../switch/ground.ts';
import { resumeAll } from '../switch/operations.ts';
import type { RunResult } from '../switch/phases.ts';
import type { RunReport } from '../switch/report/report.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import { alone } from './alone.ts';
import type { Call } from './context.ts';
import { runLines } from './run-lines.ts';
import { tellEvent } from './run-events.ts';
import type { Asking } from './terminal/ask.ts';

/** How a run's end is told to the shell. */
const exitCodes: Readonly<Record<RunResult, number>> = {
  upgraded: 0,
  'rolled-back': 0,
  returned: 0,
  restored: 0,
  carried: 0,
  undone: 4,
  abandoned: 4,
  held: 7,
  inconsistent: 5,
};

/** Does one run alone, after what was interrupted has come to its end, and tells what came of it. */
export async function runAndTell(
  call: Call,
  ground: Ground,
  work: { readonly purpose: string; readonly run: (options: RunOptions) => Promise<RunReport> },
): Promise<number> {
  const options = runOptions(call);
  const report = await alone(call, ground, {
    purpose: work.purpose,
    work: async () => {
      for (const resumed of await resumeAll(ground, options)) tellResumed(call, resumed);
      return work.run(options);
    },
  });
  tellEnd(call, ground, report);
  return exitCodeOf(report);
}

/** The last event, and the report with the path of its page. */
export function tellEnd(call: Call, ground: Ground, report: RunReport): void {
  const { run, result } = report;
  call.output.event({ type: 'result', run, result, exitCode: exitCodeOf(report) }, null);
  call.output.result(report, [
    ...runLines(ground, report),
    `report: ${reportPageOf(ground, report.run)}`,
  ]);
}

export function exitCodeOf(report: RunReport): number {
  return exitCodes[report.result];
}

export function tellResumed(call: Call, { run, result }: RunReport): void {
  const line = `an interrupted run came to its end: ${run}: ${result}`;
  call.output.event({ type: 'result', run, result }, line);
}

export function runOptions(call: Call): RunOptions {
  call.signal.addEventListener('abort', () => call.output.say([stopping]), { once: true });
  return { signal: call.signal, onEvent: tellEvent(call.output) };
}

const stopping =
  'interrupted: before its commit record the run takes itself back, after it goes on to its end';

/** `--decide PLACE=CHOICE`, given any number of times. Throws `reversal/decision`. */
export function decisionsFrom(call: Call, written: readonly string[]): DecisionsByAsset {
  const at = new Date(call.host.clock.now()).toISOString();
  const decisions: Record<string, Decision[]> = {};
  for (const text of written) {
    const { asset, place, choice } = parseDecide(text);
    (decisions[asset] ??= []).push({ place, choice, by: 'operator', at, evidence: '--decide' });
  }
  return decisions;
}

/** Where a person can be asked; null without a terminal, and under `--json`, which a program reads. */
export function askingOf({ terminal, output, signal }: Call): Asking | null {
  return terminal === null || output.isJson ? null : { terminal, signal };
}

/** A run that changes the application is asked about on a terminal, and needs --yes without one. */
export function requireYes(call: Call, yes: boolean, what: string): void {
  requireFlag(call, yes, { flag: '--yes', what });
}

/** The same, where another flag confirms. */
export function requireFlag(
  call: Call,
  isGiven: boolean,
  { flag, what }: { readonly flag: string; readonly what: string },
): void {
  if (isGiven || askingOf(call) !== null) return;
  throw new BackstepError('usage', {
    message: `${what} was not confirmed, and there is no terminal to ask at`,
    hint: `add ${flag}`,
  });
}
