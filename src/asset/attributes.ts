import { dirname } from 'node:path/posix';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk, FileStat, Owner } from '../host/disk.ts';
import { makeFolders } from '../host/whole-file.ts';

/** Who may do what with a file. */
export interface Attributes extends Owner {
  /** Permission bits. */
  readonly mode: number;
}

/** Of a file that is there; what vanished has none, and null. */
export function attributesAt(disk: Disk, path: string | undefined): Attributes | null {
  const stat = path === undefined ? null : disk.lstat(path);
  return stat === null ? null : attributesOf(stat);
}

export function attributesOf({ mode, uid, gid }: FileStat): Attributes {
  return { mode, uid, gid };
}

export function sameAttributes(a: Attributes, b: Attributes): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

/** What the user changed since, else what base has: the law, on each attribute of one file. */
export function mergeAttributes(
  base: Attributes | null,
  origin: Attributes | null,
  latest: Attributes | null,
): Attributes | null {
  if (base === null || latest === null) return latest ?? base;
  const pick = (name: keyof Attributes): number =>
    origin === null || origin[name] === latest[name] ? base[name] : latest[name];
  return { mode: pick('mode'), uid: pick('uid'), gid: pick('gid') };
}

/** Gives a file its owner and mode; false where this user may not give the owner, which is then this user. */
export function giveAttributes(disk: Disk, path: string, wanted: Attributes): boolean {
  const isOwnerGiven = giveOwner(disk, path, wanted);
  disk.chmod(path, wanted.mode);
  return isOwnerGiven;
}

function giveOwner(disk: Disk, path: string, { uid, gid }: Owner): boolean {
  const there = disk.lstat(path);
  if (there?.uid === uid && there.gid === gid) return true;
  try {
    disk.lchown(path, { uid, gid });
    return true;
  } catch (error) {
    if (!isDiskError(error, 'EPERM')) throw error;
    return false;
  }
}

/** Copies a file or link with its owner, mode and time; makes the folders above it, 0700. */
export function copyWhole(disk: Disk, from: string, to: string): void {
  const stat = disk.lstat(from);
  makeFolders(disk, dirname(to), 0o700);
  if (stat?.kind === 'link') {
    disk.symlink(disk.readLink(from), to);
    giveOwner(disk, to, stat);
    return;
  }
  disk.copy(from, to);
  if (stat === null) return;
  giveAttributes(disk, to, stat);
  disk.setTimes([{ path: to, modifiedNs: stat.modifiedNs }]);
}
