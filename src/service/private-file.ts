import { isDiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { randomHex } from '../host/random.ts';
import { createWhole, makeDurableFolders, readWhole, replaceWhole } from '../host/whole-file.ts';

const folderMode = 0o700;
const fileMode = 0o600;

/** Makes the folder and what is missing above it, 0700; a folder of the service that is wider is narrowed. */
export function ensurePrivateFolder(disk: Disk, folder: string): void {
  makeDurableFolders(disk, folder, folderMode);
  if (disk.lstat(folder)?.mode !== folderMode) disk.chmod(folder, folderMode);
}

/** Writes the whole file, 0600, at once: a reader sees the old text or the new, also after a crash. */
export function writePrivate(host: Host, path: string, text: string): void {
  replaceWhole(host, path, { bytes: Buffer.from(text), mode: fileMode });
}

/** Makes the file with all of its text, or returns false where the name is taken: one of many callers wins. */
export function claimPrivate(host: Host, path: string, text: string): boolean {
  const temporary = `${path}.${randomHex(host.random, 6)}.claim`;
  createWhole(host.disk, temporary, {
    bytes: Buffer.from(text),
    mode: fileMode,
    isSynced: true,
  });
  try {
    host.disk.link(temporary, path);
    return true;
  } catch (error) {
    if (isDiskError(error, 'EEXIST')) return false;
    throw error;
  } finally {
    host.disk.removeFile(temporary);
  }
}

/** The text, or null where there is no such file. */
export function readPrivate(disk: Disk, path: string): string | null {
  try {
    return readWhole(disk, path).toString('utf8');
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return null;
    throw error;
  }
}

/** At most the last `byteCount` bytes of a file. */
export function readTail(disk: Disk, path: string, byteCount: number): string {
  const file = disk.openRead(path);
  try {
    const { sizeBytes } = file.stat();
    const bytes = Buffer.alloc(Math.min(sizeBytes, byteCount));
    const count = file.read(bytes, sizeBytes - bytes.length);
    return bytes.subarray(0, count).toString('utf8');
  } finally {
    file.close();
  }
}

/** Does nothing where nothing is there. */
export function removeIfThere(disk: Disk, path: string): void {
  try {
    disk.removeFile(path);
  } catch (error) {
    if (!isDiskError(error, 'ENOENT')) throw error;
  }
}
