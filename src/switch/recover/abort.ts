import { join } from 'node:path/posix';
import { z } from 'zod';
import { BackstepError } from '../../fault/backstep-error.ts';
import { lockHolder } from '../../store/lock.ts';
import { readRecord, writeRecord } from '../book.ts';
import type { Ground } from '../ground.ts';
import type { Phase } from '../phases.ts';

/** A person's wish that a run goes back: `runs/<run>/abort.json`. Times are ISO 8601, UTC. */
const request = z.object({ v: z.literal(1), at: z.string(), reason: z.string() });
export type AbortRequest = z.output<typeof request>;

/** What a person asked of a run; null where nobody did. Cheap: asked at each step. */
export function abortRequest(ground: Ground, run: string): AbortRequest | null {
  return readRecord(ground.host, requestFile(ground, run), request);
}

/**
 * Writes the wish down, durably, and wakes the process that holds the lock, by its recorded identity, so that it
 * does not wait any longer for what it waits for. A process that cannot be signalled sees it at its next step.
 */
export function requestAbort(ground: Ground, run: string, reason: string): void {
  const at = new Date(ground.host.clock.now()).toISOString();
  writeRecord(ground.host, requestFile(ground, run), { v: 1, at, reason });
  const holder = lockHolder(ground.host, ground.folders.lock);
  if (holder !== null) ground.host.processes.signal(holder.identity, 'SIGTERM');
}

export function aborted(phase: Phase, { reason }: AbortRequest, cause?: unknown): BackstepError {
  return new BackstepError('switch/aborted', {
    message: `aborted at ${phase}: ${reason}`,
    hint: '`backstep status` shows where the application stands',
    ...(cause === undefined ? {} : { cause }),
  });
}

function requestFile(ground: Ground, run: string): string {
  return join(ground.folders.runs, run, 'abort.json');
}
