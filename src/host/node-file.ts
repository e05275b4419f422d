import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  readSync,
  writeSync,
} from 'node:fs';
import type { DiskFile, FileKind, FileStat } from './disk.ts';
import { onDisk } from './node-fault.ts';

/** Wraps an open descriptor; the path is for messages. */
export function nodeFile(descriptor: number, path: string): DiskFile {
  let isOpen = true;
  return {
    stat: () => onDisk('stat', path, () => statOf(fstatSync(descriptor, { bigint: true }))),
    read: (into, position) => onDisk('read', path, () => readFully(descriptor, into, position)),
    write: (bytes, position) =>
      onDisk('write', path, () => writeFully(descriptor, bytes, position)),
    truncate: (sizeBytes) => onDisk('truncate', path, () => ftruncateSync(descriptor, sizeBytes)),
    sync: () => onDisk('sync', path, () => fsyncSync(descriptor)),
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      onDisk('close', path, () => closeSync(descriptor));
    },
  };
}

export function statOf(stats: BigIntStats): FileStat {
  const mode = Number(stats.mode);
  return {
    // Asked of every file that is looked at: the methods of `stats` take several times as long.
    kind: (mode & constants.S_IFMT) === constants.S_IFREG ? 'file' : kindOf(stats),
    mode: mode & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    sizeBytes: Number(stats.size),
    allocatedBytes: Number(stats.blocks) * 512,
    linkCount: Number(stats.nlink),
    device: stats.dev,
    inode: stats.ino,
    modifiedNs: stats.mtimeNs,
    changedNs: stats.ctimeNs,
  };
}

function kindOf(stats: BigIntStats): FileKind {
  return kindOrNull(stats) ?? 'device';
}

type Kinds = Pick<
  BigIntStats,
  | 'isFile'
  | 'isDirectory'
  | 'isSymbolicLink'
  | 'isFIFO'
  | 'isSocket'
  | 'isBlockDevice'
  | 'isCharacterDevice'
>;

/** Null where the file system does not say. */
export function kindOrNull(told: Kinds): FileKind | null {
  if (told.isFile()) return 'file';
  if (told.isDirectory()) return 'folder';
  if (told.isSymbolicLink()) return 'link';
  if (told.isFIFO()) return 'fifo';
  if (told.isSocket()) return 'socket';
  return told.isBlockDevice() || told.isCharacterDevice() ? 'device' : null;
}

function readFully(descriptor: number, into: Uint8Array, position: number): number {
  let done = 0;
  while (done < into.length) {
    const count = readSync(descriptor, into, done, into.length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

function writeFully(descriptor: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, position + done);
  }
}
