import { hash as digest } from 'node:crypto';
import { join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk, DiskFile } from '../host/disk.ts';
import { type FileEntry, isObjectHash, type ObjectHash } from './entry.ts';
import { isRacy, keyOf } from './identity.ts';
import type { Layout } from './layout.ts';

/** A file above this size is kept as chunks. */
export const wholeFileBytes = 4_194_304;
export const chunkBytes = 1_048_576;

export function hashOf(bytes: Uint8Array): ObjectHash {
  const hash = digest('sha256', bytes, 'hex');
  if (isObjectHash(hash)) return hash;
  throw new TypeError(`${hash} is no SHA-256`);
}

/** Sizes of the objects that a file of this size is kept as. */
export function chunkSizes(sizeBytes: number): readonly number[] {
  if (sizeBytes === 0) return [];
  if (sizeBytes <= wholeFileBytes) return [sizeBytes];
  const count = Math.ceil(sizeBytes / chunkBytes);
  return Array.from({ length: count }, (_, at) =>
    Math.min(chunkBytes, sizeBytes - at * chunkBytes),
  );
}

/** Whether a file holds the bytes of an entry. Reads up to the first difference. */
export function holdsBytes(disk: Disk, path: string, { sizeBytes, hashes }: FileEntry): boolean {
  const file = disk.openRead(path);
  try {
    if (file.stat().sizeBytes !== sizeBytes) return false;
    let position = 0;
    return chunkSizes(sizeBytes).every((size, at) => {
      const bytes = Buffer.allocUnsafe(size);
      const count = file.read(bytes, position);
      position += size;
      return count === size && hashOf(bytes) === hashes[at];
    });
  } finally {
    file.close();
  }
}

/** An object's bytes, which are those of its name; or why there are none. */
export type ObjectRead =
  | { readonly kind: 'sound'; readonly bytes: Buffer }
  | { readonly kind: 'missing' | 'damaged' };

/** Reads objects into one buffer: bytes are valid until the next call. */
export function objectReader(disk: Disk, layout: Layout): (hash: ObjectHash) => ObjectRead {
  const buffer = Buffer.allocUnsafe(wholeFileBytes + 1);
  return (hash) => {
    const file = openOrNull(disk, layout.object(hash));
    if (file === null) return { kind: 'missing' };
    try {
      const bytes = buffer.subarray(0, file.read(buffer, 0));
      return hashOf(bytes) === hash ? { kind: 'sound', bytes } : { kind: 'damaged' };
    } catch (error) {
      if (!isDiskError(error, 'EIO')) throw error;
      return { kind: 'damaged' };
    } finally {
      file.close();
    }
  };
}

/** Bytes of an object that is sound; else throws `store/damaged`, naming the object. */
export function soundBytes(hash: ObjectHash, read: ObjectRead): Buffer {
  if (read.kind === 'sound') return read.bytes;
  throw damaged(hash, read.kind === 'missing' ? 'missing' : 'altered');
}

function damaged(hash: ObjectHash, how: 'missing' | 'altered'): BackstepError {
  return new BackstepError('store/damaged', {
    message: `the object ${hash} is ${how}`,
    hint: 'run `backstep verify` to see which snapshots need it, and restore another one',
  });
}

function openOrNull(disk: Disk, path: string): DiskFile | null {
  try {
    return disk.openRead(path);
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Which objects a store has, as far as it was asked. */
export interface KnownObjects {
  /** For one snapshot that began then, by the file system's clock: each of the 256 folders is looked at once. */
  since(startNs: bigint): (hash: ObjectHash) => boolean;
}

interface KnownFolder {
  readonly key: string;
  readonly names: ReadonlySet<string>;
}

/** A folder is listed again only where it may hold other names than it did: the times of a folder tell of those. */
export function knownObjects(disk: Disk, layout: Layout): KnownObjects {
  const kept = new Map<string, KnownFolder>();
  const namesOf = (prefix: string, startNs: bigint): ReadonlySet<string> => {
    const folder = join(layout.objects, prefix);
    const stat = disk.lstat(folder);
    if (stat === null) return new Set();
    const key = keyOf(stat);
    const known = kept.get(prefix);
    if (known?.key === key) return known.names;
    const names = new Set(disk.list(folder));
    if (isRacy(stat, startNs)) kept.delete(prefix);
    else kept.set(prefix, { key, names });
    return names;
  };
  return {
    since: (startNs) => {
      const folders = new Map<string, ReadonlySet<string>>();
      return (hash) => {
        const prefix = hash.slice(0, 2);
        const names = folders.get(prefix) ?? namesOf(prefix, startNs);
        folders.set(prefix, names);
        return names.has(hash.slice(2));
      };
    },
  };
}

/** Every object in the store, whether it is referenced or not. */
export function* allObjects(disk: Disk, layout: Layout): Generator<ObjectHash> {
  for (const prefix of listOrNone(disk, layout.objects)) {
    for (const rest of listOrNone(disk, join(layout.objects, prefix))) {
      const hash = prefix + rest;
      if (isObjectHash(hash)) yield hash;
    }
  }
}

function listOrNone(disk: Disk, folder: string): readonly string[] {
  return disk.lstat(folder) === null ? [] : disk.list(folder);
}

/** Every name of an object reaches the disk. */
export function syncObjectNames(disk: Disk, { objects }: Layout): void {
  if (disk.syncFileSystem(objects)) return;
  for (const name of disk.list(objects)) disk.syncFolder(join(objects, name));
  disk.syncFolder(objects);
}
