import type { Database } from '../../sqlite/database.ts';
import { quoteName, quoteText } from '../../sqlite/names.ts';
import type { Table } from '../../sqlite/schema.ts';
import { cell, isJson, sameKey, sameMeaning } from '../rows/compare.ts';

/** An old column whose values stand under a key of the JSON objects of a new column. */
export interface Inside {
  readonly old: string;
  readonly latest: string;
  readonly key: string;
  /** The old column holds JSON itself. */
  readonly holdsJson: boolean;
  /** Rows that both states have; in all of them it is so. */
  readonly rows: number;
}

/** What else stands in a new column of JSON objects. */
export interface Around {
  /** Key → JSON that stands there in every row. */
  readonly constants: Readonly<Record<string, string>>;
  /** Keys whose values differ from row to row. */
  readonly others: readonly string[];
  /** Some rows have no object at all. */
  readonly hasNull: boolean;
}

export interface Searched {
  readonly table: Table;
  readonly home: Table;
  readonly key: readonly string[];
  /** Old columns of which it is not known where their values are now. */
  readonly lost: readonly string[];
}

/** More keys than this are data, and no form. */
const maxKeys = 32;

/**
 * Finds old columns within the JSON of columns that only the new table has: equal in every row that both have, and
 * somewhere not NULL. Each column, and each key, is given away once.
 */
export function findInside(db: Database, searched: Searched): Inside[] {
  const { table, home } = searched;
  const known = new Set(table.columns.map(({ name }) => name));
  const added = home.columns.filter((column) => !column.isGenerated && !known.has(column.name));
  const found: Inside[] = [];
  for (const { name: latest } of added) {
    for (const key of keysOf(db, home, latest)) {
      const left = searched.lost.filter((old) => found.every((each) => each.old !== old));
      const inside = equalIn(db, { ...searched, lost: left }, { latest, key });
      if (inside !== null) found.push(inside);
    }
  }
  return found;
}

/** The keys of the objects in a column; none where it holds anything else, or too many. */
function keysOf(db: Database, { name }: Table, column: string): readonly string[] {
  const from = `origin.${quoteName(name)} AS o`;
  const value = cell('o', column);
  const isObject = `${isJson(value)} AND substr(${value}, 1, 1) = '{'`;
  const strangers = `SELECT EXISTS (SELECT 1 FROM ${from} WHERE ${value} IS NOT NULL AND NOT (${isObject}))`;
  if (db.count(strangers) > 0) return [];
  const keys = db.texts(
    `SELECT DISTINCT e.key FROM ${from}, json_each(${value}) AS e LIMIT ${maxKeys + 1}`,
  );
  return keys.length > maxKeys ? [] : keys;
}

function equalIn(
  db: Database,
  { table, home, key: rowKey, lost }: Searched,
  { latest, key }: Pick<Inside, 'latest' | 'key'>,
): Inside | null {
  const value = `json_extract(${cell('o', latest)}, ${pathOf(key)})`;
  const sums = lost.map((old, n) => {
    const was = cell('b', old);
    return `sum(NOT ${sameMeaning(value, was)}) AS d${n}, count(${was}) AS f${n}, sum(NOT ${isJson(was)} AND ${was} IS NOT NULL) AS j${n}`;
  });
  if (sums.length === 0) return null;
  const [row] = db.all(`SELECT count(*) AS rows, ${sums.join(', ')}
    FROM base.${quoteName(table.name)} AS b
    JOIN origin.${quoteName(home.name)} AS o ON ${sameKey('o', 'b', rowKey)}`);
  const index = lost.findIndex((_old, n) => row?.[`d${n}`] === 0 && Number(row[`f${n}`]) > 0);
  const old = lost[index];
  if (row === undefined || old === undefined) return null;
  return { old, latest, key, holdsJson: row[`j${index}`] === 0, rows: Number(row['rows']) };
}

/** What stands beside the keys that were found in a column. */
export function around(db: Database, home: Table, inside: readonly Inside[]): Around {
  const latest = inside[0]?.latest ?? '';
  const [from, value] = [`origin.${quoteName(home.name)}`, quoteName(latest)];
  const rows = db.count(`SELECT count(${value}) FROM ${from}`);
  const constants: Record<string, string> = {};
  const others: string[] = [];
  for (const key of keysOf(db, home, latest)) {
    if (inside.some((each) => each.key === key)) continue;
    const part = `${value} -> ${pathOf(key)}`;
    const [told] = db.all(
      `SELECT count(DISTINCT ${part}) AS kinds, count(${part}) AS rows, min(${part}) AS one FROM ${from}`,
    );
    const isConstant = told?.['kinds'] === 1 && told['rows'] === rows;
    if (isConstant) constants[key] = String(told['one']);
    else others.push(key);
  }
  const hasNull = db.count(`SELECT EXISTS (SELECT 1 FROM ${from} WHERE ${value} IS NULL)`) > 0;
  return { constants, others, hasNull };
}

/** `'$.key'` as SQL. */
export function pathOf(key: string): string {
  return quoteText(/^[A-Za-z_]\w*$/.test(key) ? `$.${key}` : `$.${JSON.stringify(key)}`);
}

/** The new column's value over the old row. */
export function objectOf(
  inside: readonly Inside[],
  { constants, hasNull }: Around,
  nameOf: (column: string) => string,
): string {
  const members = [
    ...Object.entries(constants).map(
      ([key, json]) => `${quoteText(key)}, json(${quoteText(json)})`,
    ),
    ...inside.map(({ old, key, holdsJson }) => {
      const value = holdsJson ? `json(${nameOf(old)})` : nameOf(old);
      return `${quoteText(key)}, ${value}`;
    }),
  ];
  const object = `json_object(${members.join(', ')})`;
  if (!hasNull) return object;
  const isThere = inside.map(({ old }) => `${nameOf(old)} IS NOT NULL`).join(' OR ');
  return `CASE WHEN ${isThere} THEN ${object} END`;
}
