import { dirname, join } from 'node:path/posix';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';
import type { Journal } from './journal.ts';

/**
 * One unit that differs. What lies at `live` is renamed to `displaced`, what lies at `staged` to `live`;
 * null where there is nothing to displace, or nothing to place.
 */
export interface Move {
  readonly asset: string;
  readonly unit: string;
  readonly live: string;
  readonly staged: string | null;
  readonly displaced: string | null;
  /** Where something goes that stands at `live` and should not. */
  readonly stray: string;
}

/** Something that appeared in the way while nothing should have written. */
export interface Stray {
  readonly found: string;
  readonly movedTo: string;
}

export interface Renamer {
  readonly disk: Disk;
  readonly journal: Journal;
}

/** live → displaced. May run twice: what is displaced already stays so. */
export function displaceAll(renamer: Renamer, moves: readonly Move[]): void {
  for (const { live, displaced } of moves) {
    if (displaced === null || exists(renamer.disk, displaced)) continue;
    if (exists(renamer.disk, live)) rename(renamer, live, displaced);
  }
  syncFolders(renamer.disk, moves);
}

/** staged → live. An occupied name is moved aside as a stray, never overwritten. May run twice. */
export function placeAll(renamer: Renamer, moves: readonly Move[]): Stray[] {
  const strays: Stray[] = [];
  for (const move of moves) {
    const isPlaced = move.staged !== null && !exists(renamer.disk, move.staged);
    if (isPlaced) continue;
    if (exists(renamer.disk, move.live)) strays.push(moveAside(renamer, move));
    if (move.staged === null) continue;
    makeParents(renamer.disk, dirname(move.live));
    rename(renamer, move.staged, move.live);
  }
  syncFolders(renamer.disk, moves);
  return strays;
}

/**
 * Takes the renames back, the last first: what was placed goes to its staged name, what was displaced to
 * its live one. Before the commit record nothing was placed, so whatever stands at `live` is a stray.
 */
export function renameBack(renamer: Renamer, moves: readonly Move[]): Stray[] {
  const strays: Stray[] = [];
  for (const move of moves.toReversed()) {
    const { live, staged, displaced } = move;
    const wasPlaced = staged !== null && !exists(renamer.disk, staged);
    if (wasPlaced && exists(renamer.disk, live)) rename(renamer, live, staged);
    const isDisplaced = displaced !== null && exists(renamer.disk, displaced);
    if (!isDisplaced) continue;
    if (exists(renamer.disk, live)) strays.push(moveAside(renamer, move));
    rename(renamer, displaced, live);
  }
  syncFolders(renamer.disk, moves);
  return strays;
}

function moveAside(renamer: Renamer, move: Move): Stray {
  let movedTo = move.stray;
  for (let n = 2; exists(renamer.disk, movedTo); n += 1) movedTo = `${move.stray}.${n}`;
  makeParents(renamer.disk, dirname(movedTo));
  rename(renamer, move.live, movedTo);
  return { found: move.live, movedTo };
}

function rename({ disk, journal }: Renamer, from: string, to: string): void {
  journal.write({ event: 'renaming', from, to });
  disk.rename(from, to);
}

export function exists(disk: Disk, path: string): boolean {
  return disk.lstat(path) !== null;
}

/** Missing folders get the mode and owner of the nearest one above that is there. */
export function makeParents(disk: Disk, folder: string): void {
  if (disk.lstat(folder) !== null) return;
  makeParents(disk, dirname(folder));
  const above = disk.lstat(dirname(folder));
  try {
    disk.makeFolder(folder, above?.mode ?? 0o700);
  } catch (error) {
    if (!isDiskError(error, 'EEXIST')) throw error;
    return;
  }
  if (above !== null) disk.lchown(folder, { uid: above.uid, gid: above.gid });
}

/** Every folder in which a name came or went reaches the disk. */
function syncFolders(disk: Disk, moves: readonly Move[]): void {
  const paths = moves.flatMap(({ live, staged, displaced, stray }) => [
    live,
    stray,
    ...(staged === null ? [] : [staged]),
    ...(displaced === null ? [] : [displaced]),
  ]);
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    if (exists(disk, folder)) disk.syncFolder(folder);
  }
}

/** Where staged, displaced and stray units of one run lie: hidden, beside what they replace. */
export interface SiblingFolder {
  readonly root: string;
  readonly staged: string;
  readonly displaced: string;
  readonly strays: string;
}

/** The hidden folder for units that live in `folder`: beside it, or inside where it is a mount point. */
export function siblingFolderOf(disk: Disk, folder: string, name: string): SiblingFolder {
  let here = folder;
  while (disk.lstat(here) === null) here = dirname(here);
  const above = dirname(here);
  const isOneFileSystem = disk.lstat(above)?.device === disk.lstat(here)?.device;
  const root = join(isOneFileSystem && above !== here ? above : here, name);
  return {
    root,
    staged: join(root, 'staged'),
    displaced: join(root, 'displaced'),
    strays: join(root, 'strays'),
  };
}
