import { BackstepError } from '../../fault/backstep-error.ts';
import { join } from 'node:path/posix';
import { readPair, type Departure } from '../book.ts';
import { emergencyOf } from './emergency-record.ts';
import { carriedMark, unitsOf, unitNames } from './emergency-units.ts';
import { stateAssets, type Ground } from '../ground.ts';
import { exists } from '../moves.ts';
import { makePlan, type SwitchPlan } from '../plan.ts';
import { openState } from '../stage/states.ts';
import { differingUnits } from '../stage/unit-lines.ts';
import { bookNow } from '../whereabouts.ts';

/** What scripts of the emergency kit left with the newer release, and Backstep can still bring into the older one. */
export interface Uncarried {
  /** The run by which their rollback is on record. */
  readonly run: string;
  readonly pair: string;
  readonly departure: Departure;
  /** Assets that came back as before the upgrade, and were changed after it. Never empty. */
  readonly assets: readonly string[];
}

/** Null where nothing waits. Reads records and listings alone. */
export function uncarried(ground: Ground): Uncarried | null {
  const { departure } = bookNow(ground);
  const [step] = departure?.steps ?? [];
  if (departure === null || step === undefined || step.pair === null) return null;
  const emergency = emergencyOf(ground, step.pair);
  if (emergency?.run !== departure.run) return null;
  const { folder } = emergency;
  const after = openState(ground, readPair(ground.host, ground.folders, step.pair).after, '');
  const left = openState(ground, step.displaced, '');
  const units = unitsOf(ground, folder);
  const assets = stateAssets(ground).filter((asset) => {
    if (exists(ground.host.disk, join(folder, carriedMark(asset.name)))) return false;
    const names = unitNames(asset, units);
    const changed = differingUnits([left.units(asset.name), after.units(asset.name)]);
    return [...changed].some((unit) => names.has(unit));
  });
  if (assets.length === 0) return null;
  const names = assets.map(({ name }) => name);
  return { run: departure.run, pair: step.pair, departure, assets: names };
}

/** What a run is to do that carries it. Throws `switch/refused` where nothing waits. */
export function carryPlan(
  ground: Ground,
  { policy, starts }: { readonly policy: 'undo' | 'hold'; readonly starts: boolean },
): SwitchPlan {
  const left = uncarried(ground);
  if (left === null) throw nothingWaits();
  return makePlan(ground, {
    kind: 'carry',
    from: left.departure.to,
    to: left.departure.to,
    reason: `what ${left.run} left out`,
    pairs: [left.pair],
    only: left.assets,
    policy,
    starts,
  });
}

function nothingWaits(): BackstepError {
  return new BackstepError('switch/refused', {
    message: 'no script of the emergency kit left anything out that could be carried',
    hint: 'see `backstep status`',
  });
}
