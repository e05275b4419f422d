import { quoteName } from '../../../sqlite/names.ts';
import type { Table } from '../../../sqlite/schema.ts';
import {
  baseOf,
  bodyOf,
  deltaOf,
  latestOf,
  parkedRowsOf,
  resultOf,
  storedColumnsOf,
  type Bench,
} from '../bench.ts';
import { cell, cells, nameList, sameKey, sameRow } from '../compare.ts';
import { playImages } from './play.ts';
import { untouchedRows, type Discrepancy } from '../proof/reconcile.ts';
import { raiseTriggers } from './split.ts';
import type { View } from '../view.ts';

interface Kinds {
  /** Tables of the wanted shape, already written. */
  readonly whole: readonly View[];
  /** Old tables that it keeps in several, parents first. */
  readonly split: readonly View[];
}

/**
 * Plays the changes of split tables into the result. Returns what moved and should not have: rows of the tables that
 * nobody changed, and rows behind them that belong to no changed one.
 */
export function playSplit(bench: Bench, { whole, split }: Kinds): readonly Discrepancy[] {
  if (split.length === 0) return [];
  const written = new Set(split.flatMap((view) => [...raiseTriggers(bench, view)]));
  const shared = whole.filter((view) => written.has(view.table.name));
  const early = shared.flatMap((view) => untouchedRows(bench, view));
  playImages(bench, split);
  for (const view of shared) noteWritten(bench, view);
  const late = split.flatMap((view) => [...untouchedRows(bench, view), ...strangers(bench, view)]);
  return [...early, ...late].filter(({ count }) => count > 0);
}

/** Notes rows of a table of both shapes that something else wrote as well: triggers of a split table, a rebuild. */
export function noteWritten({ db }: Bench, view: View): void {
  const [result, base, delta] = [resultOf(view), baseOf(view), deltaOf(view)];
  const body = storedColumnsOf(view).filter((column) => !view.key.includes(column));
  const key = nameList(view.key);
  const sides = [
    { from: result, other: base },
    { from: base, other: result },
  ];
  for (const { from, other } of sides) {
    db.exec(`INSERT OR IGNORE INTO ${delta} ("backstep act", ${key}) SELECT 'none', ${cells('x', view.key)}
      FROM ${from} AS x WHERE NOT EXISTS (
        SELECT 1 FROM ${other} AS y WHERE ${sameKey('y', 'x', view.key)} AND ${sameRow('y', 'x', body)})`);
  }
}

/**
 * Rows of the table that holds a split table's key, and of those that reference it, that changed though the old
 * table's row under that key did not: what a trigger without a WHERE does.
 */
function strangers(bench: Bench, view: View): Discrepancy[] {
  const home = view.split?.home ?? null;
  if (home === null) return [];
  const owned = [...bench.base.values()].flatMap((table) =>
    table.foreignKeys
      .filter(({ parent, columns }) => parent === home.name && columns.length === 1)
      .map(({ columns }) => ({ table, owner: columns[0] ?? '' })),
  );
  const unseen = owned.filter(({ table }) => isOwnedAlone(bench, table));
  return [{ table: home, owner: home.key[0] ?? '' }, ...unseen].map(({ table, owner }) => ({
    place: table.name,
    what: 'row differs from base',
    count: bench.db.count(strangersOf(view, { table, owner })),
  }));
}

/** No other view tells about the table's rows. */
function isOwnedAlone({ views }: Bench, table: Table): boolean {
  return table.kind === 'table' && !views.some((view) => view.table.name === table.name);
}

function strangersOf(
  view: View,
  { table, owner }: { readonly table: Table; readonly owner: string },
): string {
  const columns = table.columns.filter((column) => !column.isGenerated).map(({ name }) => name);
  const name = quoteName(table.name);
  const key = cell('d', view.key[0] ?? '');
  const missing = (from: string, other: string): string => `
    SELECT count(*) AS n FROM ${from}.${name} AS x
    WHERE ${cell('x', owner)} IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM ${deltaOf(view)} AS d WHERE ${key} = ${cell('x', owner)})
      AND NOT EXISTS (SELECT 1 FROM ${other}.${name} AS y WHERE ${rowMatch(table, owner)}
        AND ${sameRow('y', 'x', columns)})`;
  return `SELECT sum(n) FROM (${missing('base', 'main')} UNION ALL ${missing('main', 'base')})`;
}

/** By the key where there is one, so that an index serves; else by the owner. */
function rowMatch(table: Table, owner: string): string {
  return table.key.length > 0
    ? sameKey('y', 'x', table.key)
    : `y.${quoteName(owner)} = x.${quoteName(owner)}`;
}

/**
 * Follows what mending references did to a split table's rows: parks what it took out, and notes what it
 * changed. Before it, no row was other than base's unless it was in the delta.
 */
export function followMending({ db }: Bench, view: View): void {
  const [result, base, delta] = [resultOf(view), baseOf(view), deltaOf(view)];
  const isIn = (table: string, alias: string): string =>
    `EXISTS (SELECT 1 FROM ${table} AS x WHERE ${sameKey('x', alias, view.key)})`;
  const names = nameList(view.columns);
  db.exec(`INSERT INTO ${parkedRowsOf(view)} ("backstep act", "backstep why", ${names})
    SELECT 'insert', 'reference', ${cells('l', view.columns)}
    FROM ${latestOf(view)} AS l JOIN ${delta} AS d ON ${sameKey('d', 'l', view.key)}
    WHERE d."backstep act" IN ('insert', 'replace', 'update') AND NOT ${isIn(result, 'l')} AND NOT ${isIn(parkedRowsOf(view), 'l')}`);
  db.exec(`INSERT INTO ${parkedRowsOf(view)} ("backstep act", "backstep why", ${names})
    SELECT 'insert', 'reference', ${cells('b', view.columns)} FROM ${base} AS b
    WHERE NOT ${isIn(result, 'b')} AND NOT ${isIn(delta, 'b')}`);
  const key = nameList(view.key);
  db.exec(`INSERT INTO ${delta} ("backstep act", ${key}) SELECT 'none', ${cells('b', view.key)}
    FROM ${base} AS b LEFT JOIN ${result} AS r ON ${sameKey('r', 'b', view.key)}
    WHERE NOT ${isIn(delta, 'b')}
      AND (${cell('r', view.key[0] ?? '')} IS NULL OR NOT ${sameRow('r', 'b', bodyOf(view))})`);
}
