import { dirname, join } from 'node:path/posix';
import type { AssetHandler, UnitName } from '../../asset/asset.ts';
import { companions } from '../../asset/sqlite-file.ts';
import { makeFolders } from '../../host/whole-file.ts';
import { Database, isSqliteError } from '../../sqlite/database.ts';
import type { SnapshotId } from '../../store/snapshot-id.ts';
import type { Pair } from '../book.ts';
import { unitNames, type Unit } from './emergency-units.ts';
import { stateAssets, type Ground } from '../ground.ts';
import { exists } from '../moves.ts';
import { openState } from '../stage/states.ts';

/** What is known of a rollback by scripts while its states are captured. */
export interface EmergencyStates {
  /** `<state>/emergency/<pair>`. */
  readonly folder: string;
  readonly pair: Pair;
  readonly units: readonly Unit[];
  readonly run: string;
  /** An empty folder, thrown away afterwards. */
  readonly work: string;
}

/** The state of the older release as the script put it there. */
export async function capturePlaced(ground: Ground, parts: EmergencyStates): Promise<SnapshotId> {
  const { pair, units, folder, run, work } = parts;
  const before = openState(ground, pair.before, work);
  const placed = (asset: AssetHandler): ReadonlyMap<string, string> => {
    const own = units.filter((unit) => unit.asset === asset.name && unit.kind !== 'gone');
    const made = join(folder, `${asset.name}.placed.db`);
    const isMade = exists(ground.host.disk, made);
    const side = before.side(asset.name);
    const found = [...side].filter(([name]) =>
      own.some(({ live }) => live === asset.placeOf(name)),
    );
    return new Map(found.map(([name, path]) => [name, isMade ? made : path]));
  };
  return captureWith(ground, units, { label: `result ${run}`, pathsOf: placed });
}

/** The state that was moved aside; databases with what their `-wal` holds. */
export async function captureDisplaced(
  ground: Ground,
  { units, run, work }: EmergencyStates,
): Promise<SnapshotId> {
  const { disk } = ground.host;
  const moved = (asset: AssetHandler): ReadonlyMap<string, string> => {
    const names = [...unitNames(asset, units)].filter(([, unit]) => exists(disk, unit.displaced));
    const found = names.flatMap(([name, { kind, displaced }]): [UnitName, string][] =>
      kind === 'database'
        ? wholeDatabase(ground, { unit: name, displaced, work })
        : [[name, displaced]],
    );
    return new Map(found);
  };
  return captureWith(ground, units, { label: `displaced ${run}`, pathsOf: moved });
}

/**
 * A copy of a database into which its log was folded. One that cannot be read is taken as it lies, with what SQLite had
 * beside it: its log may be what is left of it.
 */
function wholeDatabase(
  { host }: Ground,
  {
    unit,
    displaced,
    work,
  }: { readonly unit: UnitName; readonly displaced: string; readonly work: string },
): [UnitName, string][] {
  const { disk } = host;
  const lies = ['', ...companions].filter((end) => exists(disk, displaced + end));
  const to = join(work, unit);
  makeFolders(disk, dirname(to), 0o700);
  for (const end of lies) {
    // What is shared by those who have it open is made anew.
    if (end !== '-shm') disk.copy(displaced + end, to + end);
  }
  try {
    using db = Database.open(to);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.count('SELECT count(*) FROM sqlite_schema');
    return [[unit, to]];
  } catch (error) {
    if (!isSqliteError(error)) throw error;
    return lies.map((end) => [unit + end, displaced + end]);
  }
}

/** One snapshot of every asset: the units that the script moved from where `pathsOf` says, all others as they lie live. */
async function captureWith(
  ground: Ground,
  units: readonly Unit[],
  parts: {
    readonly label: string;
    readonly pathsOf: (asset: AssetHandler) => ReadonlyMap<string, string>;
  },
): Promise<SnapshotId> {
  const writer = await ground.store.beginSnapshot({ label: parts.label });
  // What SQLite keeps beside a database that was placed belongs to what lies live now, to neither of the two states.
  const moved = new Set(
    units.flatMap(({ live }) => ['', '-wal', '-shm', '-journal'].map((end) => `${live}${end}`)),
  );
  try {
    for (const asset of stateAssets(ground)) {
      const as = join('assets', asset.name);
      if (!units.some((unit) => unit.asset === asset.name)) {
        await asset.capture(writer, { as, isQuiet: false });
        continue;
      }
      const left = [...asset.live()].filter(([, path]) => !moved.has(path));
      for (const [unit, path] of [...left, ...parts.pathsOf(asset)]) {
        writer.addTree(path, { as: join(as, unit) });
      }
    }
    return writer.commit().id;
  } finally {
    writer.abort();
  }
}
