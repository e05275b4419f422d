import { dirname, join } from 'node:path/posix';
import { DiskError, isDiskError } from './disk-error.ts';
import type { Disk } from './disk.ts';
import type { Host } from './host.ts';
import { randomHex } from './random.ts';

/** All bytes of a regular file as it is now. `DiskError` `ENOENT` where nothing is. */
export function readWhole(disk: Disk, path: string): Buffer {
  const file = disk.openRead(path);
  try {
    const bytes = Buffer.allocUnsafe(file.stat().sizeBytes);
    return bytes.subarray(0, file.read(bytes, 0));
  } finally {
    file.close();
  }
}

/** A new file with these bytes and this mode, not yet synced. `EEXIST` if something is there. */
export function createWhole(disk: Disk, path: string, content: Content): void {
  const file = disk.create(path, content.mode);
  try {
    file.write(content.bytes, 0);
    if (content.isSynced === true) file.sync();
  } finally {
    file.close();
  }
}

export interface Content {
  readonly bytes: Uint8Array;
  readonly mode: number;
  readonly isSynced?: boolean;
}

/**
 * Puts a whole file in the place of what is there, or where nothing is. A crash leaves the old file or the new
 * one, and at most a neighbour named `.<random>.new`; when it returns the new one is durable.
 */
export function replaceWhole(host: Host, path: string, content: Omit<Content, 'isSynced'>): void {
  const { disk, random } = host;
  const fresh = join(dirname(path), `.${randomHex(random, 8)}.new`);
  try {
    createWhole(disk, fresh, { ...content, isSynced: true });
    disk.rename(fresh, path);
  } catch (error) {
    if (disk.lstat(fresh) !== null) disk.removeFile(fresh);
    throw error;
  }
  disk.syncFolder(dirname(path));
}

/** Makes the folder and those above it that are missing, each with this mode; what exists stays as it is. */
export function makeFolders(disk: Disk, path: string, mode: number): void {
  const there = disk.lstat(path);
  if (there !== null && there.kind === 'folder') return;
  if (there !== null) throw new DiskError('ENOTDIR', { act: 'make folder', path });
  makeFolders(disk, dirname(path), mode);
  try {
    disk.makeFolder(path, mode);
  } catch (error) {
    if (!isDiskError(error, 'EEXIST')) throw error;
  }
}

/** The same, and every name that was made is durable when it returns. */
export function makeDurableFolders(disk: Disk, path: string, mode: number): void {
  if (disk.lstat(path) !== null) return;
  makeDurableFolders(disk, dirname(path), mode);
  makeFolders(disk, path, mode);
  disk.syncFolder(dirname(path));
}

/**
 * Files below `top` reach the disk, and all the names that lead to them from there. What is not there as a file has
 * the folders on its way synced alone.
 */
export function syncBelow(disk: Disk, top: string, paths: readonly string[]): void {
  const folders = new Set<string>();
  for (const path of paths) {
    if (!path.startsWith(`${top}/`)) throw new TypeError(`${path} does not lie below ${top}`);
    if (disk.lstat(path)?.kind === 'file') disk.syncFile(path);
    for (let folder = dirname(path); folder !== top; folder = dirname(folder)) folders.add(folder);
  }
  for (const folder of folders) disk.syncFolder(folder);
  if (paths.length > 0) disk.syncFolder(top);
}

/** Removes a file, a link or a folder with all that is in it; links are not followed. Nothing there is fine. */
export function removeTree(disk: Disk, path: string): void {
  const there = disk.lstat(path);
  if (there === null) return;
  if (there.kind !== 'folder') {
    disk.removeFile(path);
    return;
  }
  if ((there.mode & 0o700) !== 0o700) disk.chmod(path, 0o700);
  for (const name of disk.list(path)) removeTree(disk, join(path, name));
  disk.removeFolder(path);
}
