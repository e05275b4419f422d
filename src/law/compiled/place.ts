import { quoteName, quoteText } from '../../sqlite/names.ts';
import type { Table } from '../../sqlite/schema.ts';
import { bodyOf, storedColumnsOf } from '../rows/bench.ts';
import { cell, cells, nameList, same, sameKey } from '../rows/compare.ts';
import { rowidAliasOf } from '../rows/image.ts';
import type { View } from '../rows/view.ts';
import { deletionStatement } from './changes.ts';
import { inState, own, working, workOf } from './names.ts';
import { requirement } from './requirement.ts';

/** How often placing starts again because a row's old cells clash with another row's new ones. */
const maxRounds = 100;

/** Why a row is parked that the old table did not take; the shell cannot keep SQLite's own words. */
export const refusal = 'a constraint of the old table refuses it';

/**
 * Statements that write the images into the result and park what its constraints refuse. SQL has no loop: a trigger
 * runs a round for each row that a working table is given, until one has left nothing open.
 */
export function placeStatements(view: View, isStrict: boolean): readonly string[] {
  const { image, rounds, isOpen } = workOf(view);
  return [
    ...unfitValues(view, isStrict),
    deletionStatement(view, `'delete', 'replace'`),
    `CREATE TEMP TABLE ${rounds} (n)`,
    `CREATE TEMP TABLE ${isOpen} (is_open)`,
    `INSERT INTO ${isOpen} SELECT EXISTS (SELECT 1 FROM ${image})`,
    `CREATE TEMP TRIGGER ${working('round of', view.table.name)} AFTER INSERT ON ${rounds}
      WHEN (SELECT is_open FROM ${isOpen}) = 1 BEGIN\n${round(view).join(';\n')};\nEND`,
    `INSERT INTO ${rounds} ${numbersTo(maxRounds)}`,
    ...requirement(
      `${view.table.name}: its changed rows have an order that satisfies its constraints`,
      `(SELECT is_open FROM ${isOpen}) = 0`,
    ),
    ...parkRefused(view),
  ];
}

/** A SELECT of 1, 2 … `last`. */
export function numbersTo(last: number): string {
  return `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${last}) SELECT n FROM numbers`;
}

/** All changed rows are taken out and put in anew; one that is refused stands as before from the next round on. */
function round(view: View): readonly string[] {
  const { image, isOpen } = workOf(view);
  const live = quoteName(view.table.name);
  const isThere = `EXISTS (SELECT 1 FROM ${inState('main', view.table.name)} AS t WHERE ${sameKey('t', image, view.key)})`;
  const stood = `NOT EXISTS (SELECT 1 FROM ${inState('main', view.table.name)} AS t WHERE ${sameKey('t', 'i', view.key)})`;
  return [
    isRowidKey(view)
      ? `DELETE FROM ${live} WHERE ${cell(live, view.key[0] ?? '')} IN (SELECT ${cell('i', view.key[0] ?? '')} FROM ${image} AS i)`
      : `DELETE FROM ${live} WHERE EXISTS (SELECT 1 FROM ${image} AS i WHERE ${sameKey('i', live, view.key)})`,
    putBack(view, `i.${own.refused} = 1`),
    putIn(view),
    `UPDATE ${image} SET ${own.refused} = 1 WHERE ${own.refused} = 0 AND NOT ${isThere}`,
    putBack(view, `i.${own.refused} = 1 AND ${stood}`),
    `UPDATE ${isOpen} SET is_open = EXISTS (SELECT 1 FROM ${image} AS i WHERE i.${own.act} = 'update' AND ${stood})`,
  ];
}

function isRowidKey({ table, key }: View): boolean {
  return table.hasIntegerKey && key.length === 1 && key[0] === table.key[0];
}

function putIn(view: View): string {
  const { image } = workOf(view);
  const stored = storedColumnsOf(view);
  const rowid = rowidAliasOf(view);
  return `INSERT OR IGNORE INTO ${quoteName(view.table.name)} (${columnList(stored, rowid)})
    SELECT ${cells('i', stored)}${rowid === null ? '' : `, i.${own.rowid}`} FROM ${image} AS i
    WHERE i.${own.refused} = 0 ORDER BY i.${own.id}`;
}

/** Base's own rows for updated images. */
function putBack(view: View, which: string): string {
  const { image, drawnBefore } = workOf(view);
  const stored = storedColumnsOf(view);
  const rowid = rowidAliasOf(view);
  return `INSERT OR IGNORE INTO ${quoteName(view.table.name)} (${columnList(stored, rowid)})
    SELECT ${cells('b', stored)}${rowid === null ? '' : `, b.${own.rowid}`}
    FROM ${image} AS i JOIN ${drawnBefore} AS b ON ${sameKey('b', 'i', view.key)}
    WHERE i.${own.act} = 'update' AND ${which}`;
}

function columnList(columns: readonly string[], rowid: string | null): string {
  return rowid === null ? nameList(columns) : `${nameList(columns)}, ${rowid}`;
}

/** A refused new row is parked whole, a refused change cell by cell. */
function parkRefused(view: View): readonly string[] {
  const { image, drawnBefore, rows, cells: parkedCells } = workOf(view);
  const detail = quoteText(refusal);
  return [
    `INSERT INTO ${rows} (${own.act}, ${own.why}, ${own.detail}, ${nameList(view.columns)})
      SELECT 'insert', 'refused', ${detail}, ${cells('i', view.columns)} FROM ${image} AS i
      WHERE i.${own.refused} = 1 AND i.${own.act} <> 'update'`,
    ...bodyOf(view).map(
      (column) => `INSERT INTO ${parkedCells}
        SELECT ${cells('i', view.key)}, ${quoteText(column)}, ${cell('i', column)}, ${cell('b', column)}, 'refused', ${detail}
        FROM ${image} AS i JOIN ${drawnBefore} AS b ON ${sameKey('b', 'i', view.key)}
        WHERE i.${own.refused} = 1 AND i.${own.act} = 'update' AND NOT ${same(cell('i', column), cell('b', column))}`,
    ),
  ];
}

/** `OR IGNORE` skips no row whose value is of a type that a table cannot take: such rows are refused beforehand. */
function unfitValues(view: View, isStrict: boolean): readonly string[] {
  const { image } = workOf(view);
  const tests = storedColumnsOf(view).flatMap((column) => {
    const types = fittingTypes(view.table, column, isStrict);
    if (types === null) return [];
    const list = types.map(quoteText).join(', ');
    return [`typeof(${cell(image, column)}) NOT IN (${list})`];
  });
  return tests.map(
    (test) => `UPDATE ${image} SET ${own.refused} = 1 WHERE ${own.refused} = 0 AND ${test}`,
  );
}

/** The types that a column takes without an error that is no constraint; null where it takes any. */
function fittingTypes(table: Table, column: string, isStrict: boolean): readonly string[] | null {
  if (table.hasIntegerKey && column === table.key[0]) return ['integer', 'null'];
  const declared = table.columns.find(({ name }) => name === column)?.type.toUpperCase() ?? '';
  if (!isStrict || declared === 'ANY') return null;
  if (declared === 'INT' || declared === 'INTEGER') return ['integer', 'null'];
  if (declared === 'REAL') return ['real', 'integer', 'null'];
  return [declared.toLowerCase(), 'null'];
}
