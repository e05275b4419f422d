import { quoteName } from '../../sqlite/names.ts';
import { foldName } from '../../sqlite/spelling.ts';
import {
  bodyOf,
  changedLatestOf,
  changedOriginOf,
  deltaOf,
  latestOf,
  originOf,
  workingColumns,
  type Bench,
} from './bench.ts';
import { isRowid, type Candidates } from './candidates.ts';
import { cell, cells, inParts, nameList, same, sameKey } from './compare.ts';
import type { View } from './view.ts';

/** A working table of a view's rows, so that each is computed once. */
interface RowsTable {
  /** Without its schema. */
  readonly name: string;
  /** The columns to keep, the key's among them. */
  readonly columns: readonly string[];
}

/** Rows to put into it. */
interface Rows {
  /** A table of their keys, or a SELECT in parentheses. */
  readonly keys: string;
  /** The view that shows them. */
  readonly from: string;
}

/** Makes a working table of the rows that a view shows under some keys. */
export function drawRows(bench: Bench, view: View, table: RowsTable & Rows): void {
  makeTable(bench, view, table);
  addRows(bench, view, table);
  indexTable(bench, view, table);
}

function makeTable({ db }: Bench, view: View, { name, columns }: RowsTable): void {
  const id = view.key[0] ?? '';
  const declared = hasIds(view)
    ? columns.map((column) => `${quoteName(column)} ${column === id ? 'INTEGER PRIMARY KEY' : ''}`)
    : [workingColumns(view, columns)];
  db.exec(`CREATE TABLE scratch.${quoteName(name)} (${declared.join(', ')})`);
}

function addRows({ db }: Bench, view: View, { name, columns, keys, from }: RowsTable & Rows): void {
  // CROSS JOIN has SQLite begin with the keys.
  db.exec(`INSERT INTO scratch.${quoteName(name)} (${nameList(columns)}) SELECT ${cells('x', columns)}
    FROM ${keys} AS k CROSS JOIN ${from} AS x ON ${sameKey('x', 'k', view.key)}`);
}

function indexTable({ db }: Bench, view: View, { name }: RowsTable): void {
  if (hasIds(view)) return;
  db.exec(
    `CREATE INDEX scratch.${quoteName(`key of ${name}`)} ON ${quoteName(name)} (${nameList(view.key)})`,
  );
}

function hasIds({ raw }: View): boolean {
  return raw !== null && isRowid(raw.table, raw.key);
}

/**
 * Makes two working tables, `scratch."PREFIXlatest:T"` and `…origin:T`, of what the two states show under keys that may
 * have changed. Where it is known which stored columns changed, rows of both states hold those alone, and NULL elsewhere
 * on both sides; rows that only latest has are whole. Returns the columns of which a cell differs in a row of both.
 */
export function drawBoth(
  bench: Bench,
  view: View,
  { prefix, candidates }: { readonly prefix: string; readonly candidates: Candidates },
): readonly string[] {
  const shown = drawTables(bench, view, { prefix, candidates });
  const [latest, origin] = ['latest', 'origin'].map(
    (state) => `scratch.${quoteName(`${prefix}${state}:${view.table.name}`)}`,
  );
  return inParts(shown).flatMap((columns) => {
    const flags = columns.map(
      (column, n) => `max(NOT ${same(cell('l', column), cell('o', column))}) AS c${n}`,
    );
    const found = bench.db.all(`SELECT ${flags.join(', ')} FROM ${origin} AS o
      JOIN ${latest} AS l ON ${sameKey('l', 'o', view.key)}`)[0];
    return columns.filter((_column, n) => found?.[`c${n}`] === 1);
  });
}

/** Returns the columns outside the key that may differ. */
function drawTables(
  bench: Bench,
  view: View,
  { prefix, candidates }: { readonly prefix: string; readonly candidates: Candidates },
): readonly string[] {
  const { keys, stored } = candidates;
  const { columns, table } = view;
  const [latest, origin] = ['latest', 'origin'].map((state) => ({
    name: `${prefix}${state}:${table.name}`,
    columns,
    from: state === 'latest' ? latestOf(view) : originOf(view),
  }));
  if (latest === undefined || origin === undefined) return [];
  const changed = stored === null || !hasIds(view) ? null : stored.columns;
  if (stored === null || changed === null) {
    for (const rows of [latest, origin]) drawRows(bench, view, { ...rows, keys });
    return bodyOf(view);
  }
  const body = shownColumns(bench, view, changed);
  const shown = [...view.key, ...body];
  const held = (holders: string): string =>
    `(SELECT id AS ${quoteName(view.key[0] ?? '')} FROM ${stored.into} WHERE holder IN (${holders}))`;
  for (const rows of [latest, origin]) makeTable(bench, view, rows);
  addRows(bench, view, { ...latest, columns: shown, keys: held(`'both'`) });
  addRows(bench, view, { ...latest, keys: held(`'left'`) });
  addRows(bench, view, { ...origin, columns: shown, keys: held(`'both', 'right'`) });
  return body;
}

/** Columns of a view that may show another value where some stored columns changed. */
export function shownColumns(
  { db }: Bench,
  view: View,
  changed: ReadonlySet<string>,
): readonly string[] {
  const names = new Set([...changed].map(foldName));
  return bodyOf(view).filter((column) => {
    const origin = db.originOf(`SELECT * FROM ${latestOf(view)}`, column);
    return origin === null || names.has(foldName(origin.column));
  });
}

/** Draws rows whole that both states have and that are new to base, once the delta tells which. */
export function completeLatest({ db }: Bench, view: View): void {
  const latest = changedLatestOf(view);
  const which = `FROM ${deltaOf(view)} AS d JOIN ${changedOriginOf(view)} AS o ON ${sameKey('o', 'd', view.key)}
    WHERE d."backstep act" IN ('insert', 'replace')`;
  if (db.count(`SELECT count(*) ${which}`) === 0) return;
  const rows = `SELECT ${cells('x', view.columns)} FROM (SELECT ${cells('d', view.key)} ${which}) AS k
    CROSS JOIN ${latestOf(view)} AS x ON ${sameKey('x', 'k', view.key)}`;
  const whole = `scratch.${quoteName(`whole:${view.table.name}`)}`;
  db.exec(`CREATE TABLE ${whole} AS ${rows}`);
  db.exec(
    `DELETE FROM ${latest} AS l WHERE EXISTS (SELECT 1 FROM ${whole} AS w WHERE ${sameKey('w', 'l', view.key)})`,
  );
  db.exec(`INSERT INTO ${latest} SELECT * FROM ${whole}`);
}
