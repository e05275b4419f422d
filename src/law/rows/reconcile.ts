import { quoteName, quoteText } from '../../sqlite/names.ts';
import {
  baseOf,
  changedOf,
  deltaOf,
  mergedOf,
  movedOf,
  parkedCellsOf,
  parkedRowsOf,
  resultOf,
  storedColumnsOf,
  workingColumns,
  type Bench,
} from './bench.ts';
import { cell, cells, inParts, same, sameKey, sameMeaning, sameRow } from './compare.ts';
import { drawBoth } from './drawn.ts';
import { findCandidates, isRowid, sameStored } from './candidates.ts';
import { findStoredChanges, rowidNameOf } from './stored.ts';
import type { View } from './view.ts';

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
export function reconcile(
  bench: Bench,
  view: View,
  rebuilt: ReadonlySet<string | null>,
): Discrepancy[] {
  const changed = findChanged(bench, view).filter((column) => !rebuilt.has(column));
  return [
    ...untouchedRows(bench, view),
    ...(rebuilt.has(null) ? [] : changedCells(bench, view, changed)),
    ...(rebuilt.has(null) ? [] : changedRows(bench, view)),
  ].filter((discrepancy) => discrepancy.count > 0);
}

/** Rows that are in no delta and not as base had them; a count of 0 where there are none. */
export function untouchedRows(bench: Bench, view: View): Discrepancy[] {
  const { db } = bench;
  const isTold = findMoved(bench, view);
  const isTouched = `EXISTS (SELECT 1 FROM ${deltaOf(view)} AS d WHERE ${sameKey('d', 'm', view.key)})`;
  const moved = (which: string): number =>
    db.count(
      `SELECT count(*) FROM ${movedOf(view)} AS m WHERE m."is gone" = ${which} AND NOT ${isTouched}`,
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
  return db.count(`SELECT (SELECT count(*) FROM ${resultOf(view)}) - (SELECT count(*) FROM ${baseOf(view)})
    + (SELECT count(*) FROM ${movedOf(view)} WHERE "is gone" = 1)`);
}

/** The rowids under which base and result store other rows, where pages tell. */
function movedStoredOf(view: View): string {
  return `scratch.${quoteName(`moved stored:${view.table.name}`)}`;
}

/** True where pages told which rows moved; else all of them were compared. */
function findMoved(bench: Bench, view: View): boolean {
  const { db } = bench;
  const into = movedStoredOf(view);
  db.exec(`DROP TABLE IF EXISTS ${into}`);
  db.exec(`DROP TABLE IF EXISTS ${movedOf(view)}`);
  db.exec(`CREATE TABLE ${movedOf(view)} ("is gone", ${workingColumns(view, view.key)})`);
  const question = { table: view.table.name, left: 'base', right: 'main', into } as const;
  const isAsked = view.split === null && !db.isInTransaction;
  const isTold = isAsked && findStoredChanges(bench, question) !== null;
  db.exec(`INSERT INTO ${movedOf(view)} ${isTold ? movedAmong(view, into) : movedOfAll(view)}`);
  return isTold;
}

function movedAmong(view: View, into: string): string {
  const rowid = rowidNameOf(view.table) ?? '';
  const base = `${into} AS m CROSS JOIN ${baseOf(view)} AS b ON b.${rowid} = m.id`;
  if (!isRowid(view.table, view.key)) return movedOfAll(view, base);
  return `SELECT 1, id FROM ${into} WHERE holder = 'left' UNION ALL
    SELECT 0, m.id FROM ${base} CROSS JOIN ${resultOf(view)} AS r ON r.${rowid} = m.id
    WHERE m.holder = 'both' AND NOT ${sameStored('r', 'b', view.table)}`;
}

function movedOfAll(view: View, base = `${baseOf(view)} AS b`): string {
  const body = storedColumnsOf(view).filter((column) => !view.key.includes(column));
  const isSame = view.split === null ? sameStored('r', 'b', view.table) : sameRow('r', 'b', body);
  const isGone = `${cell('r', view.key[0] ?? '')} IS NULL`;
  return `SELECT ${isGone}, ${cells('b', view.key)}
    FROM ${base} LEFT JOIN ${resultOf(view)} AS r ON ${sameKey('r', 'b', view.key)}
    WHERE ${isGone} OR NOT ${isSame}`;
}

/** Found anew, not taken from the delta, which is under test here. Returns the columns of which a cell changed. */
function findChanged(bench: Bench, view: View): readonly string[] {
  const { db } = bench;
  const candidates = findCandidates(bench, view, 'reconciled');
  const changed = drawBoth(bench, view, { prefix: 'reconciled ', candidates });
  const [latest, origin] = [anewOf('latest', view), anewOf('origin', view)];
  const isNew = `${cell('o', view.key[0] ?? '')} IS NULL`;
  db.exec(`CREATE TABLE ${changedOf(view)} ("change", ${workingColumns(view, view.key)})`);
  db.exec(`INSERT INTO ${changedOf(view)} SELECT iif(${isNew}, 'new', 'other'), ${cells('l', view.key)}
    FROM ${latest} AS l LEFT JOIN ${origin} AS o ON ${sameKey('o', 'l', view.key)}
    WHERE ${isNew} OR NOT ${sameRow('l', 'o', changed)}`);
  db.exec(`INSERT INTO ${changedOf(view)} SELECT 'gone', ${cells('o', view.key)}
    FROM ${origin} AS o LEFT JOIN ${latest} AS l ON ${sameKey('l', 'o', view.key)}
    WHERE ${cell('l', view.key[0] ?? '')} IS NULL`);
  return changed;
}

function anewOf(state: 'latest' | 'origin', view: View): string {
  return `scratch.${quoteName(`reconciled ${state}:${view.table.name}`)}`;
}

/** Cells of rows that origin and latest both have. What a split table shows is put together anew, JSON as well. */
function changedCells(bench: Bench, view: View, changed: readonly string[]): Discrepancy[] {
  const isShown = view.split === null ? same : sameMeaning;
  const isThere = `${cell('r', view.key[0] ?? '')} IS NOT NULL`;
  const isLost = (column: string): string => `NOT ${same(cell('l', column), cell('o', column))}
    AND NOT (${isThere} AND ${isShown(cell('r', column), cell('l', column))})
    AND NOT EXISTS (SELECT 1 FROM ${parkedCellsOf(view)} AS p
      WHERE ${sameKey('p', 'l', view.key)} AND p."column" = ${quoteText(column)})
    AND NOT EXISTS (SELECT 1 FROM ${mergedOf(view)} AS m
      WHERE ${sameKey('m', 'l', view.key)} AND m."column" = ${quoteText(column)})
    AND NOT EXISTS (SELECT 1 FROM ${parkedRowsOf(view)} AS p WHERE ${sameKey('p', 'l', view.key)})`;
  return inParts(changed).flatMap((columns) => {
    const found = bench.db.all(`
      SELECT ${columns.map((column, n) => `coalesce(sum(${isLost(column)}), 0) AS c${n}`).join(', ')}
      FROM ${changedOf(view)} AS c JOIN ${anewOf('latest', view)} AS l ON ${sameKey('l', 'c', view.key)}
        JOIN ${anewOf('origin', view)} AS o ON ${sameKey('o', 'c', view.key)}
        LEFT JOIN ${resultOf(view)} AS r ON ${sameKey('r', 'c', view.key)}
      WHERE c."change" = 'other'`)[0];
    return columns.map((column, n): Discrepancy => ({
      place: `${view.table.name}.${column}`,
      what: 'change is in neither list',
      count: Number(found?.[`c${n}`] ?? 0),
    }));
  });
}

/** Rows that only latest has are in the result or parked; rows that only origin has are not in the result. */
function changedRows({ db }: Bench, view: View): Discrepancy[] {
  const isParked = (alias: string): string =>
    `EXISTS (SELECT 1 FROM ${parkedRowsOf(view)} AS p WHERE ${sameKey('p', alias, view.key)})`;
  const isThere = (alias: string): string =>
    `EXISTS (SELECT 1 FROM ${resultOf(view)} AS r WHERE ${sameKey('r', alias, view.key)})`;
  const lost = db.count(`SELECT count(*) FROM ${changedOf(view)} AS c
    WHERE c."change" = 'new' AND NOT ${isThere('c')} AND NOT ${isParked('c')}`);
  const kept = db.count(`SELECT count(*) FROM ${changedOf(view)} AS c
    WHERE c."change" = 'gone' AND ${isThere('c')} AND NOT ${isParked('c')}`);
  const place = view.table.name;
  return [
    { place, what: 'change is in neither list', count: lost },
    { place, what: 'change is in neither list', count: kept },
  ];
}

/** Views of the wanted shape that no longer compile. */
export function brokenViews(bench: Bench): Discrepancy[] {
  const names = bench.db.texts(`SELECT name FROM main.sqlite_schema WHERE type = 'view'`);
  return names
    .filter((name) => !bench.db.compiles(`SELECT * FROM main.${quoteName(name)}`))
    .map((place): Discrepancy => ({ place, what: 'view is broken', count: 1 }));
}
