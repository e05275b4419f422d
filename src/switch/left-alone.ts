import type { UnitName } from '../asset/asset.ts';
import type { StagedRecord } from './stage/staged.ts';
import type { States } from './stage/states.ts';

/** The units of an asset that a run captured and did not move. */
export function leftAlone(
  states: States,
  { moves, now }: Pick<StagedRecord, 'moves' | 'now'>,
  asset: string,
): ReadonlySet<UnitName> {
  const left = new Set(states(now).units(asset).keys());
  for (const move of moves) if (move.asset === asset) left.delete(move.unit);
  return left;
}
