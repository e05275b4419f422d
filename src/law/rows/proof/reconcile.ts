import { quoteName } from '../../../sqlite/names.ts';
import { atOnce, type Turns } from '../../../sqlite/pages/turns.ts';
import {
  baseOf,
  deltaOf,
  movedOf,
  resultOf,
  storedColumnsOf,
  workingColumns,
  type Bench,
} from '../bench.ts';
import type { Table } from '../../../sqlite/schema.ts';
import { cell, cells, sameKey, sameRow } from '../compare.ts';
import { lostChanges } from './lost-changes.ts';
import { isRowid, sameStored } from '../candidates.ts';
import { rowidNameOf, storedChangesInTurns, type StoredChanges } from '../stored.ts';
import type { View } from '../view.ts';

/** A row or cell that is neither as it should be nor parked: a defect of ours, never the user's. */
export interface Discrepancy {
  readonly place: string;
  readonly what:
    | 'row differs from base'
    | 'row is new'
    | 'row is gone'
    | 'change is in neither list'
    | 'view is broken';
  readonly count: number;
}

/**
 * Looks at the finished result with eyes of its own: rows that nobody changed are as base had them, and
 * every cell that differs between origin and latest is in the result or among the parked. `rebuilt` names columns that
 * were made anew after the merge, null whole rows: of those the result says nothing.
 */
export function* reconcile(
  bench: Bench,
  view: View,
  rebuilt: ReadonlySet<string | null>,
): Turns<Discrepancy[]> {
  const untouched = yield* untouchedInTurns(bench, view);
  return [...untouched, ...(rebuilt.has(null) ? [] : lostChanges(bench, view, rebuilt))].filter(
    (discrepancy) => discrepancy.count > 0,
  );
}

/** Rows that are in no delta and not as base had them; a count of 0 where there are none. */
export function untouchedRows(bench: Bench, view: View): Discrepancy[] {
  return atOnce(untouchedInTurns(bench, view));
}

function* untouchedInTurns(bench: Bench, view: View): Turns<Discrepancy[]> {
  const { db } = bench;
  const isTold = yield* findMoved(bench, view);
  const isTouched = `EXISTS (SELECT 1 FROM ${deltaOf(view)} AS d WHERE ${sameKey('d', 'm', view.key)})`;
  const moved = (which: string): number =>
    db.count(
      `SELECT count(*) FROM ${movedOf(view)} AS m WHERE m."backstep gone" = ${which} AND NOT ${isTouched}`,
    );
  const place = view.table.name;
  return [
    { place, what: 'row differs from base', count: moved('0') },
    { place, what: 'row is gone', count: moved('1') },
    { place, what: 'row is new', count: newRowCount(bench, view) - explained(bench, view, isTold) },
  ];
}

/** New rows that are in the delta. */
function explained({ db }: Bench, view: View, isTold: boolean): number {
  if (isTold && isRowid(view.table, view.key)) {
    return db.count(`SELECT count(*) FROM ${deltaOf(view)} AS d
      JOIN ${movedStoredOf(view)} AS m ON m.id = ${cell('d', view.key[0] ?? '')} WHERE m.holder = 'right'`);
  }
  const isIn = (table: string): string =>
    `EXISTS (SELECT 1 FROM ${table} AS x WHERE ${sameKey('x', 'd', view.key)})`;
  return db.count(`SELECT count(*) FROM ${deltaOf(view)} AS d
    WHERE ${isIn(resultOf(view))} AND NOT ${isIn(baseOf(view))}`);
}

/** Rows of the result that base does not have; needs the table of moved rows. */
export function newRowCount({ db }: Bench, view: View): number {
  const isTold = db.count(
    'SELECT count(*) FROM scratch.sqlite_schema WHERE name = ?',
    `moved stored:${view.table.name}`,
  );
  // Pages that tell were held against the count of all rows already.
  if (isTold === 1 && isRowid(view.table, view.key)) {
    return db.count(`SELECT count(*) FROM ${movedStoredOf(view)} WHERE holder = 'right'`);
  }
  return db.count(`SELECT (SELECT count(*) FROM ${resultOf(view)}) - (SELECT count(*) FROM ${baseOf(view)})
    + (SELECT count(*) FROM ${movedOf(view)} WHERE "backstep gone" = 1)`);
}

/** The rowids under which base and result store other rows, where pages tell. */
function movedStoredOf(view: View): string {
  return `scratch.${quoteName(`moved stored:${view.table.name}`)}`;
}

/** True where pages told which rows moved; else all of them were compared. */
function* findMoved(bench: Bench, view: View): Turns<boolean> {
  const { db } = bench;
  const into = movedStoredOf(view);
  db.exec(`DROP TABLE IF EXISTS ${into}`);
  db.exec(`DROP TABLE IF EXISTS ${movedOf(view)}`);
  db.exec(`CREATE TABLE ${movedOf(view)} ("backstep gone", ${workingColumns(view, view.key)})`);
  const question = { table: view.table.name, left: 'base', right: 'main', into } as const;
  const isAsked = view.split === null && !db.isInTransaction;
  const told = isAsked ? yield* storedChangesInTurns(bench, question) : null;
  db.exec(
    `INSERT INTO ${movedOf(view)} ${told === null ? movedOfAll(view) : movedAmong(view, told)}`,
  );
  return told !== null;
}

function movedAmong(view: View, { into, columns }: StoredChanges): string {
  const rowid = rowidNameOf(view.table) ?? '';
  const base = `${into} AS m CROSS JOIN ${baseOf(view)} AS b ON b.${rowid} = m.id`;
  if (!isRowid(view.table, view.key)) return movedOfAll(view, base);
  // A column that is computed is in no row's values: what pages tell of it says nothing.
  const isOther = columns === null ? '0' : 'm.is_other';
  return `SELECT 1, id FROM ${into} WHERE holder = 'left' UNION ALL
    SELECT 0, m.id FROM ${into} AS m WHERE ${isOther} UNION ALL
    SELECT 0, m.id FROM ${base} CROSS JOIN ${resultOf(view)} AS r ON r.${rowid} = m.id
    WHERE m.holder = 'both' AND NOT ${isOther} AND NOT ${sameStored('r', 'b', touchedOf(view.table, columns))}`;
}

/** The table's columns of which some cell may differ. */
function touchedOf({ columns }: Table, touched: StoredChanges['columns']): Pick<Table, 'columns'> {
  return { columns: columns.filter(({ name }) => touched?.has(name) ?? true) };
}

function movedOfAll(view: View, base = `${baseOf(view)} AS b`): string {
  const body = storedColumnsOf(view).filter((column) => !view.key.includes(column));
  const isSame = view.split === null ? sameStored('r', 'b', view.table) : sameRow('r', 'b', body);
  const isGone = `${cell('r', view.key[0] ?? '')} IS NULL`;
  return `SELECT ${isGone}, ${cells('b', view.key)}
    FROM ${base} LEFT JOIN ${resultOf(view)} AS r ON ${sameKey('r', 'b', view.key)}
    WHERE ${isGone} OR NOT ${isSame}`;
}

/** Views of the wanted shape that no longer compile. One that names a function of the application never did here. */
export function brokenViews({ db }: Bench): Discrepancy[] {
  const names = db.texts(`SELECT name FROM main.sqlite_schema WHERE type = 'view'`);
  const compilesIn = (schema: string, name: string): boolean =>
    db.compiles(`SELECT * FROM ${schema}.${quoteName(name)}`);
  return names
    .filter((name) => !compilesIn('main', name) && compilesIn('base', name))
    .map((place): Discrepancy => ({ place, what: 'view is broken', count: 1 }));
}
