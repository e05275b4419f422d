import { dirname, join } from 'node:path/posix';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';

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

/** live → displaced. May run twice: what is displaced already stays so. */
export function displaceAll(disk: Disk, moves: readonly Move[]): void {
  for (const { live, displaced } of moves) {
    if (displaced === null) continue;
    if (isOneFile(disk, live, displaced)) disk.removeFile(live);
    if (exists(disk, live) && !exists(disk, displaced)) disk.rename(live, displaced);
  }
  syncFolders(disk, moves);
}

/** staged → live. An occupied name is moved aside as a stray, never overwritten. May run twice. */
export function placeAll(disk: Disk, moves: readonly Move[]): Stray[] {
  const strays: Stray[] = [];
  for (const move of moves) {
    const { live, staged } = move;
    if (staged !== null && isOneFile(disk, live, staged)) disk.removeFile(staged);
    const isPlaced = move.staged !== null && !exists(disk, move.staged);
    if (isPlaced) continue;
    if (exists(disk, move.live)) strays.push(moveAside(disk, move));
    if (move.staged === null) continue;
    makeParents(disk, dirname(move.live));
    disk.rename(move.staged, move.live);
  }
  syncFolders(disk, moves);
  return strays;
}

/**
 * Takes the renames back, the last first: what was placed goes to its staged name, what was displaced to
 * its live one. Before the commit record nothing was placed, so whatever stands at `live` is a stray. May run
 * twice, also when the hidden folders were thrown away in between, wholly or in part.
 */
export function renameBack(disk: Disk, moves: readonly Move[]): Stray[] {
  const strays: Stray[] = [];
  for (const move of moves.toReversed()) {
    const { live, staged, displaced } = move;
    // Under both names after a loss of power: the live one stays of what was displaced, the staged one of what was placed.
    if (displaced !== null && isOneFile(disk, live, displaced)) {
      disk.removeFile(displaced);
      continue;
    }
    if (staged !== null && isOneFile(disk, live, staged)) disk.removeFile(live);
    // Nothing lies there to come back: what stands at `live` is what stood there before.
    if (displaced !== null && !exists(disk, displaced)) continue;
    const wasPlaced = staged !== null && !exists(disk, staged) && exists(disk, dirname(staged));
    if (wasPlaced && exists(disk, live)) disk.rename(live, staged);
    if (displaced === null) continue;
    if (exists(disk, live)) strays.push(moveAside(disk, move));
    disk.rename(displaced, live);
  }
  syncFolders(disk, moves);
  return strays;
}

/**
 * A loss of power between a rename and its syncs can leave a file under both names, on a file system that keeps the new
 * one alone. Another rename would leave them so.
 */
function isOneFile(disk: Disk, a: string, b: string): boolean {
  const [one, other] = [disk.lstat(a), disk.lstat(b)];
  return one !== null && one.device === other?.device && one.inode === other.inode;
}

function moveAside(disk: Disk, move: Move): Stray {
  let movedTo = move.stray;
  for (let n = 2; exists(disk, movedTo); n += 1) movedTo = `${move.stray}.${n}`;
  makeParents(disk, dirname(movedTo));
  disk.rename(move.live, movedTo);
  return { found: move.live, movedTo };
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

/** Up to so many folders are synced one by one, more by one act for each file system that they lie on. */
const singleSyncs = 8;

/** Every folder in which a name came or went reaches the disk, those that had to be made among them. */
function syncFolders(disk: Disk, moves: readonly Move[]): void {
  const folders = moves.flatMap(({ live, staged, displaced, stray }) => [
    ...foldersTo(live, stray),
    ...foldersTo(stray, live),
    ...(staged === null ? [] : [dirname(staged)]),
    ...(displaced === null ? [] : [dirname(displaced)]),
  ]);
  const byDevice = new Map<bigint, string[]>();
  for (const folder of new Set(folders)) {
    const stat = disk.lstat(folder);
    if (stat === null) continue;
    const others = byDevice.get(stat.device);
    if (others === undefined) byDevice.set(stat.device, [folder]);
    else others.push(folder);
  }
  for (const together of byDevice.values()) syncTogether(disk, together);
}

/** Folders on the way to a path that may have been made for it: up to the one in which the other path lies as well. */
function foldersTo(path: string, other: string): string[] {
  const folders = [dirname(path)];
  for (let folder = dirname(path); !other.startsWith(`${folder}/`) && folder !== '/';) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders;
}

/** Folders of one file system. */
function syncTogether(disk: Disk, folders: readonly string[]): void {
  const [first] = folders;
  if (first === undefined) return;
  if (folders.length > singleSyncs && disk.syncFileSystem(first)) return;
  for (const folder of folders) disk.syncFolder(folder);
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
  const root = join(isMountPoint(disk, here) ? here : above, name);
  return {
    root,
    staged: join(root, 'staged'),
    displaced: join(root, 'displaced'),
    strays: join(root, 'strays'),
  };
}

/** Also a bind mount, which has the device of its surroundings: nothing is renamed across it either. */
function isMountPoint(disk: Disk, folder: string): boolean {
  const above = dirname(folder);
  if (above === folder || disk.lstat(above)?.device !== disk.lstat(folder)?.device) return true;
  return disk.mountPoints().includes(disk.realPath(folder));
}
