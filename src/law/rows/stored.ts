import {
  compareInTurns,
  type Compared,
  type Holder,
  type Tell,
} from '../../sqlite/pages/compare-tables.ts';
import { quoteName } from '../../sqlite/names.ts';
import { atOnce, type Turns } from '../../sqlite/pages/turns.ts';
import type { Table } from '../../sqlite/schema.ts';
import type { Bench, State } from './bench.ts';
import type { Shape } from './view.ts';

/** Rowids are handed to SQLite in lists of so many. */
const listLength = 10_000;

/** What pages told. */
export interface StoredChanges {
  /** The working table of the rowids. */
  readonly into: string;
  /** The stored columns of which a cell differs in a row that both states have; null where that is not known. */
  readonly columns: ReadonlySet<string> | null;
}

/** The columns of a working table of rowids: which state has each, and whether both hold other values for sure. */
export const storedColumns = 'id INTEGER PRIMARY KEY, holder TEXT, is_other INTEGER';

/** `other`: in both, with another value for sure. */
type Told = Holder | 'other';

/** Two states of one table, and the working table that takes the rowids, with `storedColumns`. */
export interface StoredQuestion {
  readonly table: string;
  readonly left: State;
  readonly right: State;
  /** With its schema, `scratch."…"`. */
  readonly into: string;
}

/**
 * Fills a working table with every rowid under which two states of a table store other rows, by comparing pages: no
 * other row differs. Null, with nothing made, where pages do not tell: another declaration, no rowids, a log beside
 * a file, a file that the bench may not read past SQLite.
 */
export function findStoredChanges(bench: Bench, question: StoredQuestion): StoredChanges | null {
  return atOnce(storedChangesInTurns(bench, question));
}

/** The same in turns; who gives it up leaves the working table unfinished. */
export function* storedChangesInTurns(
  bench: Bench,
  question: StoredQuestion,
): Turns<StoredChanges | null> {
  const { db } = bench;
  if (!isOneTable(bench, question)) return null;
  db.exec(`CREATE TABLE ${question.into} (${storedColumns})`);
  const add = db.repeated(`INSERT INTO ${question.into} SELECT value, ?, ? FROM json_each(?)`);
  const lists: Record<Told, string[]> = { left: [], right: [], both: [], other: [] };
  const flush = (told: Told): void => {
    const isOther = told === 'other';
    add(isOther ? 'both' : told, Number(isOther), `[${lists[told].join(',')}]`);
    lists[told] = [];
  };
  const tell: Tell = (rowid, holder, isOther) => {
    const told = isOther ? 'other' : holder;
    if (lists[told].push(rowid) === listLength) flush(told);
  };
  const counts = yield* comparePages(bench, question, tell);
  if (counts !== null && isWhole(bench, question, counts)) {
    for (const told of ['left', 'right', 'both', 'other'] as const) flush(told);
    return {
      into: question.into,
      columns: columnNames(shapeOf(bench, question.left).get(question.table), counts.columns),
    };
  }
  db.exec(`DROP TABLE ${question.into}`);
  return null;
}

/** Null where it is not known which columns differ. Columns that are computed may not be stored. */
function columnNames(
  table: Table | undefined,
  columns: Compared['columns'],
): StoredChanges['columns'] {
  const declared = table?.columns ?? [];
  if (columns === null || declared.some(({ isGenerated }) => isGenerated)) return null;
  return new Set(declared.filter((_column, place) => columns.has(place)).map(({ name }) => name));
}

/** A name by which a table's rowid can be written; null where it has none. */
export function rowidNameOf(table: Table): string | null {
  if (table.kind !== 'table' || table.isWithoutRowid) return null;
  const names = new Set(table.columns.map((column) => column.name.toLowerCase()));
  return ['rowid', '_rowid_', 'oid'].find((name) => !names.has(name)) ?? null;
}

function shapeOf(bench: Bench, state: State): Shape {
  // The result has base's shape, and what it was made of before had the latest one's.
  if (state === 'main') return bench.base;
  return state === 'earlier' ? bench.latest : bench[state];
}

function isOneTable(bench: Bench, { table, left, right }: StoredQuestion): boolean {
  const { pages } = bench;
  const [one, other] = [left, right].map((state) => shapeOf(bench, state).get(table));
  if (pages === null || one === undefined || one.sql !== other?.sql) return false;
  const isAlone = [left, right].every((state) =>
    ['-wal', '-journal'].every(
      (beside) => (pages.disk.lstat(pages.paths[state] + beside)?.sizeBytes ?? 0) === 0,
    ),
  );
  return isAlone && rowidNameOf(one) !== null;
}

function* comparePages(
  { db, pages, rows }: Bench,
  { table, left, right }: StoredQuestion,
  tell: Tell,
): Turns<Compared | null> {
  if (pages === null) return null;
  const stored = (state: State): { readonly path: string; readonly root: number } => ({
    path: pages.paths[state],
    root: db.count(
      `SELECT rootpage FROM ${state}.sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE`,
      table,
    ),
  });
  const pair = { left: stored(left), right: stored(right) };
  return yield* compareInTurns(pages.disk, pair, { tell, passed: (count) => rows.told(count) });
}

/** All rows were seen. */
function isWhole({ db }: Bench, { table, left, right }: StoredQuestion, counts: Compared): boolean {
  const rowsOf = (state: State): number =>
    db.count(`SELECT count(*) FROM ${state}.${quoteName(table)}`);
  return rowsOf(left) === counts.left && rowsOf(right) === counts.right;
}
