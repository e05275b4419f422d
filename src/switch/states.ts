import { dirname, join } from 'node:path/posix';
import { makeFolders } from '../host/whole-file.ts';
import type { AssetHandler, Side } from '../asset/asset.ts';
import type { Entry } from '../store/entry.ts';
import type { Snapshot } from '../store/manifest.ts';
import type { SnapshotId } from '../store/snapshot-id.ts';
import type { Ground } from './ground.ts';
import type { StagedAsset } from './staged.ts';

/** Where an asset stands in a snapshot. */
const placeIn = (asset: string): string => `assets/${asset}`;

/** Takes a snapshot of these assets as they stand; durable and read back when it returns. */
export async function captureState(
  ground: Ground,
  assets: readonly AssetHandler[],
  options: { readonly label: string; readonly isQuiet: boolean },
): Promise<SnapshotId> {
  const writer = await ground.store.beginSnapshot({ label: options.label });
  try {
    for (const asset of assets) {
      await asset.capture(writer, { as: placeIn(asset.name), isQuiet: options.isQuiet });
    }
    return writer.commit().id;
  } finally {
    writer.abort();
  }
}

/** Takes a snapshot of a staged state: units that lie live are read through their asset. */
export async function captureStaged(
  ground: Ground,
  staged: readonly StagedAsset[],
  label: string,
): Promise<SnapshotId> {
  const writer = await ground.store.beginSnapshot({ label });
  try {
    for (const { name, wanted } of staged) {
      const asset = ground.assets.find((each) => each.name === name);
      if (asset !== undefined && isLive(asset, wanted)) {
        await asset.capture(writer, { as: placeIn(name), isQuiet: true });
        continue;
      }
      for (const [unit, path] of wanted) writer.addTree(path, { as: `${placeIn(name)}/${unit}` });
    }
    return writer.commit().id;
  } finally {
    writer.abort();
  }
}

function isLive(asset: AssetHandler, wanted: Side): boolean {
  const live = asset.live();
  return live.size === wanted.size && [...wanted].every(([unit, path]) => live.get(unit) === path);
}

/** A state in a snapshot, read asset by asset as it is needed. */
export interface CapturedState {
  readonly id: SnapshotId;
  /** The asset's units, restored and verified once into a working folder. */
  side(asset: string): Side;
  /** True where both states hold the same units with the same bytes, modes and owners. */
  isSame(asset: string, other: CapturedState): boolean;
  entriesOf(asset: string): readonly Entry[];
}

export function openState(ground: Ground, id: SnapshotId, workFolder: string): CapturedState {
  const snapshot = ground.store.read(id);
  const sides = new Map<string, Side>();
  return {
    id,
    entriesOf: (asset) => entriesOf(snapshot, asset),
    isSame: (asset, other) =>
      fingerprint(entriesOf(snapshot, asset)) === fingerprint(other.entriesOf(asset)),
    side: (asset) => {
      const known = sides.get(asset);
      if (known !== undefined) return known;
      const side = restoreSide(ground, snapshot, { asset, target: join(workFolder, id, asset) });
      sides.set(asset, side);
      return side;
    },
  };
}

function entriesOf(snapshot: Snapshot, asset: string): readonly Entry[] {
  const start = `${placeIn(asset)}/`;
  return snapshot.entries.filter(
    (entry) => entry.path.startsWith(start) && entry.kind !== 'folder',
  );
}

/** What a unit is, without when it was written. */
function fingerprint(entries: readonly Entry[]): string {
  return JSON.stringify(
    entries.map((entry) => {
      switch (entry.kind) {
        case 'file':
          return [entry.path, entry.mode, entry.uid, entry.gid, entry.hashes.join()];
        case 'link':
          return [entry.path, entry.target];
        case 'hard-link':
          return [entry.path, entry.first];
        case 'folder':
        case 'left-out':
          return [entry.path, entry.kind];
      }
    }),
  );
}

function restoreSide(
  ground: Ground,
  snapshot: Snapshot,
  { asset, target }: { readonly asset: string; readonly target: string },
): Side {
  const start = `${placeIn(asset)}/`;
  const units = entriesOf(snapshot, asset).filter((entry) => entry.kind !== 'left-out');
  if (units.length === 0) return new Map();
  makeFolders(ground.host.disk, dirname(target), 0o700);
  ground.store.restore(snapshot.id, target, { subtree: placeIn(asset) });
  return new Map(
    units.map((entry) => {
      const unit = entry.path.slice(start.length);
      return [unit, join(target, unit)];
    }),
  );
}

/** Opens each captured state once. */
export type States = (id: SnapshotId) => CapturedState;

export function openStates(ground: Ground, workFolder: string): States {
  const open = new Map<SnapshotId, CapturedState>();
  return (id) => {
    const known = open.get(id) ?? openState(ground, id, workFolder);
    open.set(id, known);
    return known;
  };
}
