import { join } from 'node:path/posix';
import type { Side } from '../../asset/asset.ts';
import { sideIn } from '../../asset/side.ts';
import { randomHex } from '../../host/random.ts';
import type { SnapshotId } from '../../store/snapshot-id.ts';
import type { Book, Departure, Pair } from '../book.ts';
import { readPair } from '../book.ts';
import { reversalOf } from '../decided.ts';
import type { OnProgress } from '../report/events.ts';
import type { Ground } from '../ground.ts';
import { earlierStates } from './earlier-states.ts';
import { mergeStates, type LatestState, type MergeStep } from './merge-states.ts';
import { partsOf, takesUnit } from '../selection.ts';
import { requireSoundReversal } from './sound-reversal.ts';
import { restoreAhead } from './restored-ahead.ts';
import { foldAll, liveState, madeState, participants, type Preparing } from './stage-rollback.ts';
import type { StagedAsset, StagedSwitch } from './staged.ts';
import { captureStaged, knownBy, type States } from './states.ts';
import { parkedFolderOf, type Workspace } from './workspace.ts';

export interface ReturnStage {
  readonly book: Book;
  readonly departure: Departure;
  readonly states: States;
  /** The older release's state now. */
  readonly now: SnapshotId;
  /** Assets that take part; null for all of them. */
  readonly only: readonly string[] | null;
  /** The rollback that was on record before the run that is taken back put its own there. */
  readonly former?: Departure | null;
  readonly onProgress: OnProgress;
  /** Awaited while it is merged: where it throws, the stage ends with that. */
  readonly pause?: () => Promise<void>;
}

/**
 * Goes forward again, step by step as the rollback went back:
 * the displaced state ⊕ forth(diff(state right after the rollback, now)). Each step makes a pair.
 */
export async function stageReturn(
  ground: Ground,
  workspace: Workspace,
  stage: ReturnStage,
): Promise<StagedSwitch> {
  const { states } = stage;
  const { at } = stage.departure;
  let latest: LatestState = {
    ...liveState(states(stage.now)),
    earlier: earlierStates(ground, { now: stage.now, at, work: workspace.work }),
  };
  let before = stage.now;
  let assets: StagedAsset[] = [];
  const pairs: Pair[] = [];
  const { departure } = stage;
  const known = knownBy(
    ground,
    states(stage.now),
    departure.steps.flatMap((step) => [states(step.displaced), states(step.result)]),
  );
  for (const [index, step] of departure.steps.toReversed().entries()) {
    const old = step.pair === null ? null : readPair(ground.host, ground.folders, step.pair);
    const stepName = String(departure.steps.length - index);
    const made = await mergeStates(ground, workspace, {
      assets: participants(ground, stage.only),
      step: {
        name: String(index + 1),
        direction: 'forth',
        takes: (asset, unit) => takesUnit(ground, stage.only, { asset, unit }),
        partsOf: (asset) => partsOf(ground, stage.only, asset),
        onProgress: stage.onProgress,
        pause: stage.pause,
        base: states(step.displaced),
        origin: states(step.result),
        latest,
        reversal: old === null ? null : reversalOf(ground, old),
        decisionsOf: () => [],
        ...(old === null ? {} : { rolledBack: rolledBackBy(ground, stage, { old, stepName }) }),
      },
    });
    const after = await captureStaged(ground, made, { label: `returned ${workspace.run}`, known });
    if (old !== null) pairs.push(pairAfter(ground, workspace, { old, before, after }));
    assets = index === 0 ? made : foldAll(assets, made);
    [latest, before] = [madeState(made), after];
  }
  // What left the release in its place changed nothing on record, and neither does taking it back.
  const isOnRecord = stage.book.departure?.run === departure.run;
  if (!isOnRecord || pairs.length === 0) {
    const former = isOnRecord ? (stage.former ?? null) : null;
    const book = former === null ? stage.book : { ...stage.book, departure: former };
    return { assets, settlement: { book, pairs: [] } };
  }
  return { assets, settlement: { book: bookAfter(stage, pairs), pairs } };
}

/** What the rollback refused to carry is known from its pair and from what it parked. */
function rolledBackBy(
  ground: Ground,
  { states, departure }: ReturnStage,
  { old, stepName }: { readonly old: Pair; readonly stepName: string },
): NonNullable<MergeStep['rolledBack']> {
  return (asset, units) => ({
    before: states(old.before).side(asset, units),
    after: states(old.after).side(asset, units),
    parked: parkedSide(ground, departure, { asset, step: stepName }),
  });
}

/** What one step of the rollback parked of an asset, by the names that its kind gave. */
function parkedSide(
  ground: Ground,
  departure: Departure,
  { asset, step }: { readonly asset: string; readonly step: string },
): Side {
  return sideIn(ground.host.disk, join(parkedFolderOf(ground, departure.run, asset), step));
}

/**
 * Restores, while the application still runs, what the merge will read of the rollback's states, and checks reversal
 * files that were changed since they were checked last. Throws `reversal/unsound`.
 */
export async function prepareReturn(
  ground: Ground,
  { workspace, states, bulk }: Preparing,
  departure: Departure,
): Promise<void> {
  for (const step of departure.steps) {
    if (step.pair !== null) {
      const pair = readPair(ground.host, ground.folders, step.pair);
      const [before, after] = [states(pair.before), states(pair.after)];
      const folder = join(workspace.work, 'reversal', pair.id);
      await requireSoundReversal(ground, { pair, before, after, folder });
    }
    if (bulk === null) continue;
    const [base, origin] = [states(step.displaced), states(step.result)];
    restoreAhead(ground, { base, origin, bulk });
  }
}

function pairAfter(
  ground: Ground,
  workspace: Workspace,
  made: { readonly old: Pair; readonly before: SnapshotId; readonly after: SnapshotId },
): Pair {
  return {
    ...made.old,
    id: newPairId(ground),
    run: workspace.run,
    at: new Date(ground.host.clock.now()).toISOString(),
    way: 'returned',
    before: made.before,
    after: made.after,
  };
}

export function newPairId(ground: Ground): string {
  const time = new Date(ground.host.clock.now()).toISOString().replaceAll(/[-:.]/g, '');
  return `pair-${time}-${randomHex(ground.host.random, 3)}`;
}

function bookAfter(stage: ReturnStage, pairs: readonly Pair[]): Book {
  return {
    ...stage.book,
    release: stage.departure.from,
    lineage: [...stage.book.lineage, ...pairs.map(({ id }) => id)],
    departure: null,
    holds: stage.book.holds.filter(({ release }) => release !== stage.departure.from),
  };
}
