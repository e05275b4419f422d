import { BackstepError } from '../fault/backstep-error.ts';
import { parseDuration, parseTime } from '../form/units.ts';
import type { Call } from './context.ts';
import { duration } from './output.ts';

const longestWaitMs = 31 * 24 * 3_600_000;
/** How often the line on a terminal is drawn anew, and the clock is read: it may be set in between. */
const tickMs = 1000;

/** `--at`: a time with its zone, or `+30m` from now; milliseconds since 1970. Throws `usage`. */
export function parseAt(written: string, nowMs: number): number {
  const inMs = written.startsWith('+') ? parseDuration(written.slice(1)) : null;
  const time = parseTime(written);
  const at = inMs !== null ? nowMs + inMs : time === null ? null : Date.parse(time);
  if (at === null) throw wrong(written, 'neither a time nor a duration from now');
  if (at < nowMs) throw wrong(written, 'is in the past');
  if (at - nowMs > longestWaitMs) throw wrong(written, 'is more than 31 days away');
  return at;
}

function wrong(written: string, why: string): BackstepError {
  return new BackstepError('usage', {
    message: `--at ${written}: ${why}`,
    hint: 'for instance --at 2026-02-14T02:30:00Z, --at 2026-02-14T02:30+01:00 or --at +30m',
  });
}

/** Waits in the foreground, with a countdown on a terminal. Throws `interrupted`; nothing is held meanwhile. */
export async function waitUntil(call: Call, atMs: number, what: string): Promise<void> {
  const { clock } = call.host;
  const at = new Date(atMs).toISOString();
  call.output.say([`${what} begins at ${at}; Ctrl-C calls it off`]);
  for (;;) {
    const leftMs = atMs - clock.now();
    if (leftMs <= 0) return;
    call.output.progress(`${what} begins in ${duration(Math.ceil(leftMs / 1000) * 1000)} ...`);
    await clock.sleep(Math.min(tickMs, leftMs), call.signal);
  }
}
