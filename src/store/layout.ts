import { createHash } from 'node:crypto';
import { join } from 'node:path/posix';
import type { Disk } from '../host/disk.ts';
import { makeDurableFolders } from '../host/whole-file.ts';
import type { ObjectHash } from './entry.ts';
import type { SnapshotId } from './snapshot-id.ts';

/** Where things lie in a store: docs/formats/store.md. */
export interface Layout {
  readonly root: string;
  readonly objects: string;
  readonly snapshots: string;
  /** What is being written; nothing in it counts. */
  readonly incoming: string;
  /** Objects whose bytes were found altered, by hash. */
  readonly damaged: string;
  readonly pins: string;
  readonly cache: string;
  readonly lock: string;
  objectFolder(hash: ObjectHash): string;
  object(hash: ObjectHash): string;
  snapshot(id: SnapshotId): string;
  /** The stat cache of one captured root. */
  statCache(capturedRoot: string): string;
}

export function layoutOf(root: string): Layout {
  const objects = join(root, 'objects');
  const snapshots = join(root, 'snapshots');
  const cache = join(root, 'cache');
  const objectFolder = (hash: ObjectHash): string => join(objects, hash.slice(0, 2));
  return {
    root,
    objects,
    snapshots,
    incoming: join(root, 'incoming'),
    damaged: join(root, 'damaged'),
    pins: join(root, 'pins'),
    cache,
    lock: join(root, 'lock'),
    objectFolder,
    object: (hash) => join(objectFolder(hash), hash.slice(2)),
    snapshot: (id) => join(snapshots, `${id}.txt`),
    statCache: (capturedRoot) => {
      const name = createHash('sha256').update(capturedRoot, 'utf16le').digest('hex');
      return join(cache, `${name.slice(0, 32)}.tsv`);
    },
  };
}

/** Makes what is missing, 0700 whatever the umask; durable when it returns. */
export function makeLayout(disk: Disk, layout: Layout): void {
  const { root, objects, snapshots, incoming, damaged, pins, cache, lock } = layout;
  for (const folder of [root, objects, snapshots, incoming, damaged, pins, cache, lock]) {
    makeDurableFolders(disk, folder, 0o700);
  }
}
