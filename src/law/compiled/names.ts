import { quoteName } from '../../sqlite/names.ts';
import type { Table } from '../../sqlite/schema.ts';
import type { View } from '../rows/view.ts';

/** The databases that a compiled script opens beside the one it is run on, in the folder that it is run in. */
export const compiledFiles = {
  before: 'before.db',
  after: 'after.db',
  now: 'now.db',
  parked: 'parked.db',
} as const;

/** The states that a script reads, by the schema under which it attaches them. */
export type ReadState = 'before' | 'after' | 'now';

/** Quoted names of columns that working tables have beside those of the user's table. */
export const own = {
  id: quoteName('backstep id'),
  act: quoteName('backstep act'),
  refused: quoteName('backstep refused'),
  rowid: quoteName('backstep rowid'),
  why: quoteName('backstep why'),
  detail: quoteName('backstep detail'),
  column: quoteName('backstep column'),
  value: quoteName('backstep value'),
  kept: quoteName('backstep kept'),
  image: quoteName('backstep image'),
  times: quoteName('backstep times'),
  step: quoteName('backstep step'),
} as const;

/** A temporary table's or view's name; triggers write only what is named without a schema. */
export function working(what: string, table = ''): string {
  return quoteName(`backstep ${what}:${table}`);
}

/** The working tables of one table, in the words of `rows/bench.ts`. */
export interface Work {
  /** The rows of a state in the old shape. */
  readonly after: string;
  readonly now: string;
  /** Keys under which the two may differ, and what the three states hold there. */
  readonly keys: string;
  readonly drawnAfter: string;
  readonly drawnNow: string;
  readonly drawnBefore: string;
  readonly delta: string;
  readonly image: string;
  /** What of the table's changes is above the carry limit: one row. */
  readonly damage: string;
  readonly rounds: string;
  readonly isOpen: string;
  readonly cells: string;
  readonly rows: string;
}

export function workOf({ table }: Pick<View, 'table'>): Work {
  const name = (what: string): string => working(what, table.name);
  return {
    after: name('after'),
    now: name('now'),
    keys: name('keys'),
    drawnAfter: name('drawn after'),
    drawnNow: name('drawn now'),
    drawnBefore: name('drawn before'),
    delta: name('delta'),
    image: name('image'),
    damage: name('damage'),
    rounds: name('rounds'),
    isOpen: name('is open'),
    cells: name('cells'),
    rows: name('rows'),
  };
}

/** A table as one of the states has it. */
export function inState(state: ReadState | 'main', table: string): string {
  return `${state}.${quoteName(table)}`;
}

/** The columns that a row can be inserted with. */
export function storedNames(table: Table): string[] {
  return table.columns.filter((column) => !column.isGenerated).map((column) => column.name);
}
