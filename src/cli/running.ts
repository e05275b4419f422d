import { parseDecide } from '../law/reversal/place-name.ts';
import type { Decision } from '../law/place.ts';
import type { DecisionsByAsset } from '../switch/decided.ts';
import type { RunOptions } from '../switch/ending.ts';
import type { Ground } from '../switch/ground.ts';
import { exclusively, resumeAll } from '../switch/operations.ts';
import type { RunResult } from '../switch/phases.ts';
import type { RunReport } from '../switch/report.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Call } from './context.ts';
import { duration } from './output.ts';
import { runLines } from './run-lines.ts';

/** How a run's end is told to the shell. */
const exitCodes: Readonly<Record<RunResult, number>> = {
  upgraded: 0,
  'rolled-back': 0,
  returned: 0,
  restored: 0,
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
  const report = await exclusively(ground, { purpose: work.purpose, waitMs: 0 }, async () => {
    for (const resumed of await resumeAll(ground, options)) tellResumed(call, resumed);
    return work.run(options);
  });
  call.output.result(report, runLines(ground, report));
  return exitCodeOf(report);
}

export function exitCodeOf(report: RunReport): number {
  return exitCodes[report.result];
}

export function tellResumed(call: Call, report: RunReport): void {
  call.output.event(
    { type: 'result', run: report.run, result: report.result },
    `an interrupted run came to its end: ${report.run}: ${report.result}`,
  );
}

export function runOptions(call: Call): RunOptions {
  const startedMs = call.host.clock.monotonicMs();
  return {
    signal: call.signal,
    onEvent: (event) => {
      if (event.type === 'progress' || event.type === 'check') {
        if (call.output.isJson) call.output.event({ ...event }, '');
        return;
      }
      const ts = new Date(call.host.clock.now()).toISOString();
      const elapsed = duration(call.host.clock.monotonicMs() - startedMs);
      const line =
        event.type === 'warning'
          ? `warning: ${event.message}`
          : `${event.state === 'begun' ? '…' : event.state === 'done' ? '✓' : '✗'} ${event.phase}  (${elapsed})`;
      if (call.output.isJson || event.type === 'warning' || event.state !== 'begun') {
        call.output.event({ ts, ...event }, line);
      }
    },
  };
}

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

/** A run that changes the application is asked about on a terminal, and needs --yes without one. */
export function requireYes(call: Call, yes: boolean, what: string): void {
  if (yes || call.isTerminal) return;
  throw new BackstepError('usage', {
    message: `${what} was not confirmed, and there is no terminal to ask at`,
    hint: 'add --yes',
  });
}
