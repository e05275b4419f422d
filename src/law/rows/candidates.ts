import { quoteName } from '../../sqlite/names.ts';
import { affinityOf, type Column, type Table } from '../../sqlite/schema.ts';
import { latestOf, originOf, workingColumns, type Bench } from './bench.ts';
import { cell, cells, nameList, sameKey, sameRow } from './compare.ts';
import type { Raw } from './raw.ts';
import { findStoredChanges, rowidNameOf } from './stored.ts';
import type { View } from './view.ts';

/**
 * Makes the working table `scratch."NAME:T"` of keys under which a view may show other rows in latest than in
 * origin: no other row of it can differ. Where each row of the view is made from one stored row, stored rows are
 * compared, by their pages if need be by their values; else the view's.
 */
export function findCandidates(bench: Bench, view: View, name: string): string {
  const candidates = `scratch.${quoteName(`${name}:${view.table.name}`)}`;
  bench.db.exec(`CREATE TABLE ${candidates} (${workingColumns(view, view.key)})`);
  if (view.raw === null) {
    compareShown(bench, view, candidates);
    return candidates;
  }
  const into = storedChangesOf(name, view.raw.table);
  const isTold =
    hasTable(bench, into) ||
    findStoredChanges(bench, { table: view.raw.table.name, left: 'latest', right: 'origin', into });
  if (isTold) takeKeys(bench, view.raw, { candidates, rowids: into });
  else compareStored(bench, view.raw, candidates);
  return candidates;
}

/** The working table of rowids under which latest and origin store other rows, as `findCandidates` makes it. */
export function storedChangesOf(name: string, table: Pick<Table, 'name'>): string {
  return `scratch.${quoteName(`${name} stored:${table.name}`)}`;
}

/** True where a working table was made. */
export function hasTable({ db }: Bench, table: string): boolean {
  return db.compiles(`SELECT 1 FROM ${table}`);
}

function takeKeys(
  { db }: Bench,
  { table, key }: Raw,
  { candidates, rowids }: { readonly candidates: string; readonly rowids: string },
): void {
  const rowid = rowidNameOf(table) ?? '';
  const from = (schema: string): string =>
    `${rowids} AS r CROSS JOIN ${schema}.${quoteName(table.name)} AS x ON x.${rowid} = r.id`;
  if (isRowid(table, key)) {
    db.exec(`INSERT INTO ${candidates} SELECT id FROM ${rowids}`);
    return;
  }
  db.exec(`INSERT INTO ${candidates} SELECT ${cells('x', key)} FROM ${from('latest')}`);
  db.exec(`INSERT INTO ${candidates} SELECT ${cells('x', key)} FROM ${from('origin')}
    WHERE NOT EXISTS (SELECT 1 FROM latest.${quoteName(table.name)} AS y WHERE ${sameKey('y', 'x', key)}
      AND y.${rowid} IN (SELECT id FROM ${rowids}))`);
}

/** The key is the rowid itself. */
export function isRowid(table: Table, key: readonly string[]): boolean {
  return table.hasIntegerKey && key.length === 1 && key[0] === table.key[0];
}

function compareStored({ db }: Bench, { table, key }: Raw, candidates: string): void {
  const [latest, origin] = ['latest', 'origin'].map(
    (schema) => `${schema}.${quoteName(table.name)}`,
  );
  const first = cell('y', key[0] ?? '');
  db.exec(`INSERT INTO ${candidates} SELECT ${cells('x', key)}
    FROM ${latest} AS x LEFT JOIN ${origin} AS y ON ${sameKey('y', 'x', key)}
    WHERE ${first} IS NULL OR NOT ${sameStored('x', 'y', table)}`);
  db.exec(`INSERT INTO ${candidates} SELECT ${cells('x', key)}
    FROM ${origin} AS x LEFT JOIN ${latest} AS y ON ${sameKey('y', 'x', key)}
    WHERE ${first} IS NULL`);
}

function compareShown({ db }: Bench, view: View, candidates: string): void {
  const [latest, origin] = [latestOf(view), originOf(view)];
  const body = view.columns.filter((column) => !view.key.includes(column));
  const first = cell('y', view.key[0] ?? '');
  db.exec(`INSERT INTO ${candidates} SELECT ${cells('x', view.key)}
    FROM ${latest} AS x LEFT JOIN ${origin} AS y ON ${sameKey('y', 'x', view.key)}
    WHERE ${first} IS NULL OR NOT ${sameRow('x', 'y', body)}`);
  db.exec(`INSERT INTO ${candidates} SELECT ${cells('x', view.key)}
    FROM ${origin} AS x LEFT JOIN ${latest} AS y ON ${sameKey('y', 'x', view.key)}
    WHERE ${first} IS NULL`);
}

/** A working table of a view's rows, and where they come from. */
export interface RowsWanted {
  /** The working table of their keys. */
  readonly keys: string;
  /** The view that shows them. */
  readonly from: string;
  /** The name of the table to make, without its schema. */
  readonly name: string;
}

/** Makes a working table of the rows that a view shows under some keys, so that each is computed once. */
export function drawRows({ db }: Bench, view: View, { keys, from, name }: RowsWanted): void {
  const isId = view.raw !== null && isRowid(view.raw.table, view.raw.key);
  const into = `scratch.${quoteName(name)}`;
  const columns = isId ? idColumns(view) : workingColumns(view, view.columns);
  db.exec(`CREATE TABLE ${into} (${columns})`);
  // CROSS JOIN has SQLite begin with the keys.
  db.exec(`INSERT INTO ${into} SELECT ${cells('x', view.columns)}
    FROM ${keys} AS k CROSS JOIN ${from} AS x ON ${sameKey('x', 'k', view.key)}`);
  if (isId) return;
  db.exec(
    `CREATE INDEX scratch.${quoteName(`key of ${name}`)} ON ${quoteName(name)} (${nameList(view.key)})`,
  );
}

function idColumns(view: View): string {
  const id = view.key[0] ?? '';
  return view.columns
    .map((column) => (column === id ? `${quoteName(id)} INTEGER PRIMARY KEY` : quoteName(column)))
    .join(', ');
}

/** True where two rows of one table hold the same, by value and type. */
export function sameStored(a: string, b: string, { columns }: Pick<Table, 'columns'>): string {
  const stored = columns.filter(({ isGenerated }) => !isGenerated);
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
