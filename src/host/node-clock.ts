import { setTimeout as wait } from 'node:timers/promises';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Clock } from './clock.ts';

export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(durationMs, signal) {
    try {
      await wait(durationMs, undefined, signal ? { signal } : {});
    } catch (cause) {
      if (!signal?.aborted) throw cause;
      throw new BackstepError('interrupted', {
        message: 'the wait was cut short',
        hint: 'run the command again',
        cause,
      });
    }
  },
};
