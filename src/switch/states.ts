import { dirname, join } from 'node:path/posix';
import { makeFolders } from '../host/whole-file.ts';
import type { AssetHandler, Side, UnitName } from '../asset/asset.ts';
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

/** What is known of the bytes at a path without reading them: an entry of a snapshot. */
export type KnownEntry = (asset: string, unit: UnitName, path: string) => Entry | null;

/** Takes a snapshot of a staged state; only what no snapshot holds yet is read. */
export async function captureStaged(
  ground: Ground,
  staged: readonly StagedAsset[],
  { label, known }: { readonly label: string; readonly known: KnownEntry },
): Promise<SnapshotId> {
  const writer = await ground.store.beginSnapshot({ label });
  try {
    for (const { name, wanted } of staged) {
      for (const [unit, path] of wanted) {
        const entry = known(name, unit, path);
        if (entry === null) writer.addTree(path, { as: `${placeIn(name)}/${unit}` });
        else writer.addKnown(entry);
      }
    }
    return writer.commit().id;
  } finally {
    writer.abort();
  }
}

/** Knows the live units by what was captured of them, and restored units by where they were restored. */
export function knownBy(
  ground: Ground,
  now: CapturedState,
  states: readonly CapturedState[],
): KnownEntry {
  const live = new Map(ground.assets.map((asset) => [asset.name, asset.live()]));
  return (asset, unit, path) => {
    if (live.get(asset)?.get(unit) === path) return now.entryOf(asset, unit);
    const source = states.find((state) => state.restoredAt(asset, unit) === path);
    return source?.entryOf(asset, unit) ?? null;
  };
}

/** A state in a snapshot, read unit by unit as it is needed. */
export interface CapturedState {
  readonly id: SnapshotId;
  /** The asset's units, or those that are named: restored and verified once into a working folder. */
  side(asset: string, named?: ReadonlySet<UnitName>): Side;
  /** What each unit of an asset is: equal texts are equal bytes, modes and owners. */
  prints(asset: string): ReadonlyMap<UnitName, string>;
  entriesOf(asset: string): readonly Entry[];
  /** A whole unit; null for a further name of another file, and where there is none. */
  entryOf(asset: string, unit: UnitName): Entry | null;
  /** Where a unit was restored to; null where it was not. */
  restoredAt(asset: string, unit: UnitName): string | null;
}

export function openState(ground: Ground, id: SnapshotId, workFolder: string): CapturedState {
  const snapshot = ground.store.read(id);
  const restored = new Map<string, Map<UnitName, string>>();
  const prints = new Map<string, ReadonlyMap<UnitName, string>>();
  let batch = 0;
  let byPath: ReadonlyMap<string, Entry> | null = null;
  const entries = (): ReadonlyMap<string, Entry> => {
    byPath ??= new Map(
      snapshot.entries
        .filter(({ kind }) => kind === 'file' || kind === 'link')
        .map((entry) => [entry.path, entry]),
    );
    return byPath;
  };
  const state: CapturedState = {
    id,
    entriesOf: (asset) => entriesOf(snapshot, asset),
    entryOf: (asset, unit) => entries().get(`${placeIn(asset)}/${unit}`) ?? null,
    restoredAt: (asset, unit) => restored.get(asset)?.get(unit) ?? null,
    prints: (asset) => {
      const known = prints.get(asset) ?? printsOf(entriesOf(snapshot, asset), asset);
      prints.set(asset, known);
      return known;
    },
    side: (asset, named) => {
      const there = restored.get(asset) ?? new Map<UnitName, string>();
      restored.set(asset, there);
      const wanted = [...state.prints(asset).keys()].filter((unit) => named?.has(unit) ?? true);
      const missing = wanted.filter((unit) => !there.has(unit));
      batch += 1;
      const target = join(workFolder, id, String(batch));
      restoreUnits(ground, snapshot, { asset, units: missing, target });
      for (const unit of missing) there.set(unit, join(target, placeIn(asset), unit));
      return new Map(wanted.map((unit) => [unit, there.get(unit) ?? '']));
    },
  };
  return state;
}

/** True where both states hold the same units of an asset. */
export function isSameAsset(asset: string, a: CapturedState, b: CapturedState): boolean {
  return differingUnits([a.prints(asset), b.prints(asset)]).size === 0;
}

/** Units that are not the same on every side. */
export function differingUnits(sides: readonly ReadonlyMap<UnitName, string>[]): Set<UnitName> {
  const names = new Set(sides.flatMap((side) => [...side.keys()]));
  const [first, ...others] = sides;
  return new Set(
    [...names].filter((name) => others.some((side) => side.get(name) !== first?.get(name))),
  );
}

function entriesOf(snapshot: Snapshot, asset: string): readonly Entry[] {
  const start = `${placeIn(asset)}/`;
  return snapshot.entries.filter(
    (entry) => entry.path.startsWith(start) && entry.kind !== 'folder',
  );
}

function printsOf(entries: readonly Entry[], asset: string): ReadonlyMap<UnitName, string> {
  const start = placeIn(asset).length + 1;
  const units = entries.filter((entry) => entry.kind !== 'left-out');
  return new Map(units.map((entry) => [entry.path.slice(start), printOf(entry)]));
}

/** What a unit is, without where it stands and when it was written. */
function printOf(entry: Entry): string {
  switch (entry.kind) {
    case 'file':
      return `file ${entry.mode} ${entry.uid} ${entry.gid} ${entry.hashes.join()}`;
    case 'link':
      return `link ${entry.target}`;
    case 'hard-link':
      return `hard-link ${entry.first}`;
    case 'folder':
    case 'left-out':
      return entry.kind;
  }
}

function restoreUnits(
  ground: Ground,
  snapshot: Snapshot,
  {
    asset,
    units,
    target,
  }: { readonly asset: string; readonly units: readonly UnitName[]; readonly target: string },
): void {
  if (units.length === 0) return;
  makeFolders(ground.host.disk, dirname(target), 0o700);
  ground.store.restore(snapshot.id, target, {
    only: units.map((unit) => `${placeIn(asset)}/${unit}`),
    isDurable: false,
  });
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
