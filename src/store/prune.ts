import { join } from 'node:path/posix';
import type { Disk } from '../host/disk.ts';
import type { ObjectHash } from './entry.ts';
import type { Layout } from './layout.ts';
import { readManifest, type SnapshotHeader } from './manifest.ts';
import { allObjects } from './objects.ts';
import type { SnapshotId } from './snapshot-id.ts';

/** What pruning removes, or would remove. */
export interface PrunePlan {
  readonly keep: readonly SnapshotId[];
  readonly remove: readonly SnapshotId[];
  /** Objects that no kept snapshot needs, orphans among them. */
  readonly objects: readonly ObjectHash[];
  readonly freedBytes: number;
}

/**
 * Throws `store/torn` if a listing that stays cannot be read: what it needs is unknown, so nothing may go.
 */
export function planPrune(
  disk: Disk,
  layout: Layout,
  scope: { readonly all: readonly SnapshotHeader[]; readonly kept: ReadonlySet<SnapshotId> },
): PrunePlan {
  const ids = scope.all.map(({ id }) => id);
  const keep = ids.filter((id) => scope.kept.has(id));
  const needed = new Set<ObjectHash>();
  for (const id of keep) {
    for (const entry of readManifest(disk, layout.snapshot(id), id).listing.entries()) {
      if (entry.kind === 'file') for (const hash of entry.hashes) needed.add(hash);
    }
  }
  const objects = [...allObjects(disk, layout)].filter((hash) => !needed.has(hash));
  let freedBytes = 0;
  for (const hash of objects) freedBytes += disk.lstat(layout.object(hash))?.allocatedBytes ?? 0;
  return { keep, remove: ids.filter((id) => !scope.kept.has(id)), objects, freedBytes };
}

/**
 * Snapshots first: once their names are durably gone, nobody can need the objects. A crash leaves orphans.
 */
export function applyPrune(disk: Disk, layout: Layout, plan: PrunePlan): void {
  for (const id of plan.remove) disk.removeFile(layout.snapshot(id));
  if (plan.remove.length > 0) disk.syncFolder(layout.snapshots);
  for (const hash of plan.objects) disk.removeFile(layout.object(hash));
  for (const name of disk.list(layout.cache)) disk.removeFile(join(layout.cache, name));
}
