import { compareTables, type ComparedCounts } from '../../sqlite/pages/compare-tables.ts';
import { quoteName } from '../../sqlite/names.ts';
import type { Table } from '../../sqlite/schema.ts';
import type { Bench, State } from './bench.ts';

/** Rowids are handed to SQLite in lists of so many. */
const listLength = 10_000;

/** Two states of one table, and the working table that takes the rowids (`id`). */
export interface StoredQuestion {
  readonly table: string;
  readonly left: State;
  readonly right: State;
  /** With its schema, `scratch."…"`. */
  readonly into: string;
}

/**
 * Fills a working table with every rowid under which two states of a table store other rows, by comparing pages: no
 * other row differs. False, with nothing made, where pages do not tell: another declaration, no rowids, a log beside
 * a file, a file that the bench may not read past SQLite.
 */
export function findStoredChanges(bench: Bench, question: StoredQuestion): boolean {
  const { db } = bench;
  if (!isOneTable(bench, question)) return false;
  db.exec(`CREATE TABLE ${question.into} (id INTEGER PRIMARY KEY)`);
  const add = db.repeated(`INSERT INTO ${question.into} SELECT value FROM json_each(?)`);
  let list: string[] = [];
  const tell = (rowid: string): void => {
    list.push(rowid);
    if (list.length < listLength) return;
    add(`[${list.join(',')}]`);
    list = [];
  };
  const counts = comparePages(bench, question, tell);
  if (counts !== null && isWhole(bench, question, counts)) {
    if (list.length > 0) add(`[${list.join(',')}]`);
    return true;
  }
  db.exec(`DROP TABLE ${question.into}`);
  return false;
}

/** A name by which a table's rowid can be written; null where it has none. */
export function rowidNameOf(table: Table): string | null {
  if (table.kind !== 'table' || table.isWithoutRowid) return null;
  const names = new Set(table.columns.map((column) => column.name.toLowerCase()));
  return ['rowid', '_rowid_', 'oid'].find((name) => !names.has(name)) ?? null;
}

function isOneTable(bench: Bench, { table, left, right }: StoredQuestion): boolean {
  const { pages } = bench;
  const [one, other] = [left, right].map((state) =>
    bench[state === 'main' ? 'base' : state].get(table),
  );
  if (pages === null || one === undefined || one.sql !== other?.sql) return false;
  const isAlone = [left, right].every((state) =>
    ['-wal', '-journal'].every(
      (beside) => (pages.disk.lstat(pages.paths[state] + beside)?.sizeBytes ?? 0) === 0,
    ),
  );
  return isAlone && rowidNameOf(one) !== null;
}

function comparePages(
  { db, pages }: Bench,
  { table, left, right }: StoredQuestion,
  tell: (rowid: string) => void,
): ComparedCounts | null {
  if (pages === null) return null;
  const stored = (state: State): { readonly path: string; readonly root: number } => ({
    path: pages.paths[state],
    root: db.count(
      `SELECT rootpage FROM ${state}.sqlite_schema WHERE type = 'table' AND name = ?`,
      table,
    ),
  });
  return compareTables(pages.disk, { left: stored(left), right: stored(right) }, tell);
}

/** All rows were seen. */
function isWhole(
  { db }: Bench,
  { table, left, right }: StoredQuestion,
  counts: ComparedCounts,
): boolean {
  const rowsOf = (state: State): number =>
    db.count(`SELECT count(*) FROM ${state}.${quoteName(table)}`);
  return rowsOf(left) === counts.left && rowsOf(right) === counts.right;
}
