import { BackstepError } from '../fault/backstep-error.ts';
import type { Ground } from '../switch/ground.ts';
import { pendingEmergencies } from '../switch/emergency/emergency.ts';
import { interruptedRuns } from '../switch/recover/open-runs.ts';

/** Half-renamed assets are no state of the application: nothing is captured or planned on them. */
export function refuseInterrupted(ground: Ground): void {
  const [emergency] = pendingEmergencies(ground);
  if (emergency !== undefined) {
    throw new BackstepError('switch/interrupted-run', {
      message: `the emergency rollback in ${emergency.folder} is not on record yet`,
      hint: 'run `backstep resume` first',
    });
  }
  const [run] = interruptedRuns(ground);
  if (run === undefined) return;
  throw new BackstepError('switch/interrupted-run', {
    message: `${run} was interrupted, so what lies live is no whole state`,
    hint: 'run `backstep resume` first',
  });
}
