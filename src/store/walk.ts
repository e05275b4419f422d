import { join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk, FileStat } from '../host/disk.ts';

/** Something found below a root; `name` is relative to it, '' for the root itself. */
export interface Found {
  readonly path: string;
  readonly name: string;
  readonly stat: FileStat;
}

/** True leaves it out, and all that is in it. Never asked about the root. */
export type Exclude = (name: string, stat: FileStat) => boolean;

/**
 * Everything below `root`, a folder before what is in it, names sorted. Links are not followed. What is removed
 * meanwhile is passed over. Throws `store/mount-inside` where another file system begins.
 */
export function* walk(disk: Disk, root: string, exclude: Exclude): Generator<Found> {
  const stat = disk.lstat(root);
  if (stat === null) throw missing(root);
  const mounts = stat.kind === 'folder' ? mountsInside(disk, root) : new Set<string>();
  const pending: Found[] = [{ path: root, name: '', stat }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.name !== '' && exclude(next.name, next.stat)) continue;
    if (next.stat.device !== stat.device || mounts.has(next.name)) throw mountInside(next.path);
    const inside = next.stat.kind === 'folder' ? contentsOf(disk, next) : [];
    if (inside === null) continue;
    yield next;
    pending.push(...inside);
  }
}

/** In reverse order, for a stack; null if the folder is gone. */
function contentsOf(disk: Disk, folder: Found): Found[] | null {
  const names = listOrNull(disk, folder.path);
  if (names === null) return null;
  const inside: Found[] = [];
  for (const own of names.toReversed()) {
    const path = join(folder.path, own);
    const stat = disk.lstat(path);
    if (stat !== null) inside.push({ path, name: join(folder.name, own), stat });
  }
  return inside;
}

function listOrNull(disk: Disk, folder: string): readonly string[] | null {
  try {
    return disk.list(folder);
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Names relative to the root; a bind mount has the device of its surroundings, so devices do not tell. */
function mountsInside(disk: Disk, root: string): ReadonlySet<string> {
  const prefix = `${disk.realPath(root)}/`.replace('//', '/');
  const inside = disk.mountPoints().filter((point) => point.startsWith(prefix));
  return new Set(inside.map((point) => point.slice(prefix.length)).filter((name) => name !== ''));
}

function mountInside(path: string): BackstepError {
  return new BackstepError('store/mount-inside', {
    message: `another file system is mounted at ${JSON.stringify(path)}`,
    hint: 'make it an asset of its own, or exclude it',
  });
}

function missing(root: string): BackstepError {
  return new BackstepError('disk/missing', {
    message: `there is nothing at ${JSON.stringify(root)} to take a snapshot of`,
    hint: 'check the path in the manifest',
  });
}
