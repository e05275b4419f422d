import { join } from 'node:path/posix';
import type { AssetHandler, EarlierState, Side, UnitName } from '../../asset/asset.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { removeTree } from '../../host/whole-file.ts';
import type { SnapshotId } from '../../store/snapshot-id.ts';
import { statesOf } from '../as-of.ts';
import type { Ground } from '../ground.ts';
import { openState } from './states.ts';

/** The captured states of an asset that came before another one, newest first. */
export type EarlierStates = (
  asset: AssetHandler,
  units: ReadonlySet<UnitName>,
) => Iterable<EarlierState>;

export interface Since {
  /** Before this one. */
  readonly now: SnapshotId;
  /** ISO 8601, UTC: not before the release that runs came. */
  readonly at: string;
  /** A working folder; what was passed over is removed from it. */
  readonly work: string;
}

/** A restore chose another state: what was captured before it is none of those that led to this one. */
const beforeRestore = /^now restore-\S+$/;

/** Restores what was captured of the live state since the release came, one state after another, as they are asked for. */
export function earlierStates(ground: Ground, { now, at, work }: Since): EarlierStates {
  return function* restored({ name }, units) {
    const states = statesOf(ground, at);
    const before = states.slice(
      0,
      states.findIndex(({ id }) => id === now),
    );
    for (const { id, label, createdNs } of before.toReversed()) {
      if (beforeRestore.test(label)) return;
      const folder = join(work, 'earlier', name, id);
      const captured = new Date(Number(createdNs / 1_000_000n)).toISOString();
      yield { id, at: captured, side: sideOf(ground, { id, folder }, { asset: name, units }) };
      removeTree(ground.host.disk, folder);
    }
  };
}

/** Empty where the store cannot give it whole. */
function sideOf(
  ground: Ground,
  { id, folder }: { readonly id: SnapshotId; readonly folder: string },
  { asset, units }: { readonly asset: string; readonly units: ReadonlySet<UnitName> },
): Side {
  try {
    return openState(ground, id, folder).side(asset, units);
  } catch (error) {
    if (error instanceof BackstepError && error.code.startsWith('store/')) return new Map();
    throw error;
  }
}
