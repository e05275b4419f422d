import { BackstepError } from '../fault/backstep-error.ts';
import type { Clock } from '../host/clock.ts';

/** Sleeps, or returns early when the signal is aborted: for those who then look for themselves. */
export async function pause(clock: Clock, durationMs: number, wake?: AbortSignal): Promise<void> {
  try {
    await clock.sleep(durationMs, wake);
  } catch (error) {
    if (error instanceof BackstepError && error.code === 'interrupted' && wake?.aborted) return;
    throw error;
  }
}
