import { quoteName, quoteText } from '../../sqlite/names.ts';
import type { Table } from '../../sqlite/schema.ts';
import type { Reads } from '../rows/survey/blind.ts';
import { anyOf, cell, cells, nameList, same, sameKey, sameRow } from '../rows/compare.ts';
import { textsApart } from './loose.ts';
import { inState, own, storedNames, working } from './names.ts';
import { parkedColumns } from './parked.ts';

/** A table of the new shape with something that no view reads, and how that is parked. */
export interface Unseen {
  readonly table: Table;
  readonly kind: 'rows' | 'cells';
  /** Columns that no view reads; null where the old shape does not have the table at all. */
  readonly unread: readonly string[] | null;
}

/** Where users' changes would be lost, since the old shape has no such table or column. */
export function unseenOf(tables: readonly Table[], reads: Reads): readonly Unseen[] {
  return tables.flatMap((table): Unseen[] => {
    const read = reads.get(table.name);
    if (read === undefined) return [{ table, kind: 'rows', unread: null }];
    const unread = storedNames(table).filter(
      (column) => !read.has(column) && !table.key.includes(column),
    );
    if (unread.length === 0) return [];
    return [{ table, kind: table.key.length > 0 ? 'cells' : 'rows', unread }];
  });
}

/** Statements that park what users changed there: whole rows, or cells. */
export function unseenStatements({ table, kind, unread }: Unseen): readonly string[] {
  if (unread === null) return parkRowsOf(table);
  return kind === 'cells' ? parkCellsOf(table, unread) : parkLooseRows(table, unread);
}

function parkRowsOf(table: Table): readonly string[] {
  const columns = storedNames(table);
  const { into, create, act, why } = rowsTable(table);
  if (table.key.length === 0) return [create, parkDifference(table, `${own.times} <> 0`)];
  const body = columns.filter((column) => !table.key.includes(column));
  const isNew = `${cell('o', table.key[0] ?? '')} IS NULL`;
  const [now, after] = [inState('now', table.name), inState('after', table.name)];
  return [
    create,
    `INSERT INTO ${into} (${act}, ${why}, ${nameList(columns)})
      SELECT iif(${isNew}, 'insert', 'update'), 'blind', ${cells('l', columns)}
      FROM ${now} AS l LEFT JOIN ${after} AS o ON ${sameKey('o', 'l', table.key)}
      WHERE ${isNew} OR NOT ${sameRow('l', 'o', body)}`,
    `INSERT INTO ${into} (${act}, ${why}, ${nameList(table.key)})
      SELECT 'delete', 'blind', ${cells('o', table.key)} FROM ${after} AS o
      WHERE NOT EXISTS (SELECT 1 FROM ${now} AS l WHERE ${sameKey('l', 'o', table.key)})`,
  ];
}

interface RowsTable {
  readonly into: string;
  readonly create: string;
  readonly act: string;
  readonly why: string;
  readonly detail: string;
}

function rowsTable(table: Table): RowsTable {
  const columns = storedNames(table);
  const into = `parked.${quoteName(`blind rows:${table.name}`)}`;
  const { act, why, detail } = parkedColumns(columns);
  return {
    into,
    act,
    why,
    detail,
    create: `CREATE TABLE ${into} (${act}, ${why}, ${detail}, ${nameList(columns)})`,
  };
}

/** Rows without a key: as often as each came since the upgrade, or went. */
function parkDifference(table: Table, which: string): string {
  const columns = storedNames(table);
  const { into, act, why, detail } = rowsTable(table);
  return `INSERT INTO ${into} (${act}, ${why}, ${detail}, ${nameList(columns)})
    SELECT iif(${own.times} > 0, 'insert', 'delete'), 'blind', 'times ' || abs(${own.times}), ${nameList(columns)}
    FROM (${textsApart(columns, inState('now', table.name), inState('after', table.name))}) WHERE ${which}`;
}

/** Rows without a key of a table that both shapes have: whole, where they came with a value that no view reads. */
function parkLooseRows(table: Table, unread: readonly string[]): readonly string[] {
  const isFilled = anyOf(unread.map((column) => `${quoteName(column)} IS NOT NULL`));
  return [rowsTable(table).create, parkDifference(table, `${own.times} > 0 AND ${isFilled}`)];
}

function parkCellsOf(table: Table, unread: readonly string[]): readonly string[] {
  const into = `parked.${quoteName(`blind cells:${table.name}`)}`;
  const { column: name, value, kept, why, detail } = parkedColumns(table.key);
  const rows = working('blind', table.name);
  const [now, after] = [inState('now', table.name), inState('after', table.name)];
  return [
    `CREATE TABLE ${into} (${nameList(table.key)}, ${name}, ${value}, ${kept}, ${why}, ${detail})`,
    `CREATE TEMP TABLE ${rows} AS SELECT ${cells('l', table.key)}
      FROM ${now} AS l LEFT JOIN ${after} AS o ON ${sameKey('o', 'l', table.key)}
      WHERE ${cell('o', table.key[0] ?? '')} IS NULL OR NOT ${sameRow('l', 'o', unread)}`,
    ...unread.map(
      (column) => `INSERT INTO ${into} (${nameList(table.key)}, ${name}, ${value}, ${why})
        SELECT ${cells('r', table.key)}, ${quoteText(column)}, ${cell('l', column)}, 'blind'
        FROM ${rows} AS r JOIN ${now} AS l ON ${sameKey('l', 'r', table.key)}
          LEFT JOIN ${after} AS o ON ${sameKey('o', 'r', table.key)}
        WHERE NOT ${same(cell('l', column), cell('o', column))}`,
    ),
  ];
}
