import type { Database } from '../../sqlite/database.ts';
import { quoteName } from '../../sqlite/names.ts';
import type { Table } from '../../sqlite/schema.ts';
import { cell, sameKey, sameMeaning } from '../rows/compare.ts';
import type { Shape } from '../rows/view.ts';

/** A column that has another name in the new release. */
export interface Rename {
  readonly old: string;
  readonly latest: string;
  /** Rows that both states have; in all of them both columns hold the same. */
  readonly rows: number;
}

/** A table of the new release that holds an old one. */
export interface Home {
  readonly table: Table;
  readonly evidence: readonly string[];
}

/**
 * Finds the new table that holds an old one: that of the same name, else a table that only the new release has, with the
 * same rows by key, and most of the old columns, one of which at least holds the same in every row. The old database
 * stands as schema `base`, the new one as `origin`.
 */
export function findHome(
  db: Database,
  table: Table,
  { old, latest }: { readonly old: Shape; readonly latest: Shape },
): Home | null {
  const same = latest.get(table.name);
  if (same !== undefined) return same.kind === 'table' ? { table: same, evidence: [] } : null;
  const rows = db.count(`SELECT count(*) FROM base.${quoteName(table.name)}`);
  if (rows === 0 || table.key.length === 0) return null;
  const added = [...latest.values()].filter(({ name, kind }) => kind === 'table' && !old.has(name));
  const found = added.find((candidate) => holds(db, table, candidate));
  if (found === undefined) return null;
  return {
    table: found,
    evidence: [`${found.name} holds all ${rows} rows of ${table.name}, by key`],
  };
}

function holds(db: Database, table: Table, candidate: Table): boolean {
  const names = new Set(candidate.columns.map(({ name }) => name));
  const shared = table.columns.filter(({ name }) => names.has(name)).map(({ name }) => name);
  const body = shared.filter((column) => !table.key.includes(column));
  const hasKey = table.key.every((column) => names.has(column));
  if (!hasKey || shared.length * 2 < table.columns.length || body.length === 0) return false;
  const [old, latest] = [`base.${quoteName(table.name)}`, `origin.${quoteName(candidate.name)}`];
  const pairs = body.slice(0, comparedPairs).map((column) => ({ old: column, latest: column }));
  const count = (from: string): number => db.count(`SELECT count(*) FROM ${from}`);
  const both = count(`${old} AS b JOIN ${latest} AS o ON ${sameKey('o', 'b', table.key)}`);
  const isSameSet = both === count(old) && both === count(latest);
  return isSameSet && equalPairs(db, { table, home: candidate, key: table.key }, pairs).length > 0;
}

interface Renamed {
  readonly table: Table;
  readonly home: Table;
  readonly key: readonly string[];
}

/** How many pairs of columns one query compares. */
const comparedPairs = 200;

/**
 * Old columns that the new table lacks, each with a new column that holds the same in every row that both have, one value
 * at least not NULL. Of several such columns the one that stands first; each is given away once.
 */
export function findRenames(db: Database, { table, home, key }: Renamed): Rename[] {
  const names = new Set(home.columns.map(({ name }) => name));
  const known = new Set(table.columns.map(({ name }) => name));
  if (!key.every((column) => names.has(column))) return [];
  const lost = table.columns.filter((column) => !column.isGenerated && !names.has(column.name));
  const added = home.columns.filter((column) => !column.isGenerated && !known.has(column.name));
  const pairs = lost.flatMap((old) =>
    added.map((latest) => ({ old: old.name, latest: latest.name })),
  );
  const equal: Rename[] = [];
  for (let from = 0; from < pairs.length; from += comparedPairs) {
    equal.push(...equalPairs(db, { table, home, key }, pairs.slice(from, from + comparedPairs)));
  }
  return eachOnce(equal);
}

function equalPairs(
  db: Database,
  { table, home, key }: Renamed,
  pairs: readonly Omit<Rename, 'rows'>[],
): Rename[] {
  const sums = pairs.map(
    ({ old, latest }, n) => `sum(NOT ${sameMeaning(cell('o', latest), cell('b', old))}) AS d${n},
      count(${cell('b', old)}) AS f${n}`,
  );
  const [row] = db.all(`SELECT count(*) AS rows, ${sums.join(', ')}
    FROM base.${quoteName(table.name)} AS b
    JOIN origin.${quoteName(home.name)} AS o ON ${sameKey('o', 'b', key)}`);
  const rows = Number(row?.['rows'] ?? 0);
  return pairs
    .filter((_pair, n) => rows > 0 && row?.[`d${n}`] === 0 && Number(row[`f${n}`]) > 0)
    .map((pair) => ({ ...pair, rows }));
}

function eachOnce(equal: readonly Rename[]): Rename[] {
  const taken = new Set<string>();
  return equal.filter(({ old, latest }) => {
    const isFree = !taken.has(`old ${old}`) && !taken.has(`latest ${latest}`);
    if (isFree) taken.add(`old ${old}`).add(`latest ${latest}`);
    return isFree;
  });
}
