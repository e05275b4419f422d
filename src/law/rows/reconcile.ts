import { quoteName, quoteText } from '../../sqlite/names.ts';
import {
  baseOf,
  bodyOf,
  deltaOf,
  latestOf,
  mergedOf,
  originOf,
  parkedCellsOf,
  parkedRowsOf,
  resultOf,
  storedColumnsOf,
  type Bench,
} from './bench.ts';
import { cell, same, sameKey, sameMeaning, sameRow } from './compare.ts';
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
 * every cell that differs between origin and latest is in the result or among the parked.
 */
export function reconcile(bench: Bench, view: View): Discrepancy[] {
  return [
    ...untouchedRows(bench, view),
    ...changedCells(bench, view),
    ...changedRows(bench, view),
  ].filter((discrepancy) => discrepancy.count > 0);
}

/** Rows that are in no delta and not as base had them; a count of 0 where there are none. */
export function untouchedRows(bench: Bench, view: View): Discrepancy[] {
  const isTouched = (alias: string): string =>
    `EXISTS (SELECT 1 FROM ${deltaOf(view)} AS d WHERE ${sameKey('d', alias, view.key)})`;
  const body = storedColumnsOf(view).filter((column) => !view.key.includes(column));
  const place = view.table.name;
  return [
    {
      place,
      what: 'row differs from base',
      count: bench.db.count(`
        SELECT count(*) FROM ${baseOf(view)} AS b JOIN ${resultOf(view)} AS r ON ${sameKey('r', 'b', view.key)}
        WHERE NOT ${sameRow('r', 'b', body)} AND NOT ${isTouched('b')}`),
    },
    {
      place,
      what: 'row is gone',
      count: bench.db.count(`
        SELECT count(*) FROM ${baseOf(view)} AS b
        WHERE NOT EXISTS (SELECT 1 FROM ${resultOf(view)} AS r WHERE ${sameKey('r', 'b', view.key)})
          AND NOT ${isTouched('b')}`),
    },
    {
      place,
      what: 'row is new',
      count: bench.db.count(`
        SELECT count(*) FROM ${resultOf(view)} AS r
        WHERE NOT EXISTS (SELECT 1 FROM ${baseOf(view)} AS b WHERE ${sameKey('b', 'r', view.key)})
          AND NOT ${isTouched('r')}`),
    },
  ];
}

/** Cells of rows that origin and latest both have. What a split table shows is put together anew, JSON as well. */
function changedCells(bench: Bench, view: View): Discrepancy[] {
  const isShown = view.split === null ? same : sameMeaning;
  return bodyOf(view).map((column) => ({
    place: `${view.table.name}.${column}`,
    what: 'change is in neither list',
    count: bench.db.count(`
      SELECT count(*) FROM ${latestOf(view)} AS l JOIN ${originOf(view)} AS o ON ${sameKey('o', 'l', view.key)}
        LEFT JOIN ${resultOf(view)} AS r ON ${sameKey('r', 'l', view.key)}
      WHERE NOT ${same(cell('l', column), cell('o', column))}
        AND NOT (${cell('r', view.key[0] ?? '')} IS NOT NULL AND ${isShown(cell('r', column), cell('l', column))})
        AND NOT EXISTS (SELECT 1 FROM ${parkedCellsOf(view)} AS p
          WHERE p."column" = ${quoteText(column)} AND ${sameKey('p', 'l', view.key)})
        AND NOT EXISTS (SELECT 1 FROM ${mergedOf(view)} AS m
          WHERE m."column" = ${quoteText(column)} AND ${sameKey('m', 'l', view.key)})
        AND NOT EXISTS (SELECT 1 FROM ${parkedRowsOf(view)} AS p WHERE ${sameKey('p', 'l', view.key)})`),
  }));
}

/** Rows that only latest has are in the result or parked; rows that only origin has are not in the result. */
function changedRows(bench: Bench, view: View): Discrepancy[] {
  const isParked = (alias: string): string =>
    `EXISTS (SELECT 1 FROM ${parkedRowsOf(view)} AS p WHERE ${sameKey('p', alias, view.key)})`;
  const isThere = (alias: string): string =>
    `EXISTS (SELECT 1 FROM ${resultOf(view)} AS r WHERE ${sameKey('r', alias, view.key)})`;
  const place = view.table.name;
  return [
    {
      place,
      what: 'change is in neither list',
      count: bench.db.count(`
        SELECT count(*) FROM ${latestOf(view)} AS l
        WHERE NOT EXISTS (SELECT 1 FROM ${originOf(view)} AS o WHERE ${sameKey('o', 'l', view.key)})
          AND NOT ${isThere('l')} AND NOT ${isParked('l')}`),
    },
    {
      place,
      what: 'change is in neither list',
      count: bench.db.count(`
        SELECT count(*) FROM ${originOf(view)} AS o
        WHERE NOT EXISTS (SELECT 1 FROM ${latestOf(view)} AS l WHERE ${sameKey('l', 'o', view.key)})
          AND ${isThere('o')} AND NOT ${isParked('o')}`),
    },
  ];
}

/** Views of the wanted shape that no longer compile. */
export function brokenViews(bench: Bench): Discrepancy[] {
  const names = bench.db.texts(`SELECT name FROM main.sqlite_schema WHERE type = 'view'`);
  return names
    .filter((name) => !bench.db.compiles(`SELECT * FROM main.${quoteName(name)}`))
    .map((place): Discrepancy => ({ place, what: 'view is broken', count: 1 }));
}
