import { BackstepError } from '../fault/backstep-error.ts';
import type { Disk } from '../host/disk.ts';
import type { ObjectHash } from './entry.ts';
import type { Layout } from './layout.ts';
import { readManifest } from './manifest.ts';
import { allObjects, objectReader } from './objects.ts';
import type { SnapshotId } from './snapshot-id.ts';

/**
 * damaged: an object's bytes are not those of its name, or the device cannot read them · missing: a snapshot needs an
 * object that is not there · torn: a listing cannot be read · orphaned: no snapshot needs the object; a crash leaves
 * some, and `prune` removes them.
 */
export type CheckFinding =
  | {
      readonly kind: 'damaged' | 'missing';
      readonly hash: ObjectHash;
      readonly neededBy: readonly Need[];
    }
  | { readonly kind: 'torn'; readonly id: SnapshotId; readonly why: string }
  | { readonly kind: 'orphaned'; readonly hash: ObjectHash };

export interface Need {
  readonly id: SnapshotId;
  /** One of the files that hold it. */
  readonly path: string;
}

export interface CheckReport {
  /** Nothing is damaged, missing or torn. */
  readonly isSound: boolean;
  readonly objectCount: number;
  readonly sizeBytes: number;
  readonly findings: readonly CheckFinding[];
}

/** Hashes every object that the snapshots need. `withOrphans` also lists what none of them needs. */
export function check(
  disk: Disk,
  layout: Layout,
  scope: { readonly ids: readonly SnapshotId[]; readonly withOrphans: boolean },
): CheckReport {
  const findings: CheckFinding[] = [];
  const needs = new Map<ObjectHash, Need[]>();
  for (const id of scope.ids) findings.push(...collectNeeds(disk, layout, { id, needs }));
  const read = objectReader(disk, layout);
  let sizeBytes = 0;
  for (const [hash, neededBy] of needs) {
    const object = read(hash);
    if (object.kind === 'sound') sizeBytes += object.bytes.length;
    else findings.push({ kind: object.kind, hash, neededBy });
  }
  const isSound = findings.length === 0;
  for (const hash of scope.withOrphans ? allObjects(disk, layout) : []) {
    if (!needs.has(hash)) findings.push({ kind: 'orphaned', hash });
  }
  return { isSound, objectCount: needs.size, sizeBytes, findings };
}

/** Adds what one snapshot needs, each object once; a finding if its listing cannot be read. */
function collectNeeds(
  disk: Disk,
  layout: Layout,
  { id, needs }: { readonly id: SnapshotId; readonly needs: Map<ObjectHash, Need[]> },
): readonly CheckFinding[] {
  try {
    for (const entry of readManifest(disk, layout.snapshot(id), id).listing.entries()) {
      for (const hash of entry.kind === 'file' ? entry.hashes : []) {
        const known = needs.get(hash) ?? [];
        if (known.at(-1)?.id !== id) known.push({ id, path: entry.path });
        needs.set(hash, known);
      }
    }
    return [];
  } catch (error) {
    const isOurs = error instanceof BackstepError;
    if (!isOurs || !['store/torn', 'store/unsafe'].includes(error.code)) throw error;
    return [{ kind: 'torn', id, why: error.message }];
  }
}
