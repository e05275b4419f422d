import type { ParkedFile } from '../law/files/judge.ts';
import type { CarryLimit } from '../law/rows/damage.ts';
import { damages, type Damage, type DamageCount } from './asset.ts';
import type { FileEntry } from './files-listing.ts';

export interface Refused {
  /** The latest state without the damage that is above the limit. */
  readonly latest: readonly FileEntry[];
  readonly parked: readonly ParkedFile<FileEntry>[];
  /** Null where nothing was lost. */
  readonly damage: DamageCount | null;
}

/** Files that were deleted, emptied or overwritten above the limit are as they were; what stands there is parked. */
export function refuseDamage(
  {
    origin,
    latest,
  }: { readonly origin: readonly FileEntry[]; readonly latest: readonly FileEntry[] },
  limit: CarryLimit,
): Refused {
  const now = new Map(latest.map((entry) => [entry.path, entry]));
  const moved = new Set(latest.map(({ hash }) => hash));
  const lost = Map.groupBy(
    origin.filter(({ kind }) => kind === 'file'),
    (entry) => lossOf(entry, now.get(entry.path), moved),
  );
  const countOf = (loss: Damage): number => lost.get(loss)?.length ?? 0;
  const isAbove = (loss: Damage): boolean =>
    limit.unattended === 'park' &&
    countOf(loss) > limit.rows &&
    countOf(loss) > limit.share * origin.length;
  const above = damages.filter(isAbove);
  const parked: ParkedFile<FileEntry>[] = [];
  for (const entry of above.flatMap((loss) => lost.get(loss) ?? [])) {
    parked.push({ path: entry.path, entry: now.get(entry.path) ?? null, why: 'damage' });
    now.set(entry.path, entry);
  }
  const counts = {
    deleted: countOf('deleted'),
    emptied: countOf('emptied'),
    overwritten: countOf('overwritten'),
  };
  const isHarmed = damages.some((loss) => counts[loss] > 0);
  return {
    latest: [...now.values()],
    parked,
    damage: isHarmed ? { total: origin.length, ...counts, parked: above } : null,
  };
}

/** What is there under another name was moved, not deleted. */
function lossOf(
  entry: FileEntry,
  now: FileEntry | undefined,
  moved: ReadonlySet<string | null>,
): Damage | 'none' {
  if (now === undefined) return moved.has(entry.hash) ? 'none' : 'deleted';
  if (now.hash === entry.hash || entry.sizeBytes === 0) return 'none';
  return now.sizeBytes === 0 ? 'emptied' : 'overwritten';
}
