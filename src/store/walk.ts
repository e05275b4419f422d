import { BackstepError } from '../fault/backstep-error.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk, FileKind, FileStat, Listed } from '../host/disk.ts';

/** Something found below a root; `name` is relative to it, '' for the root itself. */
export interface Found {
  readonly path: string;
  readonly name: string;
  readonly stat: FileStat;
}

export interface Choice {
  /**
   * Whether something that is no folder is taken, by its name below the root; what is not is never looked at. A folder
   * is then taken with the first thing in it that is. Without it everything is taken. Never asked about the root.
   */
  readonly takes?: (name: string, kind: FileKind) => boolean;
}

/**
 * Visits everything below `root` that is taken, a folder before what is in it, names sorted. Links are not followed.
 * What is removed meanwhile is passed over. Throws `store/mount-inside` where another file system begins.
 */
export function walk(
  disk: Disk,
  root: string,
  { takes, visit }: Choice & { readonly visit: (found: Found) => void },
): void {
  const stat = disk.lstat(root);
  if (stat === null) throw missing(root);
  const mounts = stat.kind === 'folder' ? mountsInside(disk, root) : new Set<string>();
  const take = (found: Found): void => {
    if (found.stat.device !== stat.device || mounts.has(found.name)) throw mountInside(found.path);
    visit(found);
  };
  if (stat.kind === 'folder')
    walkFolder({ disk, takes, take }, { path: root, name: '', stat }, null);
  else visit({ path: root, name: '', stat });
}

interface Walking {
  readonly disk: Disk;
  readonly takes: Choice['takes'] | undefined;
  readonly take: (found: Found) => void;
}

/** Takes a folder and those above it, unless they are taken already. */
type TakeFolder = () => void;

function walkFolder(walking: Walking, folder: Found, above: TakeFolder | null): void {
  const { disk, takes, take } = walking;
  const listed = listOrNull(disk, folder.path);
  if (listed === null) return;
  let isTaken = false;
  const takeFolder = (): void => {
    if (isTaken) return;
    above?.();
    isTaken = true;
    take(folder);
  };
  if (takes === undefined || folder.name === '') takeFolder();
  const path = folder.path.endsWith('/') ? folder.path : `${folder.path}/`;
  const name = folder.name === '' ? '' : `${folder.name}/`;
  for (const { name: own, kind } of listed) {
    if (kind !== 'folder' && takes?.(name + own, kind) === false) continue;
    const stat = disk.lstat(path + own);
    if (stat === null) continue;
    // It was a folder a moment ago.
    const isUnasked = kind === 'folder' && stat.kind !== 'folder';
    if (isUnasked && takes?.(name + own, stat.kind) === false) continue;
    const found = { path: path + own, name: name + own, stat };
    if (stat.kind === 'folder') {
      walkFolder(walking, found, takeFolder);
      continue;
    }
    takeFolder();
    take(found);
  }
}

function listOrNull(disk: Disk, folder: string): readonly Listed[] | null {
  try {
    return disk.listKinds(folder);
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
