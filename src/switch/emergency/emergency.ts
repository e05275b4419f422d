import { join } from 'node:path/posix';
import { removeTree } from '../../host/whole-file.ts';
import { readBook, readPair, type Book, type Departure, type Pair } from '../book.ts';
import {
  doneAt,
  markTakenOver,
  recordEmergency,
  takenOverMark,
  takingOver,
} from './emergency-record.ts';
import { captureDisplaced, capturePlaced, type EmergencyStates } from './emergency-states.ts';
import { unitNames, unitsOf, type Unit } from './emergency-units.ts';
import { stateAssets, type Ground } from '../ground.ts';
import { exists } from '../moves.ts';
import { writeSettlement } from '../settle.ts';
import { freshFolder } from '../stage/workspace.ts';

/** A rollback that the scripts of the emergency kit made, and that is in no book yet. */
export interface Emergency {
  readonly pair: string;
  /** What the scripts recorded: `<state>/emergency/<pair>`. */
  readonly folder: string;
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
    .filter(({ folder }) => !exists(disk, join(folder, takenOverMark)));
}

/**
 * Takes what a script did into the records: the state that was moved aside and the one that was put in its place become
 * snapshots, and the book says what a rollback would have made it say, so that `return` brings back what the script
 * could not carry; it is a run like any other from then on. Returns its name. A crash leaves snapshots that nothing needs,
 * or the finished book; the next call goes on from there, with the same name. The caller holds the lock. Throws
 * `switch/record`, `store/…`.
 */
export async function takeOver(ground: Ground, { pair: id, folder }: Emergency): Promise<string> {
  const { host, folders } = ground;
  const units = unitsOf(ground, folder);
  const pair = readPair(host, folders, id);
  const run = takingOver(ground, { folder, pair });
  if (readBook(host, folders).lineage.includes(pair.id)) {
    await adopt(ground, { folder, pair, units, run });
  }
  clearKept(ground, units);
  markTakenOver(ground, folder, run);
  return run;
}

async function adopt(ground: Ground, parts: Omit<EmergencyStates, 'work'>): Promise<void> {
  const { disk } = ground.host;
  const { folder, pair, run } = parts;
  const work = freshFolder(disk, folder, 'work');
  const taking = { ...parts, work };
  // First what was placed: what is written between the two is then in the other, and is not lost by a return.
  const result = await capturePlaced(ground, taking);
  const displaced = await captureDisplaced(ground, taking);
  const departure: Departure = {
    run,
    from: pair.to,
    to: pair.from,
    at: doneAt(ground, folder),
    steps: [{ pair: pair.id, displaced, result }],
  };
  await recordEmergency(ground, { ...taking, departure });
  writeSettlement(ground, { pairs: [], book: bookAfter(ground, pair, departure) });
  removeTree(disk, work);
}

/** What a rollback would have written. */
function bookAfter({ host, folders }: Ground, pair: Pair, departure: Departure): Book {
  const book = readBook(host, folders);
  const { at } = departure;
  return {
    ...book,
    release: pair.from,
    lastGood: pair.from,
    lineage: book.lineage.filter((id) => id !== pair.id),
    departure,
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
    const found = [...unitNames(asset, units)];
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
