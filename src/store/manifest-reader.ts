import type { Disk } from '../host/disk.ts';
import type { Layout } from './layout.ts';
import { readManifestLike, type ReadWhole, type Snapshot } from './manifest.ts';
import type { SnapshotId } from './snapshot-id.ts';
import { keyOf } from './identity.ts';

/** So many are kept: a switch needs what was before, after, now and made, again and again. */
const keptCount = 4;

interface Kept {
  /** What the file was when it was read. */
  readonly key: string;
  readonly snapshot: Snapshot;
}

/**
 * Reads listings, the last few of them once: they never change, and one whose file is another than was read is read
 * anew. What was read whole last is kept beside them: of one that is much like it, only what differs is read. Throws `store/no-snapshot`, `store/torn` and `store/unsafe`.
 */
export function manifestReader(disk: Disk, layout: Layout): (id: SnapshotId) => Snapshot {
  const kept = new Map<SnapshotId, Kept>();
  let like: ReadWhole | null = null;
  const readAnew = (id: SnapshotId): Snapshot => {
    const { snapshot, whole } = readManifestLike(disk, layout.snapshot(id), { id, like });
    like = whole ?? like;
    return snapshot;
  };
  return (id) => {
    const key = fileKey(disk, layout.snapshot(id));
    const known = kept.get(id);
    kept.delete(id);
    const snapshot = known !== undefined && known.key === key ? known.snapshot : readAnew(id);
    kept.set(id, { key, snapshot });
    const [oldest] = kept.keys();
    if (kept.size > keptCount && oldest !== undefined) kept.delete(oldest);
    return snapshot;
  };
}

function fileKey(disk: Disk, path: string): string {
  const stat = disk.lstat(path);
  return stat === null ? '' : keyOf(stat);
}
