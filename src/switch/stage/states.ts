import { dirname, join } from 'node:path/posix';
import { makeFolders } from '../../host/whole-file.ts';
import type { AssetHandler, Side, UnitName } from '../../asset/asset.ts';
import type { Released } from '../../service/released.ts';
import type { Entry } from '../../store/entry.ts';
import { kindOf, parseEntry } from '../../store/line.ts';
import type { Snapshot } from '../../store/manifest.ts';
import type { SnapshotId } from '../../store/snapshot-id.ts';
import type { OnProgress, Progress } from '../report/events.ts';
import type { Ground } from '../ground.ts';
import { openAssetProgress, type AssetProgress } from './row-progress.ts';
import { refuseInnerMounts } from '../preflight/mounts.ts';
import type { StagedAsset } from './staged.ts';
import { areSameUnits, unitLinesBelow, type UnitLines } from './unit-lines.ts';

/** Where an asset stands in a snapshot. */
const placeIn = (asset: string): string => `assets/${asset}`;

/**
 * Takes a snapshot of these assets as they stand; durable and read back when it returns. Throws `store/mount-inside`
 * where a file system is mounted within one of them, and `service/held` where a file was not `released`.
 */
export async function captureState(
  ground: Ground,
  assets: readonly AssetHandler[],
  options: CaptureStateOptions,
): Promise<SnapshotId> {
  refuseInnerMounts(ground);
  const { label, isQuiet, released, onProgress } = options;
  let onRead: AssetProgress['onBytes'] = () => {};
  const writer = await ground.store.beginSnapshot({
    label,
    onRead: (done, total) => onRead(done, total),
  });
  try {
    for (const [done, asset] of assets.entries()) {
      const as = placeIn(asset.name);
      const at = { asset: asset.name, done, total: assets.length };
      const steps = captureSteps(ground, at, onProgress);
      onRead = steps.onRead;
      await asset.capture(writer, { as, isQuiet, sees: released?.see, onCopied: steps.onCopied });
    }
    options.released?.require();
    return writer.commit().id;
  } finally {
    writer.abort();
  }
}

interface CaptureStateOptions {
  readonly label: string;
  readonly isQuiet: boolean;
  readonly released?: Released;
  readonly onProgress?: OnProgress;
}

/** Smaller files are there before anybody reads of them. */
const toldBytes = 4_194_304;

/** A large file is told from its first bytes on: as it is copied, where it is, and then as it is read. */
function captureSteps(
  { host }: Ground,
  at: Omit<Progress, 'step'>,
  onProgress: OnProgress = () => {},
): { readonly onRead: AssetProgress['onBytes']; readonly onCopied: AssetProgress['onBytes'] } {
  const telling = (): AssetProgress['onBytes'] => {
    const progress = openAssetProgress(host.clock, onProgress, at);
    let last = Infinity;
    return (done, total) => {
      if (total < toldBytes) return;
      // The next file.
      if (done < last) progress.enter('capture');
      last = done;
      progress.onBytes(done, total);
    };
  };
  return { onRead: telling(), onCopied: telling() };
}

/** What is known of a file or link at a path without looking at it: its line in a snapshot. */
export type KnownLine = (asset: string, unit: UnitName, path: string) => string | null;

/** Takes a snapshot of a staged state; only what no snapshot holds yet is read. */
export async function captureStaged(
  ground: Ground,
  staged: readonly StagedAsset[],
  { label, known }: { readonly label: string; readonly known: KnownLine },
): Promise<SnapshotId> {
  const writer = await ground.store.beginSnapshot({ label });
  try {
    for (const { name, wanted } of staged) {
      for (const [unit, path] of wanted) {
        const as = `${placeIn(name)}/${unit}`;
        const line = known(name, unit, path);
        if (line === null) writer.addTree(path, { as });
        else writer.addKnown(as, line);
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
): KnownLine {
  const handlers = new Map(ground.assets.map((asset) => [asset.name, asset]));
  return (asset, unit, path) => {
    const handler = handlers.get(asset);
    if (handler !== undefined && now.live(handler).get(unit) === path) {
      return now.lineOf(asset, unit);
    }
    const source = states.find((state) => state.restoredAt(asset, unit) === path);
    return source?.lineOf(asset, unit) ?? null;
  };
}

/** A state in a snapshot, read unit by unit as it is needed. */
export interface CapturedState {
  readonly id: SnapshotId;
  /** The asset's units, or those that are named: restored and verified once into a working folder. */
  side(asset: string, named?: ReadonlySet<UnitName>): Side;
  /** The asset's units with their lines in the listing. */
  units(asset: string): UnitLines;
  /** Of a state that was captured live: where the asset's units stood. Not looked at again: nobody writes them meanwhile. */
  live(asset: Pick<AssetHandler, 'name' | 'placeOf'>): Side;
  /** The line of a whole unit; null for a further name of another file, and where there is none. */
  lineOf(asset: string, unit: UnitName): string | null;
  entryOf(asset: string, unit: UnitName): Entry | null;
  /** Where a unit was restored to; null where it was not. */
  restoredAt(asset: string, unit: UnitName): string | null;
}

export function openState(ground: Ground, id: SnapshotId, workFolder: string): CapturedState {
  const snapshot = ground.store.read(id);
  const restored = new Map<string, Map<UnitName, string>>();
  const units = new Map<string, UnitLines>();
  const live = new Map<string, Side>();
  let batch = 0;
  const state: CapturedState = {
    id,
    lineOf: (asset, unit) => {
      const line = state.units(asset).get(unit) ?? null;
      return line === null || kindOf(line) === 'hard-link' ? null : line;
    },
    entryOf: (asset, unit) => {
      const line = state.lineOf(asset, unit);
      return line === null ? null : parseEntry(line);
    },
    restoredAt: (asset, unit) => restored.get(asset)?.get(unit) ?? null,
    units: (asset) => {
      const known = units.get(asset) ?? unitLinesBelow(placeIn(asset), snapshot.listing);
      units.set(asset, known);
      return known;
    },
    live: ({ name, placeOf }) => {
      const side = live.get(name) ?? standing(state.units(name), placeOf);
      live.set(name, side);
      return side;
    },
    side: (asset, named) => {
      const there = restored.get(asset) ?? new Map<UnitName, string>();
      restored.set(asset, there);
      const wanted = [...state.units(asset).keys()].filter((unit) => named?.has(unit) ?? true);
      const missing = wanted.filter((unit) => !there.has(unit));
      batch += 1;
      const target = join(workFolder, id, String(batch));
      const names = restoreUnits(ground, snapshot, { asset, units: missing, target });
      for (const [unit, path] of names) there.set(unit, path);
      return new Map(wanted.map((unit) => [unit, there.get(unit) ?? '']));
    },
  };
  return state;
}

function standing(units: UnitLines, placeOf: AssetHandler['placeOf']): Side {
  return new Map(units.keys().map((unit) => [unit, placeOf(unit)]));
}

/** True where both states hold the same units of an asset. */
export function isSameAsset(asset: string, a: CapturedState, b: CapturedState): boolean {
  return areSameUnits(a.units(asset), b.units(asset));
}

/** Numbered, without the folders around them: where each unit came to. */
function restoreUnits(
  ground: Ground,
  snapshot: Snapshot,
  {
    asset,
    units,
    target,
  }: { readonly asset: string; readonly units: readonly UnitName[]; readonly target: string },
): Side {
  if (units.length === 0) return new Map();
  makeFolders(ground.host.disk, dirname(target), 0o700);
  ground.store.restore(snapshot.id, target, {
    places: new Map(units.map((unit, number) => [`${placeIn(asset)}/${unit}`, String(number)])),
    isDurable: false,
  });
  return new Map(units.map((unit, number) => [unit, join(target, String(number))]));
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
