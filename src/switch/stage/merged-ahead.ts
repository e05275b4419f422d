import { dirname } from 'node:path/posix';
import type { AheadMerge, AssetHandler } from '../../asset/asset.ts';
import { floorBytes } from '../preflight/room.ts';
import type { Pair } from '../book.ts';
import type { Ground } from '../ground.ts';
import { differingIn, requestOf, type MergeStep } from './merge-states.ts';
import {
  capturedState,
  participants,
  stepBack,
  type Preparing,
  type RollbackStage,
} from './stage-rollback.ts';
import { openAssetProgress } from './row-progress.ts';
import { isSameAsset } from './states.ts';

/** What was merged while the application went on, by asset; each is taken out by the merge that brings it up. */
export type AheadMerges = Map<string, AheadMerge>;

/**
 * Merges through the newest pair, of the state that users still write to, what can be brought up later to what they have
 * written by then: downtime goes with that, and no longer with all that there is. Writes into folders of its own, of
 * which a crash leaves nothing that is needed. Adds to `made`.
 */
export async function mergeAhead(
  ground: Ground,
  { workspace, states, bulk }: Preparing,
  {
    pair,
    stage,
    made,
  }: {
    readonly pair: Pair;
    readonly stage: Pick<RollbackStage, 'decisions' | 'only' | 'onProgress' | 'pause'>;
    readonly made: AheadMerges;
  },
): Promise<void> {
  if (bulk === null) return;
  const latest = capturedState(bulk);
  const step = stepBack(ground, { pair, latest, name: 'ahead', stage: { ...stage, states } });
  const assets = participants(ground, stage.only).filter(({ name }) => gains(step, name));
  for (const [done, asset] of assets.entries()) {
    if (asset.mergeAhead === undefined) continue;
    const { units, isUnchanged } = differingIn(step, asset);
    if (isUnchanged || units.size === 0 || !hasRoomFor(ground, asset)) continue;
    await step.pause?.();
    const at = { asset: asset.name, done, total: assets.length };
    const progress = openAssetProgress(ground.host.clock, step.onProgress, at);
    const ahead = await asset.mergeAhead(
      requestOf(ground, workspace, { asset, step, progress, units }),
    );
    if (ahead !== null) made.set(asset.name, ahead);
  }
}

/**
 * Beside the copies that a switch makes in any case, this one needs the state that is merged, its result and working files.
 * What is short of room is merged later, as if this were not there.
 */
function hasRoomFor({ host: { disk }, folders }: Ground, asset: AssetHandler): boolean {
  const paths = [...asset.live().values()];
  const sizeBytes = paths.reduce((sum, path) => sum + (disk.lstat(path)?.sizeBytes ?? 0), 0);
  const beside = dirname(paths[0] ?? folders.root);
  return [folders.root, beside].every(
    (folder) => disk.freeBytes(folder) >= floorBytes + 4 * sizeBytes,
  );
}

/** The upgrade touched it, and all of it is merged. */
function gains(step: MergeStep, asset: string): boolean {
  return (step.partsOf?.(asset) ?? null) === null && !isSameAsset(asset, step.base, step.origin);
}
