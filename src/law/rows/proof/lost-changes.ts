import { quoteName, quoteText } from '../../../sqlite/names.ts';
import {
  bodyOf,
  changedOf,
  latestOf,
  mergedOf,
  originOf,
  parkedCellsOf,
  parkedRowsOf,
  resultOf,
  workingColumns,
  type Bench,
} from '../bench.ts';
import { findCandidates, isRowid, storedChangesOf } from '../candidates.ts';
import { cell, cells, inParts, same, sameKey, sameMeaning, sameRow } from '../compare.ts';
import { drawBoth, shownColumns } from '../drawn.ts';
import type { Discrepancy } from './reconcile.ts';
import type { StoredChanges } from '../stored.ts';
import type { View } from '../view.ts';

/**
 * Every cell that differs between origin and latest is in the result or among the parked; rows that only latest has are in
 * the result or parked; rows that only origin has are not in the result. Nothing is taken from the delta, nor from what was
 * drawn for it, which are under test here. Counts may be 0.
 */
export function lostChanges(
  bench: Bench,
  view: View,
  rebuilt: ReadonlySet<string | null>,
): Discrepancy[] {
  const stored = view.raw === null ? null : storedChangesOf(bench, view.raw.table);
  const isDirect =
    view.split === null && view.raw !== null && isRowid(view.raw.table, view.raw.key);
  if (stored !== null && isDirect) return lostAmong(bench, view, { stored, rebuilt });
  const changed = findChanged(bench, view).filter((column) => !rebuilt.has(column));
  return [...changedCells(bench, view, changed), ...changedRows(bench, view)];
}

/** Pages told which rows may differ: of those the three states are read as they stand, side by side. */
function lostAmong(
  bench: Bench,
  view: View,
  {
    stored,
    rebuilt,
  }: { readonly stored: StoredChanges; readonly rebuilt: ReadonlySet<string | null> },
): Discrepancy[] {
  const { columns: touched } = stored;
  const shown = touched === null ? bodyOf(view) : shownColumns(bench, view, touched);
  const body = shown.filter((column) => !rebuilt.has(column));
  const id = view.key[0] ?? '';
  const isIn = (alias: string): string => `${cell(alias, id)} IS NOT NULL`;
  const [l, o, r] = [isIn('l'), isIn('o'), isIn('r')];
  const rows = `FROM ${findUnlike(bench, view, { stored, body })} AS s
    LEFT JOIN ${latestOf(view)} AS l ON ${cell('l', id)} = s.id
    LEFT JOIN ${originOf(view)} AS o ON ${cell('o', id)} = s.id
    LEFT JOIN ${resultOf(view)} AS r ON ${cell('r', id)} = s.id`;
  const { name } = view.table;
  const isOther = `${l} AND ${o}`;
  const wrong = [
    { place: name, is: `${l} AND NOT ${o} AND NOT ${r} AND NOT ${isRowParked(view, 'l')}` },
    { place: name, is: `${o} AND NOT ${l} AND ${r} AND NOT ${isRowParked(view, 'o')}` },
    ...body.map((column) => ({
      place: `${name}.${column}`,
      is: `${isOther} AND ${isCellLost(view, column)}`,
    })),
  ];
  return inParts(wrong).flatMap((part) => {
    const sums = part.map(({ is }, n) => `coalesce(sum(${is}), 0) AS c${n}`);
    const found = bench.db.all(`SELECT ${sums.join(', ')} ${rows}`)[0];
    return part.map(({ place }, n) => lost(place, Number(found?.[`c${n}`] ?? 0)));
  });
}

/**
 * Makes the working table of the rowids under which latest and the result do not both show one row: what stands in the
 * result as in latest is not lost, whatever origin had.
 */
function findUnlike(
  { db }: Bench,
  view: View,
  { stored, body }: { readonly stored: StoredChanges; readonly body: readonly string[] },
): string {
  const unlike = `scratch.${quoteName(`unlike:${view.table.name}`)}`;
  const [l, r] = [cell('l', view.key[0] ?? ''), cell('r', view.key[0] ?? '')];
  db.exec(`CREATE TABLE ${unlike} (id INTEGER PRIMARY KEY)`);
  db.exec(`INSERT INTO ${unlike} SELECT s.id FROM ${stored.into} AS s
    LEFT JOIN ${latestOf(view)} AS l ON ${l} = s.id LEFT JOIN ${resultOf(view)} AS r ON ${r} = s.id
    WHERE ${l} IS NULL OR ${r} IS NULL OR NOT ${sameRow('r', 'l', body)}`);
  return unlike;
}

function lost(place: string, count: number): Discrepancy {
  return { place, what: 'change is in neither list', count };
}

/** A row of latest (alias l) or origin is parked whole. */
function isRowParked(view: View, alias: string): string {
  return `EXISTS (SELECT 1 FROM ${parkedRowsOf(view)} AS p WHERE ${sameKey('p', alias, view.key)})`;
}

/** What a split table shows is put together anew, JSON as well. */
function isCellLost(view: View, column: string): string {
  const isShown = view.split === null ? same : sameMeaning;
  const isThere = `${cell('r', view.key[0] ?? '')} IS NOT NULL`;
  return `NOT ${same(cell('l', column), cell('o', column))}
    AND NOT (${isThere} AND ${isShown(cell('r', column), cell('l', column))})
    AND NOT EXISTS (SELECT 1 FROM ${parkedCellsOf(view)} AS p
      WHERE ${sameKey('p', 'l', view.key)} AND p."backstep column" = ${quoteText(column)})
    AND NOT EXISTS (SELECT 1 FROM ${mergedOf(view)} AS m
      WHERE ${sameKey('m', 'l', view.key)} AND m."backstep column" = ${quoteText(column)})
    AND NOT ${isRowParked(view, 'l')}`;
}

/** Draws anew what may differ. Returns the columns of which a cell changed. */
function findChanged(bench: Bench, view: View): readonly string[] {
  const { db } = bench;
  const candidates = findCandidates(bench, view, 'reconciled');
  const changed = drawBoth(bench, view, { prefix: 'reconciled ', candidates });
  const [latest, origin] = [anewOf('latest', view), anewOf('origin', view)];
  const isNew = `${cell('o', view.key[0] ?? '')} IS NULL`;
  db.exec(`CREATE TABLE ${changedOf(view)} ("backstep change", ${workingColumns(view, view.key)})`);
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

/** Cells of rows that origin and latest both have. */
function changedCells(bench: Bench, view: View, changed: readonly string[]): Discrepancy[] {
  return inParts(changed).flatMap((columns) => {
    const found = bench.db.all(`
      SELECT ${columns.map((column, n) => `coalesce(sum(${isCellLost(view, column)}), 0) AS c${n}`).join(', ')}
      FROM ${changedOf(view)} AS c JOIN ${anewOf('latest', view)} AS l ON ${sameKey('l', 'c', view.key)}
        JOIN ${anewOf('origin', view)} AS o ON ${sameKey('o', 'c', view.key)}
        LEFT JOIN ${resultOf(view)} AS r ON ${sameKey('r', 'c', view.key)}
      WHERE c."backstep change" = 'other'`)[0];
    return columns.map((column, n) =>
      lost(`${view.table.name}.${column}`, Number(found?.[`c${n}`] ?? 0)),
    );
  });
}

function changedRows({ db }: Bench, view: View): Discrepancy[] {
  const isThere = `EXISTS (SELECT 1 FROM ${resultOf(view)} AS r WHERE ${sameKey('r', 'c', view.key)})`;
  const among = (change: string, isWrong: string): number =>
    db.count(`SELECT count(*) FROM ${changedOf(view)} AS c
      WHERE c."backstep change" = '${change}' AND ${isWrong} AND NOT ${isRowParked(view, 'c')}`);
  return [
    lost(view.table.name, among('new', `NOT ${isThere}`)),
    lost(view.table.name, among('gone', isThere)),
  ];
}
