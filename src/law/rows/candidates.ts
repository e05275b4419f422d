import { quoteName } from '../../sqlite/names.ts';
import type { Turns } from '../../sqlite/pages/turns.ts';
import { affinityOf, type Column, type Table } from '../../sqlite/schema.ts';
import { latestOf, originOf, workingColumns, type Bench } from './bench.ts';
import { cell, cells, nameList, sameKey, sameRow } from './compare.ts';
import type { Raw } from './raw.ts';
import {
  findStoredChanges,
  rowidNameOf,
  storedChangesInTurns,
  type StoredChanges,
  type StoredQuestion,
} from './stored.ts';
import type { View } from './view.ts';

/** Keys under which a view may show other rows in latest than in origin. */
export interface Candidates {
  /** The working table of the keys. */
  readonly keys: string;
  /** What pages told of the stored rows behind the view; null where rows were compared. */
  readonly stored: StoredChanges | null;
}

/**
 * Makes the working table `scratch."NAME:T"` of keys under which a view may show other rows in latest than in
 * origin: no other row of it can differ. Where each row of the view is made from one stored row, stored rows are
 * compared, by their pages or else by their values; where it is not, the view's.
 */
export function findCandidates(bench: Bench, view: View, name: string): Candidates {
  const keys = `scratch.${quoteName(`${name}:${view.table.name}`)}`;
  bench.db.exec(`CREATE TABLE ${keys} (${workingColumns(view, view.key)})`);
  const confined = bench.confined?.get(view.table.name);
  if (confined !== undefined) {
    bench.db.exec(`INSERT INTO ${keys} SELECT ${nameList(view.key)} FROM ${confined}`);
    return { keys, stored: null };
  }
  const { raw } = view;
  const stored = raw === null ? null : storedChangesOf(bench, raw.table);
  if (raw === null) compareShown(bench, view, { keys, with: originOf(view) });
  else if (stored === null) compareStored(bench, raw, { keys, with: 'origin' });
  else takeKeys(bench, raw, { keys, rowids: stored.into, with: 'origin' });
  return { keys, stored };
}

/** What pages tell of a table in latest and origin; found once a merge. */
export function storedChangesOf(bench: Bench, { name }: Pick<Table, 'name'>): StoredChanges | null {
  const known = bench.stored.get(name);
  if (known !== undefined) return known;
  const found = findStoredChanges(bench, storedQuestion(name));
  bench.stored.set(name, found);
  return found;
}

/** Finds what `storedChangesOf` is asked for later, in turns: nothing else takes as long. */
export function* foreseeStored(bench: Bench, view: View): Turns<void> {
  const name = view.raw?.table.name;
  const isConfined = bench.confined?.has(view.table.name) ?? false;
  if (name === undefined || isConfined || bench.stored.has(name)) return;
  bench.stored.set(name, yield* storedChangesInTurns(bench, storedQuestion(name)));
}

function storedQuestion(table: string): StoredQuestion {
  const into = `scratch.${quoteName(`stored:${table}`)}`;
  return { table, left: 'latest', right: 'origin', into };
}

/** Where keys are put, and what `latest` is compared with: a schema, or a view. */
export interface Comparison {
  readonly keys: string;
  readonly with: string;
}

/** Puts the keys of rowids, as `latest` and the other state have them. */
export function takeKeys(
  { db }: Bench,
  { table, key }: Raw,
  { keys, rowids, with: other }: Comparison & { readonly rowids: string },
): void {
  const rowid = rowidNameOf(table) ?? '';
  const from = (schema: string): string =>
    `${rowids} AS r CROSS JOIN ${schema}.${quoteName(table.name)} AS x ON x.${rowid} = r.id`;
  if (isRowid(table, key)) {
    db.exec(`INSERT INTO ${keys} SELECT id FROM ${rowids}`);
    return;
  }
  db.exec(`INSERT INTO ${keys} SELECT ${cells('x', key)} FROM ${from('latest')}`);
  db.exec(`INSERT INTO ${keys} SELECT ${cells('x', key)} FROM ${from(other)}
    WHERE NOT EXISTS (SELECT 1 FROM latest.${quoteName(table.name)} AS y WHERE ${sameKey('y', 'x', key)}
      AND y.${rowid} IN (SELECT id FROM ${rowids}))`);
}

/** The key is the rowid itself. */
export function isRowid(table: Table, key: readonly string[]): boolean {
  return table.hasIntegerKey && key.length === 1 && key[0] === table.key[0];
}

/** Puts the keys under which stored rows differ, row by row. */
export function compareStored(
  { db }: Bench,
  { table, key }: Raw,
  { keys, with: other }: Comparison,
): void {
  const [latest, origin] = ['latest', other].map((schema) => `${schema}.${quoteName(table.name)}`);
  const first = cell('y', key[0] ?? '');
  db.exec(`INSERT INTO ${keys} SELECT ${cells('x', key)}
    FROM ${latest} AS x LEFT JOIN ${origin} AS y ON ${sameKey('y', 'x', key)}
    WHERE ${first} IS NULL OR NOT ${sameStored('x', 'y', table)}`);
  db.exec(`INSERT INTO ${keys} SELECT ${cells('x', key)}
    FROM ${origin} AS x LEFT JOIN ${latest} AS y ON ${sameKey('y', 'x', key)}
    WHERE ${first} IS NULL`);
}

/** Puts the keys under which a view shows other rows. */
export function compareShown({ db }: Bench, view: View, { keys, with: origin }: Comparison): void {
  const latest = latestOf(view);
  const body = view.columns.filter((column) => !view.key.includes(column));
  const first = cell('y', view.key[0] ?? '');
  db.exec(`INSERT INTO ${keys} SELECT ${cells('x', view.key)}
    FROM ${latest} AS x LEFT JOIN ${origin} AS y ON ${sameKey('y', 'x', view.key)}
    WHERE ${first} IS NULL OR NOT ${sameRow('x', 'y', body)}`);
  db.exec(`INSERT INTO ${keys} SELECT ${cells('x', view.key)}
    FROM ${origin} AS x LEFT JOIN ${latest} AS y ON ${sameKey('y', 'x', view.key)}
    WHERE ${first} IS NULL`);
}

/** True where two rows of one table hold the same, by value and type. */
export function sameStored(a: string, b: string, { columns }: Pick<Table, 'columns'>): string {
  const stored = columns.filter(({ isGenerated }) => !isGenerated);
  if (stored.length === 0) return '1';
  const values = (alias: string): string =>
    stored.map(({ name }) => `${cell(alias, name)} COLLATE BINARY`).join(', ');
  const loose = stored.filter(isLoose);
  const types = (alias: string): string =>
    loose.map(({ name }) => `typeof(${cell(alias, name)})`).join(', ');
  const sameValues = `(${values(a)}) IS (${values(b)})`;
  return loose.length === 0
    ? `(${sameValues})`
    : `(${sameValues} AND (${types(a)}) IS (${types(b)}))`;
}

/**
 * Values that are equal and of two types, 1 and 1.0, stand only in a column without affinity; any other makes them
 * one. (-2^63 as a real number is the exception, which no test of types is worth.)
 */
function isLoose({ type }: Column): boolean {
  return affinityOf(type) === '';
}
