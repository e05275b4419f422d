import { mkdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

import { EngineError, folderGone, isFolder, systemCode } from './failure.ts';
import type { DownloadPlace } from './records.ts';

/** Where the parts of a download folder are, hidden. */
const partsFolder = '.parts';

/** The folders of one download, all of them there. */
export interface DownloadFolders {
  readonly root: string;
  /** Where the finished file goes. */
  readonly target: string;
  /** The part; its name ends in `.part`. */
  readonly partPath: string;
}

/**
 * Makes the user's folder and the parts' folder when they are missing, but never the download folder itself:
 * an unmounted disk must not be written beside. Throws EngineError `folder/gone` and `folder/outside`.
 */
export async function openFolders(place: DownloadPlace, id: number): Promise<DownloadFolders> {
  const { root } = place;
  if (!(await isFolder(root))) throw goneError(root);
  const realRoot = await realpath(root);
  const parts = await openInside(realRoot, join(realRoot, partsFolder));
  let target = realRoot;
  for (const name of folderParts(place.folder))
    target = await openInside(realRoot, join(target, name));
  return { root: realRoot, target, partPath: join(parts, `${id}.part`) };
}

/** Where a download's part is, or would be. */
export function partPathIn(root: string, id: number): string {
  return join(root, partsFolder, `${id}.part`);
}

/**
 * The folders that a user's preference names, from the download folder down. Throws EngineError
 * `folder/outside` for one that is absolute, climbs out, is hidden, or no file system could hold.
 */
export function folderParts(folder: string): readonly string[] {
  if (folder === '') return [];
  const names = folder.split('/');
  if (!names.every((name) => isFolderName(name))) throw outsideError(folder);
  return names;
}

function isFolderName(name: string): boolean {
  return /^[^./\\\p{Cc}][^/\\\p{Cc}]*$/u.test(name) && Buffer.byteLength(name) <= 200;
}

/** Makes one folder and returns its real path, which a symbolic link may not lead out of the root. */
async function openInside(realRoot: string, path: string): Promise<string> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw goneError(realRoot);
    if (systemCode(error) !== 'EEXIST') throw error;
  }
  const real = await realpath(path);
  if (!real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep))
    throw outsideError(path);
  return real;
}

function goneError(root: string): EngineError {
  const { code, message } = folderGone(root);
  return new EngineError(code, message);
}

function outsideError(folder: string): EngineError {
  const message = `The folder ${folder} is not inside the download folder.`;
  return new EngineError('folder/outside', message);
}
