import { isDiskError } from '../host/disk-error.ts';
import type { Disk, FileStat } from '../host/disk.ts';
import type { Entry, FileEntry } from './entry.ts';
import type { Found } from './walk.ts';

/** The entry of what is no file; null for a link that was removed meanwhile. */
export function entryWithoutBytes(
  disk: Disk,
  { path: found, stat }: Found,
  path: string,
): Entry | null {
  if (stat.kind === 'folder') return { kind: 'folder', ...attributesOf(path, stat) };
  if (stat.kind !== 'link') return { kind: 'left-out', path, what: stat.kind };
  const target = readLinkOrNull(disk, found);
  return target === null ? null : { kind: 'link', ...attributesOf(path, stat), target };
}

export function attributesOf(
  path: string,
  { mode, uid, gid, modifiedNs }: FileStat,
): Omit<FileEntry, 'kind' | 'sizeBytes' | 'hashes'> {
  return { path, mode, uid, gid, modifiedNs };
}

function readLinkOrNull(disk: Disk, path: string): string | null {
  try {
    return disk.readLink(path);
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return null;
    throw error;
  }
}
