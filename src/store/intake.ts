import { join } from 'node:path/posix';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';
import { createWhole, removeTree } from '../host/whole-file.ts';
import type { ObjectHash } from './entry.ts';
import { statThere } from './identity.ts';
import type { Layout } from './layout.ts';
import { hashOf, type KnownObjects } from './objects.ts';

/** Up to here each file is synced by itself; above, one sync of the file system is faster. */
const fewFiles = 8;

/**
 * New objects on their way into the store. They wait in a folder of their own until all of them are durable, and
 * are then renamed into place: so an object with its right name holds its right bytes even after a power loss.
 */
export interface Intake {
  readonly folder: string;
  /** When it was opened, by the file system's clock, in nanoseconds. */
  readonly startNs: bigint;
  readonly newBytes: number;
  readonly newCount: number;
  /** Whether an object is in the store, or on its way. */
  has(hash: ObjectHash): boolean;
  put(bytes: Uint8Array): ObjectHash;
  /** Takes in a file of the intake's folder (a clone); it is renamed or removed. */
  adopt(path: string, bytes: Uint8Array): ObjectHash;
  /** Makes all of it durable and gives it its place. */
  settle(): void;
  /** `settle` made the names; this makes them, and this file, durable. */
  syncNames(alsoFile: string): void;
  /**
   * Removes the folder and what did not get its place. Where names were made and not made durable it stays: the next
   * writer sees by it that they have to be.
   */
  discard(): void;
}

export function openIntake(
  disk: Disk,
  layout: Layout,
  { name, known }: { readonly name: string; readonly known: KnownObjects },
): Intake {
  const folder = join(layout.incoming, name);
  disk.makeFolder(folder, 0o700);
  const startNs = statThere(disk, folder).changedNs;
  const isKnown = known.since(startNs);
  const pending = new Set<ObjectHash>();
  const settledFolders = new Set<string>();
  let areNamesDurable = true;
  let newBytes = 0;
  const has = (hash: ObjectHash): boolean => pending.has(hash) || isKnown(hash);
  const count = (hash: ObjectHash, sizeBytes: number): ObjectHash => {
    pending.add(hash);
    newBytes += sizeBytes;
    return hash;
  };
  return {
    folder,
    startNs,
    get newBytes() {
      return newBytes;
    },
    get newCount() {
      return pending.size;
    },
    has,
    put(bytes) {
      const hash = hashOf(bytes);
      if (has(hash)) return hash;
      createWhole(disk, join(folder, hash), { bytes, mode: 0o400 });
      return count(hash, bytes.length);
    },
    adopt(path, bytes) {
      const hash = hashOf(bytes);
      if (has(hash)) {
        disk.removeFile(path);
        return hash;
      }
      disk.chmod(path, 0o400);
      disk.rename(path, join(folder, hash));
      return count(hash, bytes.length);
    },
    settle() {
      const paths = [...pending].map((hash) => join(folder, hash));
      syncFiles(disk, paths);
      areNamesDurable = pending.size === 0;
      for (const hash of pending) settledFolders.add(place(disk, layout, { hash, folder }));
    },
    syncNames(alsoFile) {
      syncPlaces(disk, layout, { settledFolders, alsoFile });
      areNamesDurable = true;
    },
    discard: () => void (areNamesDurable && removeTree(disk, folder)),
  };
}

function syncPlaces(
  disk: Disk,
  { objects }: Layout,
  made: { readonly settledFolders: ReadonlySet<string>; readonly alsoFile: string },
): void {
  const { settledFolders, alsoFile } = made;
  if (settledFolders.size > fewFiles && disk.syncFileSystem(alsoFile)) return;
  disk.syncFile(alsoFile);
  for (const folder of settledFolders) disk.syncFolder(folder);
  if (settledFolders.size > 0) disk.syncFolder(objects);
}

function syncFiles(disk: Disk, paths: readonly string[]): void {
  const [first] = paths;
  if (first === undefined) return;
  if (paths.length > fewFiles && disk.syncFileSystem(first)) return;
  for (const path of paths) disk.syncFile(path);
}

function place(
  disk: Disk,
  layout: Layout,
  { hash, folder }: { readonly hash: ObjectHash; readonly folder: string },
): string {
  const home = layout.objectFolder(hash);
  try {
    disk.rename(join(folder, hash), layout.object(hash));
  } catch (error) {
    if (!isDiskError(error, 'ENOENT')) throw error;
    disk.makeFolder(home, 0o700);
    disk.rename(join(folder, hash), layout.object(hash));
  }
  return home;
}
