import { stateAssets, type Ground } from '../ground.ts';
import type { CapturedState } from './states.ts';
import { differingUnits } from './unit-lines.ts';

/** The two captured states of a merge, and what was live shortly before it. */
export interface Ahead {
  readonly base: CapturedState;
  readonly origin: CapturedState;
  readonly bulk: CapturedState;
}

/**
 * Restores, while the application still runs, what a merge will read; what it turns out to need beyond that is restored
 * when it asks. Where nothing changed since the origin, nothing is read of it.
 */
export function restoreAhead(ground: Ground, { base, origin, bulk }: Ahead): void {
  for (const { name } of stateAssets(ground)) {
    const differing = differingUnits([base.units(name), origin.units(name)]);
    if (differing.size === 0) continue;
    base.side(name, differing);
    const changed = differingUnits([origin.units(name), bulk.units(name)]);
    if (changed.size > 0) origin.side(name, differing);
  }
}
