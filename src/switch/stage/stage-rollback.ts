import { join } from 'node:path/posix';
import type { AssetHandler } from '../../asset/asset.ts';
import type { SnapshotId } from '../../store/snapshot-id.ts';
import type { Book, Departure, Pair, Step } from '../book.ts';
import { decisionsOf, reversalOf, type DecisionsByAsset } from '../decided.ts';
import type { OnProgress } from '../report/events.ts';
import { stateAssets, type Ground } from '../ground.ts';
import { mergeStates, type LatestState, type MergeStep } from './merge-states.ts';
import type { AheadMerges } from './merged-ahead.ts';
import { recordedFindings } from '../recorded-findings.ts';
import { reignNow } from '../whereabouts.ts';
import { earlierStates } from './earlier-states.ts';
import { restoreAhead } from './restored-ahead.ts';
import { partsOf, takesPart, takesUnit } from '../selection.ts';
import { folded, type Settlement, type StagedAsset, type StagedSwitch } from './staged.ts';
import { captureStaged, knownBy, type CapturedState, type States } from './states.ts';
import { withUnknown } from './synthesised.ts';
import { requireSoundReversal } from './sound-reversal.ts';
import type { Workspace } from './workspace.ts';

export interface RollbackStage {
  readonly book: Book;
  readonly states: States;
  /** Newest first; never empty. */
  readonly pairs: readonly Pair[];
  /** The state that is left. */
  readonly now: SnapshotId;
  readonly decisions: DecisionsByAsset;
  /** Assets that take part; the others stay as they are. */
  readonly only: readonly string[] | null;
  /** The merge reads the live files; false for a plan or `--as-of`, which read the captured state. */
  readonly readsLive: boolean;
  /** A plan: nothing is recorded. */
  readonly isTrial: boolean;
  /** What was merged beforehand of the newest pair. */
  readonly ahead?: AheadMerges;
  /** Null where the release that is left is not put on hold. */
  readonly hold: { readonly reason: string } | null;
  readonly onProgress: OnProgress;
  /** Awaited while it is merged: where it throws, the stage ends with that. */
  readonly pause?: () => Promise<void>;
}

/** Turns the state now into the older release's, pair by pair, newest first. Writes nothing live. */
export async function stageRollback(
  ground: Ground,
  workspace: Workspace,
  stage: RollbackStage,
): Promise<StagedSwitch> {
  const { states } = stage;
  const now = states(stage.now);
  const earlier = earlierStates(ground, {
    now: stage.now,
    at: reignNow(ground).at,
    work: workspace.work,
  });
  let latest: LatestState = {
    ...(stage.readsLive ? liveState(now) : capturedState(now)),
    earlier,
  };
  let displaced = stage.now;
  let assets: StagedAsset[] = [];
  const steps: Step[] = [];
  const known = knownBy(ground, now, [
    now,
    ...stage.pairs.flatMap((pair) => [states(pair.before), states(pair.after)]),
  ]);
  for (const [index, pair] of stage.pairs.entries()) {
    const back = stepBack(ground, { pair, latest, name: String(index + 1), stage });
    const hasAhead = index === 0 && stage.ahead !== undefined;
    const step = hasAhead ? { ...back, ahead: stage.ahead } : back;
    const assetsOfStep = participants(ground, stage.only);
    const merged = await mergeStates(ground, workspace, { assets: assetsOfStep, step });
    const made = withUnknown(merged, pair);
    const result = stage.isTrial
      ? stage.now
      : await captureStaged(ground, made, { label: `result ${workspace.run}`, known });
    steps.push({ pair: pair.id, displaced, result });
    assets = index === 0 ? made : foldAll(assets, made);
    [latest, displaced] = [madeState(made), result];
  }
  return {
    assets,
    settlement: settlementOf(ground, workspace, { stage, steps }),
  };
}

/** The assets that a switch touches: those that are named, or all. */
export function participants(
  ground: Ground,
  only: readonly string[] | null,
): readonly AssetHandler[] {
  return stateAssets(ground).filter((asset) => takesPart(only, asset.name));
}

/** What a run has while it is prepared. */
export interface Preparing {
  readonly workspace: Workspace;
  readonly states: States;
  /** What was captured while the application runs; null where it does not, so that nobody waits. */
  readonly bulk: CapturedState | null;
}

/**
 * Restores, while the application still runs, what the merge will read of the pairs, and checks reversal files that
 * were written or changed since they were checked last. Throws `reversal/unsound`.
 */
export async function prepareRollback(
  ground: Ground,
  { workspace, states, bulk }: Preparing,
  pairs: readonly Pair[],
): Promise<void> {
  for (const pair of pairs) {
    const [before, after] = [states(pair.before), states(pair.after)];
    const folder = join(workspace.work, 'reversal', pair.id);
    await requireSoundReversal(ground, { pair, before, after, folder });
    if (bulk !== null) restoreAhead(ground, { base: before, origin: after, bulk });
  }
}

/** One step over a pair, from its newer release to its older one. */
export function stepBack(
  ground: Ground,
  parts: {
    readonly pair: Pair;
    readonly latest: LatestState;
    readonly name: string;
    readonly stage: Pick<RollbackStage, 'states' | 'decisions' | 'only' | 'onProgress' | 'pause'>;
  },
): MergeStep {
  const { pair, latest, name, stage } = parts;
  const { states } = stage;
  const reversal = reversalOf(ground, pair);
  const decisions = decisionsOf(ground, pair, { reversal, now: stage.decisions });
  const [before, after] = [states(pair.before), states(pair.after)];
  return {
    name,
    direction: 'back',
    takes: (asset, unit) => takesUnit(ground, stage.only, { asset, unit }),
    partsOf: (asset) => partsOf(ground, stage.only, asset),
    base: before,
    origin: after,
    latest,
    reversal,
    decisionsOf: (asset) => decisions[asset] ?? [],
    findingsOf: recordedFindings(ground, pair, { before, after, reversal }),
    onProgress: stage.onProgress,
    pause: stage.pause,
  };
}

/** The live files, as they stood when they were captured. */
export function liveState(now: CapturedState): LatestState {
  return {
    side: (asset) => now.live(asset),
    units: (asset) => now.units(asset),
  };
}

/** A state as it was captured. */
export function capturedState(now: CapturedState): LatestState {
  return {
    side: (asset) => now.side(asset.name),
    units: (asset) => now.units(asset),
  };
}

/** What the step before made. */
export function madeState(made: readonly StagedAsset[]): LatestState {
  const sides = new Map(made.map(({ name, wanted }) => [name, wanted]));
  return { side: (asset) => sides.get(asset.name) ?? new Map(), units: () => null };
}

export function foldAll(
  first: readonly StagedAsset[],
  second: readonly StagedAsset[],
): StagedAsset[] {
  return second.map((asset) => {
    const before = first.find(({ name }) => name === asset.name);
    return before === undefined ? asset : folded(before, asset);
  });
}

function settlementOf(
  ground: Ground,
  workspace: Workspace,
  { stage, steps }: { readonly stage: RollbackStage; readonly steps: readonly Step[] },
): Settlement {
  const at = new Date(ground.host.clock.now()).toISOString();
  const [newest, oldest] = [stage.pairs[0], stage.pairs.at(-1)];
  if (newest === undefined || oldest === undefined) throw new Error('a rollback without pairs');
  const departure: Departure = {
    run: workspace.run,
    from: newest.to,
    to: oldest.from,
    at,
    steps: [...steps],
  };
  if (stage.only !== null) return { book: stage.book, pairs: [], departure };
  const left = new Set(stage.pairs.map(({ id }) => id));
  const held = stage.hold === null ? [] : [{ release: newest.to, reason: stage.hold.reason, at }];
  const book: Book = {
    ...stage.book,
    release: oldest.from,
    lastGood: oldest.from,
    lineage: stage.book.lineage.filter((id) => !left.has(id)),
    departure,
    holds: [...stage.book.holds.filter(({ release }) => release !== newest.to), ...held],
  };
  return { book, pairs: [] };
}
