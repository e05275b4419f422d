import { join } from 'node:path/posix';
import type { AssetHandler } from '../../asset/asset.ts';
import { sideIn } from '../../asset/side.ts';
import type { SnapshotId } from '../../store/snapshot-id.ts';
import { readPair, type Book, type Departure, type Pair, type Step } from '../book.ts';
import type { OnProgress } from '../report/events.ts';
import { stateAssets, type Ground } from '../ground.ts';
import { mergeStates, type MergeStep } from './merge-states.ts';
import { capturedState, liveState, participants, stepBack } from './stage-rollback.ts';
import { unmerged, type StagedAsset, type StagedSwitch } from './staged.ts';
import {
  captureStaged,
  knownBy,
  type CapturedState,
  type KnownLine,
  type States,
} from './states.ts';
import { parkedFolderOf, type Workspace } from './workspace.ts';

export interface CarryStage {
  readonly book: Book;
  /** The rollback on record, which put states of before the upgrade in the place of some assets. */
  readonly departure: Departure;
  readonly states: States;
  /** The older release's state now. */
  readonly now: SnapshotId;
  /** Those assets. */
  readonly only: readonly string[];
  readonly onProgress: OnProgress;
  /** Awaited while it is merged: where it throws, the stage ends with that. */
  readonly pause?: () => Promise<void>;
}

/**
 * Brings what a rollback without Backstep left out into the older release: what Backstep's own rollback would have made of
 * the state that was left, plus what was changed under the older release since. A later change wins. Writes nothing live.
 */
export async function stageCarry(
  ground: Ground,
  workspace: Workspace,
  stage: CarryStage,
): Promise<StagedSwitch> {
  const carrying = carryingOf(ground, stage);
  const assets = participants(ground, stage.only);
  const { pair, displaced } = carrying;
  const latest = capturedState(displaced);
  const back = stepBack(ground, { pair, latest, name: '1', stage: { ...stage, decisions: {} } });
  const made = await mergeStates(ground, workspace, { assets, step: back });
  const known = knownBy(ground, stage.states(stage.now), carrying.states);
  const result = await captureWhole(ground, workspace, { made, carrying, known });
  const step = laterStep(stage, carrying, stage.states(result));
  const wanted = await mergeStates(ground, workspace, { assets, step });
  const label = `carried ${workspace.run}`;
  const carried = await captureStaged(ground, wanted, { label, known });
  const told = wanted.map((asset) => asTold(asset, made));
  return {
    assets: [...told, ...parkedBefore(ground, stage)],
    settlement: settlementOf(ground, workspace, { stage, result, carried }),
  };
}

/** The states between which is carried. */
interface Carrying {
  readonly pair: Pair;
  /** The newer release's state that was left. */
  readonly displaced: CapturedState;
  /** The older release's state as it was put in its place. */
  readonly placed: CapturedState;
  /** All that is read of what was captured. */
  readonly states: readonly CapturedState[];
}

function carryingOf(ground: Ground, { departure, states }: CarryStage): Carrying {
  const step = stepIn(departure);
  if (step.pair === null) throw new Error(`${departure.run} went back over no pair`);
  const pair = readPair(ground.host, ground.folders, step.pair);
  const [displaced, placed] = [states(step.displaced), states(step.result)];
  const all = [displaced, placed, states(pair.before), states(pair.after)];
  return { pair, displaced, placed, states: all };
}

function stepIn({ run, steps }: Departure): Step {
  const [step, ...others] = steps;
  if (step !== undefined && others.length === 0) return step;
  throw new Error(`${run} has ${steps.length} steps, not one`);
}

/** What Backstep would have put in its place: what was merged, and of all other assets what was placed. */
async function captureWhole(
  ground: Ground,
  workspace: Workspace,
  parts: {
    readonly made: readonly StagedAsset[];
    readonly carrying: Carrying;
    readonly known: KnownLine;
  },
): Promise<SnapshotId> {
  const { made } = parts;
  const { placed } = parts.carrying;
  const isMade = (name: string): boolean => made.some((asset) => asset.name === name);
  const left = stateAssets(ground).filter(({ name }) => !isMade(name));
  const others = left.map(({ name }) => {
    const units = placed.units(name).keys();
    return unmerged(name, new Map([...units].map((unit) => [unit, unit])));
  });
  const known: KnownLine = (asset, unit, path) =>
    isMade(asset) ? parts.known(asset, unit, path) : (placed.units(asset).get(unit) ?? null);
  return captureStaged(ground, [...made, ...others], { label: `result ${workspace.run}`, known });
}

/** result ⊕ diff(placed, now), in one shape: whatever differs between the first two was changed by users. */
function laterStep(stage: CarryStage, { placed }: Carrying, result: CapturedState): MergeStep {
  return {
    name: '2',
    direction: 'forth',
    base: result,
    origin: placed,
    latest: liveState(stage.states(stage.now)),
    reversal: null,
    decisionsOf: () => [],
    keepsBaseIds: true,
    rolledBack: (asset, units) => {
      const side = placed.side(asset, units);
      return { before: side, after: side, parked: new Map() };
    },
    onProgress: stage.onProgress,
    pause: stage.pause,
  };
}

/** The counts of what comes along; what was parked by either step. */
function asTold(asset: StagedAsset, made: readonly StagedAsset[]): StagedAsset {
  const back = made.find(({ name }) => name === asset.name);
  if (back === undefined) return asset;
  const parkedCounts = [...back.outcome.parked, ...asset.outcome.parked];
  return {
    ...back,
    wanted: asset.wanted,
    isMerged: back.isMerged || asset.isMerged,
    outcome: {
      ...back.outcome,
      parked: parkedCounts,
      reconciled: back.outcome.reconciled && asset.outcome.reconciled,
    },
    oneWay: [...back.oneWay, ...asset.oneWay],
    notes: [...back.notes, ...asset.notes],
    parked: new Map([...back.parked, ...asset.parked]),
  };
}

/** What the rollback itself had parked of assets that it carried, so that a return finds it with this run. */
function parkedBefore(ground: Ground, { departure, only }: CarryStage): StagedAsset[] {
  const { disk } = ground.host;
  const parkedOf = ({ name }: AssetHandler): ReadonlyMap<string, string> =>
    sideIn(disk, join(parkedFolderOf(ground, departure.run, name), '1'));
  return stateAssets(ground).flatMap((asset) => {
    const parked = only.includes(asset.name) ? new Map<string, string>() : parkedOf(asset);
    if (parked.size === 0) return [];
    const kept = new Map([...parked].map(([unit, path]) => [`1/${unit}`, path]));
    return [{ ...unmerged(asset.name, asset.live()), parked: kept }];
  });
}

function settlementOf(
  ground: Ground,
  { run }: Workspace,
  made: { readonly stage: CarryStage; readonly result: SnapshotId; readonly carried: SnapshotId },
): StagedSwitch['settlement'] {
  const { book, departure, now } = made.stage;
  const { to } = departure;
  const at = new Date(ground.host.clock.now()).toISOString();
  const steps = [{ ...stepIn(departure), result: made.result }];
  return {
    book: { ...book, departure: { ...departure, run, steps } },
    pairs: [],
    departure: {
      run,
      from: to,
      to,
      at,
      steps: [{ pair: null, displaced: now, result: made.carried }],
    },
    former: departure,
  };
}
