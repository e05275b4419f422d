import { quoteName } from '../../../sqlite/names.ts';
import { parkReasons, type CarriedCount, type ParkedCount, type ParkReason } from '../../place.ts';
import { movedOf, type Bench } from '../bench.ts';
import { newRowCount } from './reconcile.ts';
import type { ParkedPath } from '../documents.ts';

/** Rows in which the result differs from base, as `reconcile` found them on the finished result, and `others`. */
export function countCarried(bench: Bench, others: readonly CarriedCount[]): CarriedCount {
  let inserted = others.reduce((sum, other) => sum + other.inserted, 0);
  let updated = 0;
  let deleted = others.reduce((sum, other) => sum + other.deleted, 0);
  for (const view of bench.views) {
    const moved = (isGone: string): number =>
      bench.db.count(`SELECT count(*) FROM ${movedOf(view)} WHERE "backstep gone" = ${isGone}`);
    inserted += newRowCount(bench, view);
    updated += moved('0');
    deleted += moved('1');
  }
  return { inserted, updated, deleted };
}

/** Everything in the parked file by place and reason, and the paths of JSON cells. */
export function countParked(bench: Bench, paths: readonly ParkedPath[]): ParkedCount[] {
  const tables = bench.db.texts(`SELECT name FROM parked.sqlite_schema WHERE type = 'table'`);
  const counted = tables.flatMap((name) => countTable(bench, name));
  const byPath = Map.groupBy(paths, (path) => `${path.place}\n${path.why}`);
  const inCells = [...byPath.values()].map((group) => ({
    what: group[0]?.place ?? '',
    count: group.length,
    why: reasonOf(group[0]?.why),
  }));
  return [...counted, ...inCells];
}

function countTable(bench: Bench, name: string): ParkedCount[] {
  const [kind, table] = [name.slice(0, name.indexOf(':')), name.slice(name.indexOf(':') + 1)];
  const hasCells = kind.endsWith('cells');
  const rows = bench.db.all(`
    SELECT ${hasCells ? '"backstep column"' : "''"} AS "column", "backstep why" AS why, count(*) AS count
    FROM parked.${quoteName(name)} GROUP BY 1, 2 ORDER BY 1, 2`);
  return rows.map((row) => ({
    what: hasCells ? `${table}.${String(row['column'])}` : table,
    count: Number(row['count']),
    why: reasonOf(row['why']),
  }));
}

const reasons: ReadonlySet<string> = new Set(parkReasons);

function reasonOf(value: unknown): ParkReason {
  if (isReason(value)) return value;
  throw new TypeError(`${String(value)} is no reason for parking`);
}

function isReason(value: unknown): value is ParkReason {
  return typeof value === 'string' && reasons.has(value);
}
