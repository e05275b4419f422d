import type { SnapshotHeader } from './manifest.ts';
import type { SnapshotId } from './snapshot-id.ts';

/** How many of the newest snapshots stay: of all, and one for each of the newest hours, days, weeks, months. */
export interface Retention {
  readonly last?: number;
  readonly hourly?: number;
  readonly daily?: number;
  readonly weekly?: number;
  readonly monthly?: number;
}

/**
 * The snapshots that the rule keeps; times are taken in UTC, a week begins on Monday. Of one period the newest
 * counts. Pure; what is pinned is kept on top of this.
 */
export function keptBy(
  retention: Retention,
  snapshots: readonly SnapshotHeader[],
): ReadonlySet<SnapshotId> {
  const newestFirst = snapshots.toSorted((a, b) => compare(b, a));
  const kept = new Set(newestFirst.slice(0, retention.last ?? 0).map(({ id }) => id));
  for (const [periodOf, limit] of periods(retention)) {
    const seen = new Set<string>();
    for (const { id, createdNs } of newestFirst) {
      const period = periodOf(new Date(Number(createdNs / 1_000_000n)));
      if (seen.has(period) || seen.size >= limit) continue;
      seen.add(period);
      kept.add(id);
    }
  }
  return kept;
}

type PeriodOf = (time: Date) => string;

function periods({ hourly, daily, weekly, monthly }: Retention): readonly [PeriodOf, number][] {
  return [
    [(time) => time.toISOString().slice(0, 13), hourly ?? 0],
    [(time) => time.toISOString().slice(0, 10), daily ?? 0],
    [(time) => mondayOf(time), weekly ?? 0],
    [(time) => time.toISOString().slice(0, 7), monthly ?? 0],
  ];
}

function mondayOf(time: Date): string {
  const daysSinceMonday = (time.getUTCDay() + 6) % 7;
  return new Date(time.getTime() - daysSinceMonday * 86_400_000).toISOString().slice(0, 10);
}

function compare(a: SnapshotHeader, b: SnapshotHeader): number {
  if (a.createdNs !== b.createdNs) return a.createdNs < b.createdNs ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
