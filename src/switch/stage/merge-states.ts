import { join } from 'node:path/posix';
import type { AssetHandler, Direction, MergeRequest, Side, UnitName } from '../../asset/asset.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Decision, Finding } from '../../law/place.ts';
import type { Reversal } from '../../law/reversal/reversal.ts';
import type { AheadMerges } from './merged-ahead.ts';
import type { OnProgress } from '../report/events.ts';
import type { Ground } from '../ground.ts';
import { unmerged, type StagedAsset } from './staged.ts';
import type { EarlierStates } from './earlier-states.ts';
import { isSameAsset, type CapturedState } from './states.ts';
import { differingUnits, type UnitLines } from './unit-lines.ts';
import { openAssetProgress, type AssetProgress } from './row-progress.ts';
import { freshFolder, type Workspace } from './workspace.ts';

/** One step over all state assets: `result = base ⊕ diff(origin, latest)`. */
export interface MergeStep {
  /** Names the step's folders: `1`, `2` … */
  readonly name: string;
  readonly direction: Direction;
  readonly base: CapturedState;
  readonly origin: CapturedState;
  readonly latest: LatestState;
  readonly reversal: Reversal | null;
  decisionsOf(asset: string): readonly Decision[];
  /** What the survey of base and origin found, where that was recorded. */
  findingsOf?(asset: string): readonly Finding[] | null;
  /** False for a unit that stays as `latest` has it; without it every unit is merged. */
  takes?(asset: string, unit: UnitName): boolean;
  /** What alone is merged of an asset's units; null for all of them. */
  partsOf?(asset: string): readonly string[] | null;
  readonly onProgress: OnProgress;
  /** Awaited between assets, and within a long merge: where it throws, the step ends with that. */
  readonly pause?: (() => Promise<void>) | undefined;
  /** forth: ids that base has given out stay; a row made since under one of them gets another. */
  readonly keepsBaseIds?: boolean;
  /** Merges of an asset that were made before the application was stopped. */
  readonly ahead?: AheadMerges;
  /** forth: what the rollback refused to carry stays away. */
  rolledBack?(asset: string, units: ReadonlySet<UnitName>): MergeRequest['rolledBack'];
}

/** The state that the step begins with: the live one, or what the step before made. */
export interface LatestState {
  side(asset: AssetHandler): Side;
  /** The units with their lines; null where they are not known without reading them. */
  units(asset: string): UnitLines | null;
  /** What was captured of it before; absent where nothing was. */
  readonly earlier?: EarlierStates;
}

/** Merges every asset that the upgrade touched; the others stay as `latest` has them. */
export async function mergeStates(
  ground: Ground,
  workspace: Workspace,
  { assets, step }: { readonly assets: readonly AssetHandler[]; readonly step: MergeStep },
): Promise<StagedAsset[]> {
  const staged: StagedAsset[] = [];
  for (const [done, asset] of assets.entries()) {
    const at = { asset: asset.name, done, total: assets.length };
    const progress = openAssetProgress(ground.host.clock, step.onProgress, at);
    await step.pause?.();
    progress.enter('compare');
    staged.push(await mergeAsset(ground, workspace, { asset, step, progress }));
  }
  return staged;
}

async function mergeAsset(
  ground: Ground,
  workspace: Workspace,
  {
    asset,
    step,
    progress,
  }: {
    readonly asset: AssetHandler;
    readonly step: MergeStep;
    readonly progress: AssetProgress;
  },
): Promise<StagedAsset> {
  const { name } = asset;
  const latest = step.latest.side(asset);
  const parts = step.partsOf?.(name) ?? null;
  if (parts === null && isSameAsset(name, step.base, step.origin)) return unmerged(name, latest);
  const differing = differingIn(step, asset);
  if (parts === null && differing.isUnchanged && !hasParked(step, name)) {
    const base = step.base.side(name, differing.units);
    return unmerged(name, withMerged(latest, { units: differing.units, made: base }));
  }
  const request = requestOf(ground, workspace, { asset, step, progress, units: differing.units });
  const ahead = step.ahead?.get(name);
  step.ahead?.delete(name);
  const result = (await ahead?.bringUp(request)) ?? (await asset.merge(request));
  if (!result.outcome.reconciled) throw notReconciled(name);
  return {
    name,
    wanted: withMerged(latest, { units: differing.units, made: result.units }),
    isMerged: true,
    outcome: result.outcome,
    damage: result.damage,
    oneWay: result.oneWay,
    notes: result.notes,
    questions: result.questions,
    ...(result.checked === undefined ? {} : { checked: result.checked }),
    parked: new Map([...result.parkedUnits].map(([unit, path]) => [`${step.name}/${unit}`, path])),
  };
}

/** What an asset is asked to merge, in fresh folders of the step. */
export function requestOf(
  ground: Ground,
  workspace: Workspace,
  {
    asset,
    step,
    progress,
    units,
  }: {
    readonly asset: AssetHandler;
    readonly step: MergeStep;
    readonly progress: AssetProgress;
    readonly units: ReadonlySet<UnitName>;
  },
): MergeRequest {
  const { name } = asset;
  const { disk, clock } = ground.host;
  const made = join(workspace.siblingOf(asset).root, 'made');
  const rolledBack = step.rolledBack?.(name, units);
  const findings = step.findingsOf?.(name) ?? null;
  const parts = step.partsOf?.(name) ?? null;
  const earlier = step.latest.earlier;
  return {
    ...(earlier === undefined ? {} : { earlier: () => earlier(asset, units) }),
    ...(rolledBack === undefined ? {} : { rolledBack }),
    ...(parts === null ? {} : { parts }),
    ...(findings === null ? {} : { findings }),
    ...(step.pause === undefined ? {} : { pause: step.pause }),
    ...(step.keepsBaseIds === undefined ? {} : { keepsBaseIds: step.keepsBaseIds }),
    ...progress,
    direction: step.direction,
    base: step.base.side(name, units),
    origin: step.origin.side(name, units),
    latest: new Map([...step.latest.side(asset)].filter(([unit]) => units.has(unit))),
    reversal: step.reversal,
    decisions: step.decisionsOf(name),
    into: freshFolder(disk, made, step.name, name),
    scratch: freshFolder(disk, workspace.work, 'scratch', step.name, name),
    at: new Date(clock.now()).toISOString(),
  };
}

/**
 * What a merge made of some units, among the others. In the order of `latest`, so that the listing of the result is that
 * of the state it came from but for the lines that differ.
 */
function withMerged(
  latest: Side,
  { units, made }: { readonly units: ReadonlySet<UnitName>; readonly made: Side },
): Side {
  const wanted = new Map<UnitName, string>();
  for (const [unit, path] of latest) {
    const place = units.has(unit) ? made.get(unit) : path;
    if (place !== undefined) wanted.set(unit, place);
  }
  for (const [unit, path] of made) wanted.set(unit, path);
  return wanted;
}

/** The units that a merge must look at; the others are the same on all three sides, or not wanted, and stay. */
export function differingIn(
  step: MergeStep,
  asset: AssetHandler,
): { readonly units: ReadonlySet<UnitName>; readonly isUnchanged: boolean } {
  const taken = (units: Iterable<UnitName>): Set<UnitName> =>
    new Set([...units].filter((unit) => step.takes?.(asset.name, unit) ?? true));
  const [base, origin] = [step.base.units(asset.name), step.origin.units(asset.name)];
  const latest = step.latest.units(asset.name);
  // Whether there is such a part, only the kind of the asset knows: it is asked though nothing differs.
  const hasParts = (step.partsOf?.(asset.name) ?? null) !== null;
  if (latest === null || hasParts) {
    const made = step.latest.side(asset).keys();
    return { units: taken([...base.keys(), ...origin.keys(), ...made]), isUnchanged: false };
  }
  return {
    units: taken(differingUnits([base, origin, latest])),
    isUnchanged: taken(differingUnits([origin, latest])).size === 0,
  };
}

/** Refused damage may be among what was parked: then base is not what is wanted, though nothing changed since. */
function hasParked(step: MergeStep, asset: string): boolean {
  return (step.rolledBack?.(asset, new Set())?.parked.size ?? 0) > 0;
}

function notReconciled(asset: string): BackstepError {
  return new BackstepError('switch/not-reconciled', {
    message: `${asset}: the staged state does not account for every change since the upgrade`,
    hint: 'nothing was replaced; this is a defect of Backstep: report it with the run’s folder',
  });
}
