import { open, rename, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

import { discardPart } from '../platforms/part.ts';
import { EngineError, systemCode } from './failure.ts';
import type { DownloadFolders } from './folder.ts';
import { fileName } from './names.ts';

const copyLimit = 1000;

export interface Finished {
  readonly title: string;
  readonly extension: string;
  /** Told the name, relative to the download folder, as soon as it is this download's own. */
  onNamed(name: string): void;
}

/**
 * Gives a whole part its final name; never that of a file that exists. The name is reserved with an empty file,
 * told to `onNamed`, and only then taken by the rename: after a crash the told name is surely ours (see `recovered`).
 */
export async function finish(folders: DownloadFolders, finished: Finished): Promise<string> {
  await syncFile(folders.partPath);
  const path = await reserved(folders.target, finished);
  const name = relative(folders.root, path).split(sep).join('/');
  try {
    finished.onNamed(name);
    await rename(folders.partPath, path);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  await syncFolder(folders.target);
  await discardPart(folders.partPath);
  return name;
}

/**
 * What a crash left of `finish`: the size of the file, when the rename had been done; else null, and the
 * reservation is taken back.
 */
export async function recovered(
  folders: DownloadFolders,
  { name, sizeBytes }: { readonly name: string; readonly sizeBytes: number | null },
): Promise<number | null> {
  const path = join(folders.root, name);
  const size = await sizeOf(path);
  if (size === null) return null;
  if (size === sizeBytes && (await sizeOf(folders.partPath)) === null) return size;
  if (size === 0) await rm(path, { force: true });
  return null;
}

async function reserved(folder: string, { title, extension }: Finished): Promise<string> {
  for (let copy = 1; copy <= copyLimit; copy += 1) {
    const path = join(folder, fileName(title, extension, copy));
    try {
      await (await open(path, 'wx', 0o600)).close();
      return path;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
  }
  const message = `There are ${copyLimit} files named '${title}' in the folder already.`;
  throw new EngineError('folder/names-taken', message);
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.chmod(0o600);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
