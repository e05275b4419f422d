import type { Clock } from '../host/clock.ts';
import type { Measurement, Outcome, Probe } from './outcome.ts';

/** How an application ended before it was ready. */
export interface EarlyEnd {
  readonly detail: string;
  /** What it wrote last, oldest first. */
  readonly lastLines: readonly string[];
}

export interface ReadyGate {
  /** null: there is nothing to ask; ready once it has been alive for a second. */
  readonly probe: Probe | null;
  /** On the monotonic clock; nothing moves it. */
  readonly deadlineMs: number;
  /** At most so long between two measurements; the first ones come sooner. Default 500. */
  readonly everyMs?: number | undefined;
  /** How the application ended, if it has; asked before and after each measurement. */
  readonly ended: () => Promise<EarlyEnd | null>;
  readonly signal?: AbortSignal | undefined;
}

export interface ReadyVerdict {
  /** Only `Successful` lets anybody in. */
  readonly outcome: Outcome;
  readonly detail: string;
  readonly measuredCount: number;
  readonly waitedMs: number;
  readonly ended: EarlyEnd | null;
}

/**
 * Waits until the application is ready, has ended, or the deadline is over, whichever comes first.
 * An end is reported at once. At the deadline the verdict is that of the last measurement.
 * Throws `interrupted` when the signal is aborted.
 */
export async function awaitReady(gate: ReadyGate, clock: Clock): Promise<ReadyVerdict> {
  const startedMs = clock.monotonicMs();
  let last: Measurement = { outcome: 'Error', detail: 'the deadline was over before it was asked' };
  const verdict = (measuredCount: number, found: Measurement, ended: EarlyEnd | null) => {
    const waitedMs = clock.monotonicMs() - startedMs;
    return { ...found, measuredCount, waitedMs, ended };
  };
  for (let count = 0; ; count += 1) {
    const leftMs = gate.deadlineMs - clock.monotonicMs();
    if (leftMs > 0 && count > 0)
      await clock.sleep(Math.min(waitMs(count, gate.everyMs), leftMs), gate.signal);
    const limitMs = Math.min(gate.deadlineMs - clock.monotonicMs(), longestProbeMs);
    const before = await gate.ended();
    if (before !== null) return verdict(count, failedBy(before), before);
    if (limitMs <= 0) return verdict(count, last, null);
    const found =
      gate.probe === null
        ? aliveFor(clock.monotonicMs() - startedMs)
        : await gate.probe({ limitMs, signal: gate.signal });
    // A probe that the deadline cut short says less than the whole one before it.
    const isCutShort = limitMs < longestProbeMs && found.outcome === 'Error' && count > 0;
    if (!isCutShort) last = found;
    // An answer may have come from somebody else on the same port, while ours has ended.
    const after = await gate.ended();
    if (after !== null) return verdict(count + 1, failedBy(after), after);
    if (last.outcome === 'Successful') return verdict(count + 1, last, null);
  }
}

function aliveFor(aliveMs: number): Measurement {
  const detail = `it runs since ${Math.round(aliveMs)} ms; no probe is declared`;
  return { outcome: aliveMs >= soundMs ? 'Successful' : 'Inconclusive', detail };
}

function failedBy(end: EarlyEnd): Measurement {
  return { outcome: 'Failed', detail: `the application ended: ${end.detail}` };
}

/** Often at first, as most applications are ready soon. */
function waitMs(count: number, everyMs = 500): number {
  return Math.min(20 * count, everyMs);
}

const soundMs = 1000;
/** A request that hangs is given up, and the next one may be answered. */
const longestProbeMs = 5000;
