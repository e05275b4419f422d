import { join } from 'node:path/posix';
import type { AssetHandler } from '../asset/asset.ts';
import { createWhole, readWhole, removeTree } from '../host/whole-file.ts';
import { Database, isSqliteError } from '../sqlite/database.ts';
import { unescapeField } from '../store/escape.ts';
import type { SnapshotId } from '../store/snapshot-id.ts';
import { readBook, readPair, type Book, type Pair } from './book.ts';
import { stateAssets, type Ground } from './ground.ts';
import { exists } from './moves.ts';
import { makePlan } from './plan.ts';
import { writeSettlement } from './settle.ts';
import { openState } from './states.ts';
import { freshFolder } from './workspace.ts';

/** A rollback that the scripts of the emergency kit made, and that is in no book yet. */
export interface Emergency {
  readonly pair: string;
  /** What the scripts recorded: `<state>/emergency/<pair>`. */
  readonly folder: string;
}

/** One line of the kit's `units.tsv`, as far as it says where things lie. */
interface Unit {
  /** Of the program files, whose bytes lie frozen among the releases. */
  readonly isRelease: boolean;
  readonly kind: string;
  readonly asset: string;
  readonly root: string;
  readonly displaced: string;
  readonly live: string;
}

/** Oldest first. */
export function pendingEmergencies({ host, folders }: Ground): readonly Emergency[] {
  const { disk } = host;
  const root = join(folders.root, 'emergency');
  if (disk.lstat(root)?.kind !== 'folder') return [];
  return disk
    .list(root)
    .toSorted()
    .map((pair) => ({ pair, folder: join(root, pair) }))
    .filter(({ folder }) => exists(disk, join(folder, 'done')))
    .filter(({ folder }) => !exists(disk, join(folder, takenOver)));
}

const takenOver = 'taken-over';

/**
 * Takes what a script did into the records: the state that was moved aside and the one that was put in its place become
 * snapshots, and the book says what a rollback would have made it say, so that `return` brings back what the script
 * could not carry. Returns the run that it is known by from now on. A crash leaves snapshots that nothing needs, or the
 * finished book; the next call goes on from there. The caller holds the lock. Throws `switch/record`, `store/…`.
 */
export async function takeOver(ground: Ground, emergency: Emergency): Promise<string> {
  const { disk } = ground.host;
  const units = unitsOf(ground, emergency);
  const pair = readPair(ground.host, ground.folders, emergency.pair);
  const { run } = makePlan(ground, {
    kind: 'rollback',
    from: pair.to,
    to: pair.from,
    reason: 'emergency',
    starts: false,
  });
  if (readBook(ground.host, ground.folders).lineage.includes(pair.id)) {
    const work = freshFolder(disk, emergency.folder, 'work');
    // First what was placed: what is written between the two is then in the other, and is not lost by a return.
    const result = await capturePlaced(ground, { pair, units, emergency, run, work });
    const displaced = await captureDisplaced(ground, { units, run, work });
    await ground.audit.record([{ act: 'emergency.taken-over', run, data: { pair: pair.id } }]);
    writeSettlement(ground, {
      pairs: [],
      book: bookAfter(ground, pair, { run, displaced, result }),
    });
    removeTree(disk, work);
  }
  clearKept(ground, units);
  createWhole(disk, join(emergency.folder, takenOver), {
    bytes: Buffer.from(`${run}\n`),
    mode: 0o600,
    isSynced: true,
  });
  disk.syncFolder(emergency.folder);
  return run;
}

function unitsOf({ host }: Ground, { folder }: Emergency): readonly Unit[] {
  const text = readWhole(host.disk, join(folder, 'units.tsv')).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [number = '', phase = '', kind = '', ...rest] = line.split('\t').map(unescapeField);
      const [asset = '', root = '', live = ''] = rest.slice(-3);
      const isRelease = phase === 'release';
      return { isRelease, kind, asset, root, live, displaced: join(root, 'displaced', number) };
    });
}

/** The state of the older release as the script put it there. */
async function capturePlaced(
  ground: Ground,
  parts: {
    readonly pair: Pair;
    readonly units: readonly Unit[];
    readonly emergency: Emergency;
    readonly run: string;
    readonly work: string;
  },
): Promise<SnapshotId> {
  const { pair, units, emergency, run, work } = parts;
  const before = openState(ground, pair.before, work);
  const placed = (asset: AssetHandler): ReadonlyMap<string, string> => {
    const own = units.filter((unit) => unit.asset === asset.name && unit.kind !== 'gone');
    const made = join(emergency.folder, `${asset.name}.placed.db`);
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
async function captureDisplaced(
  ground: Ground,
  {
    units,
    run,
    work,
  }: { readonly units: readonly Unit[]; readonly run: string; readonly work: string },
): Promise<SnapshotId> {
  const { disk } = ground.host;
  const moved = (asset: AssetHandler): ReadonlyMap<string, string> => {
    const own = units.filter((unit) => unit.asset === asset.name && exists(disk, unit.displaced));
    const names = [...namesOf(asset, own)];
    return new Map(
      names.map(([name, unit]) => [
        name,
        unit.kind === 'database'
          ? folded(ground, unit.displaced, join(work, name))
          : unit.displaced,
      ]),
    );
  };
  return captureWith(ground, units, { label: `displaced ${run}`, pathsOf: moved });
}

/** The unit's name in its asset, by where it lies live. */
function namesOf(asset: AssetHandler, units: readonly Unit[]): ReadonlyMap<string, Unit> {
  const rootLength = asset.placeOf('x').length - 1;
  return new Map(units.map((unit) => [unit.live.slice(rootLength), unit]));
}

/** A copy of a database into which its log was folded; one that cannot be read is taken as it lies. */
function folded({ host }: Ground, from: string, to: string): string {
  const { disk } = host;
  for (const end of ['', '-wal', '-journal']) {
    if (exists(disk, `${from}${end}`)) disk.copy(`${from}${end}`, `${to}${end}`);
  }
  try {
    using db = Database.open(to);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return to;
  } catch (error) {
    if (!isSqliteError(error)) throw error;
    return from;
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

/** What a rollback would have written. */
function bookAfter(
  { host, folders }: Ground,
  pair: Pair,
  done: { readonly run: string; readonly displaced: SnapshotId; readonly result: SnapshotId },
): Book {
  const book = readBook(host, folders);
  const at = new Date(host.clock.now()).toISOString();
  const { run, displaced, result } = done;
  return {
    ...book,
    release: pair.from,
    lastGood: pair.from,
    lineage: book.lineage.filter((id) => id !== pair.id),
    departure: {
      run,
      from: pair.to,
      to: pair.from,
      at,
      steps: [{ pair: pair.id, displaced, result }],
    },
    holds: [
      ...book.holds.filter(({ release }) => release !== pair.to),
      { release: pair.to, reason: 'emergency rollback without Backstep', at },
    ],
  };
}

/** Throws away what the store has; what had stood in the way stays, and so does what no asset of the manifest takes. */
function clearKept(ground: Ground, units: readonly Unit[]): void {
  const { disk } = ground.host;
  const [step] = readBook(ground.host, ground.folders).departure?.steps ?? [];
  if (step === undefined) return;
  const { listing } = ground.store.read(step.displaced);
  const kept = stateAssets(ground).flatMap((asset) => {
    const own = units.filter((unit) => unit.asset === asset.name);
    const found = [...namesOf(asset, own)];
    return found.filter(([name]) => listing.lineOf(join('assets', asset.name, name)) !== null);
  });
  const isKept = new Set(kept.map(([, { displaced }]) => displaced));
  for (const root of new Set(units.map((unit) => unit.root))) {
    const left = units.filter(
      (unit) => unit.root === root && !unit.isRelease && exists(disk, unit.displaced),
    );
    if (left.some(({ displaced }) => !isKept.has(displaced))) continue;
    const strays = join(root, 'strays');
    const hasStrays = exists(disk, strays) && disk.list(strays).length > 0;
    removeTree(disk, hasStrays ? join(root, 'displaced') : root);
  }
}
