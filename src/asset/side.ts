import { dirname, isAbsolute, join, normalize } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk, Listed } from '../host/disk.ts';
import type { Side, UnitName } from './asset.ts';

/** Parked values lie below this folder of a merge's results; no unit of an asset does. */
export const parkedFolder = '.parked';

export function parkedName(unit: UnitName): UnitName {
  return `${parkedFolder}/${unit}`;
}

/** The side that a folder holds, as a restored snapshot does: every file and link below it is a unit. */
export function sideIn(disk: Disk, folder: string): Side {
  return sideOf(unitsBelow(disk, folder, () => true));
}

/** A file or a link that was found. */
export interface FoundUnit {
  readonly name: UnitName;
  readonly path: string;
  readonly isLink: boolean;
}

export function sideOf(found: readonly FoundUnit[]): Side {
  return new Map(found.map(({ name, path }) => [name, path]));
}

/** The same as pairs of a name and a path. */
export function filesBelow(
  disk: Disk,
  root: string,
  isWanted: (path: string) => boolean,
): readonly (readonly [UnitName, string])[] {
  return unitsBelow(disk, root, isWanted).map(({ name, path }) => [name, path]);
}

/**
 * Files and links below a folder with their relative names, sorted; nothing where there is no folder. Sockets,
 * FIFOs and devices are none. A folder that vanishes meanwhile is passed over. Looks at no file, only at folders.
 */
export function unitsBelow(
  disk: Disk,
  root: string,
  isWanted: (path: string) => boolean,
): readonly FoundUnit[] {
  const found: FoundUnit[] = [];
  const start = root.endsWith('/') ? root : `${root}/`;
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const { name: own, kind } of listOrNone(disk, join(root, folder))) {
      const name = folder === '' ? own : `${folder}/${own}`;
      const path = start + name;
      if (kind === 'folder') pending.push(name);
      else if ((kind === 'file' || kind === 'link') && isWanted(path)) {
        found.push({ name, path, isLink: kind === 'link' });
      }
    }
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function listOrNone(disk: Disk, folder: string): readonly Listed[] {
  try {
    return disk.listKinds(folder);
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** Those of some files of one folder that are there. Throws `asset/link` where one is a link. */
export function presentIn(disk: Disk, folder: string, names: readonly UnitName[]): Side {
  const present = names.flatMap((name): [UnitName, string][] => {
    const path = join(folder, name);
    const kind = disk.lstat(path)?.kind;
    if (kind === 'link') throw linkRefused(path, disk.readLink(path));
    return kind === 'file' ? [[name, path]] : [];
  });
  return new Map(present);
}

/** Throws `asset/link` for links that lead out of `root`, by their text or through other links. */
export function refuseLinksOut(disk: Disk, root: string, found: readonly FoundUnit[]): void {
  const refuse = linkRefusal(disk, root);
  for (const unit of found) if (unit.isLink) refuse(unit);
}

/** The same for one link after another. */
export function linkRefusal(
  disk: Disk,
  root: string,
): (link: Pick<FoundUnit, 'name' | 'path'>) => void {
  const top = realOr(disk, root) ?? root;
  return ({ name, path }) => {
    const target = disk.readLink(path);
    const real = realOr(disk, path);
    if (!staysIn(root, name, target) || (real !== null && !isBelow(real, top))) {
      throw linkRefused(path, target);
    }
  };
}

/** True where a link's target, read as text from where the link stands, lies in `root`. */
export function staysIn(root: string, unit: UnitName, target: string): boolean {
  if (isAbsolute(target)) return isBelow(normalize(target), root);
  const led = normalize(join(dirname(unit), target));
  return led !== '..' && !led.startsWith('../');
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function realOr(disk: Disk, path: string): string | null {
  try {
    return disk.realPath(path);
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return null;
    throw error;
  }
}

function linkRefused(path: string, target: string): BackstepError {
  return new BackstepError('asset/link', {
    message: `${JSON.stringify(path)} is a link to ${JSON.stringify(target)}, outside of its asset`,
    hint: 'put the file itself there, name the real path in the manifest, or exclude the link; nothing was touched',
  });
}
