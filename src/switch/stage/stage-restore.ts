import type { SnapshotId } from '../../store/snapshot-id.ts';
import type { Book, Departure } from '../book.ts';
import type { OnProgress } from '../report/events.ts';
import type { Ground } from '../ground.ts';
import type { SwitchPlan } from '../plan.ts';
import type { UnitName } from '../../asset/asset.ts';
import { takesUnit } from '../selection.ts';
import { participants } from './stage-rollback.ts';
import { unmerged, type StagedSwitch } from './staged.ts';
import type { States } from './states.ts';
import type { Workspace } from './workspace.ts';

export interface RestoreStage {
  readonly book: Book;
  readonly states: States;
  readonly plan: SwitchPlan;
  /** The captured state that is wanted. */
  readonly wanted: SnapshotId | null;
  /** The safety snapshot: what was live. */
  readonly now: SnapshotId;
  readonly onProgress: OnProgress;
}

/** Brings assets to a captured state, as it was, under the release that runs. Writes nothing live. */
export async function stageRestore(
  ground: Ground,
  workspace: Workspace,
  { book, states, plan, wanted, now, onProgress }: RestoreStage,
): Promise<StagedSwitch> {
  if (wanted === null) throw new Error('a restore without a state');
  const state = states(wanted);
  const chosen = participants(ground, plan.only);
  const assets = chosen.map((asset, done) => {
    onProgress({ asset: asset.name, step: 'restore', done, total: chosen.length });
    const taken = (unit: UnitName): boolean =>
      takesUnit(ground, plan.only, { asset: asset.name, unit });
    const left = [...asset.live()].filter(([unit]) => !taken(unit));
    const restored = [...state.side(asset.name)].filter(([unit]) => taken(unit));
    return unmerged(asset.name, new Map([...left, ...restored]));
  });
  const departure: Departure = {
    run: workspace.run,
    from: plan.from,
    to: plan.to,
    at: new Date(ground.host.clock.now()).toISOString(),
    steps: [{ pair: null, displaced: now, result: wanted }],
  };
  return Promise.resolve({ assets, settlement: { book, pairs: [], departure } });
}
