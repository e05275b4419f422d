import { quoteName } from '../../sqlite/names.ts';
import type { Table } from '../../sqlite/schema.ts';
import { workingColumns } from '../rows/bench.ts';
import { nameList } from '../rows/compare.ts';
import type { View } from '../rows/view.ts';
import { own, workOf, storedNames } from './names.ts';

/** Quoted names of the columns that a table of parked values has beside the user's. */
export interface ParkedColumns {
  readonly act: string;
  readonly why: string;
  readonly detail: string;
  readonly column: string;
  readonly value: string;
  readonly kept: string;
}

/** As the law names them, or with a word before it where the user's table has such a column. */
export function parkedColumns(columns: readonly string[]): ParkedColumns {
  const taken = new Set(columns.map((column) => column.toLowerCase()));
  const name = (plain: string): string => quoteName(taken.has(plain) ? `backstep ${plain}` : plain);
  return {
    act: name('act'),
    why: name('why'),
    detail: name('detail'),
    column: name('column'),
    value: name('value'),
    kept: name('kept'),
  };
}

/** Statements that write a keyed table's parked cells and rows to the file of parked values. */
export function keepParkedStatements(view: View): readonly string[] {
  const { cells: parkedCells } = workOf(view);
  const into = `parked.${quoteName(`cells:${view.table.name}`)}`;
  const { column, value, kept, why, detail } = parkedColumns(view.key);
  return [
    `CREATE TABLE ${into} (${workingColumns(view, view.key)}, ${column}, ${value}, ${kept}, ${why}, ${detail})`,
    `INSERT INTO ${into} SELECT ${nameList(view.key)}, ${own.column}, ${own.value}, ${own.kept}, ${own.why}, ${own.detail}
      FROM ${parkedCells}`,
    ...keepRowsStatements(view),
  ];
}

/** The same for the rows alone. */
export function keepRowsStatements(view: View): readonly string[] {
  const into = `parked.${quoteName(`rows:${view.table.name}`)}`;
  const { act, why, detail } = parkedColumns(view.columns);
  return [
    `CREATE TABLE ${into} (${act}, ${why}, ${detail}, ${workingColumns(view, view.columns)})`,
    `INSERT INTO ${into} SELECT ${own.act}, ${own.why}, ${own.detail}, ${nameList(view.columns)}
      FROM ${workOf(view).rows}`,
  ];
}

/** The same for rows of a table that is not followed row by row; `from` is where they wait. */
export function keepUnfollowedStatements(table: Table, from: string): readonly string[] {
  const columns = storedNames(table);
  const { act, why, detail } = parkedColumns(columns);
  const into = `parked.${quoteName(`unseen rows:${table.name}`)}`;
  return [
    `CREATE TABLE ${into} (${act}, ${why}, ${detail}, ${nameList(columns)})`,
    `INSERT INTO ${into} SELECT ${own.act}, ${own.why}, ${own.detail}, ${nameList(columns)} FROM ${from}`,
  ];
}
