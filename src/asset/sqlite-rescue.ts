import type { Database } from '../sqlite/database.ts';
import { cell, nameList, sameKey, sameRow } from '../law/rows/compare.ts';
import { rowidAliasOf } from '../law/rows/image.ts';
import { quoteName } from '../sqlite/names.ts';
import { everyRowid, type RowidRange } from '../sqlite/pages/sound-rows.ts';
import type { Table } from '../sqlite/schema.ts';
import {
  ranges,
  readByKey,
  readByRowid,
  rescued,
  wholeColumn,
  type Reading,
} from './sqlite-damaged-rows.ts';

export interface Rescued {
  readonly readCount: number;
  /** Rows of the floor that stand for what could not be read. */
  readonly keptCount: number;
  /** Keys of the first of them, as SQL writes them; empty of a table without one. */
  readonly keptKeys: readonly string[];
  /** Rows that were read and are left out: one of those has their value in a unique column. */
  readonly clashCount: number;
  /** Everything could be read: what is missing was deleted. */
  readonly isComplete: boolean;
}

export interface Rescue {
  /** In `main` and in `damaged`. */
  readonly columns: readonly string[];
  /** What is known of the rowids of `damaged.T`; null where its pages cannot tell. */
  readonly sound: readonly RowidRange[] | null;
}

/** So many keys are told of rows that stand as they were captured. */
const toldKeys = 5;

const former = 'temp."former"';

/** Columns that both declarations of a table have and that can be stored. */
export function storedIn(wanted: Table, found: Table): readonly string[] {
  const names = new Set(found.columns.map((column) => column.name));
  return wanted.columns
    .filter((column) => !column.isGenerated && names.has(column.name))
    .map((column) => column.name);
}

/**
 * Makes the rows of `main.T`, which are those of the floor, those of `damaged.T`, as far as they can be read; the others
 * stay as they are. What stands on a page that is not whole adds rows, and replaces none. Values never leave SQLite.
 */
export function rescueTable(db: Database, table: Table, { columns, sound }: Rescue): Rescued {
  const read: Reading = { db, from: `damaged.${quoteName(table.name)}`, columns, isWhole: true };
  makeWorkingTables(db, table, columns);
  const rowid = table.hasIntegerKey ? quoteName(table.key[0] ?? '') : rowidAliasOf({ table });
  const known = sound ?? [everyRowid];
  const isComplete =
    rowid === null ? readByKey(read, table) : readByRowid(read, { table, rowid, known });
  indexRescued(db, table);
  const distinct = table.isWithoutRowid
    ? `SELECT DISTINCT ${nameList(table.key)} FROM`
    : 'SELECT 1 FROM';
  const readCount = db.count(`SELECT count(*) FROM (${distinct} ${rescued})`);
  const composed = db.transaction(() => compose(db, table, { columns, isComplete }));
  return { ...composed, readCount, isComplete };
}

function makeWorkingTables(db: Database, table: Table, columns: readonly string[]): void {
  for (const name of [rescued, ranges]) db.exec(`DROP TABLE IF EXISTS ${name}`);
  db.exec(
    `CREATE TABLE ${rescued} AS SELECT ${nameList(columns)}, 1 AS ${wholeColumn} FROM main.${quoteName(table.name)} WHERE 0`,
  );
  db.exec(`CREATE TABLE ${ranges} (lo INTEGER, hi INTEGER)`);
}

/** Each of the floor's rows is looked for among them. */
function indexRescued(db: Database, { key }: Table): void {
  if (key.length === 0) return;
  const columns = key.map((column) => `${quoteName(column)} COLLATE BINARY`).join(', ');
  db.exec(`CREATE INDEX temp."key of rescued" ON "rescued" (${columns})`);
}

/**
 * `main.T` holds the floor's rows; the rescued ones take their places. Where a rescued row clashes with one that could
 * not be read, both stand as in the floor: neither looks deleted.
 */
function compose(
  db: Database,
  table: Table,
  { columns, isComplete }: Composition,
): Omit<Rescued, 'readCount' | 'isComplete'> {
  const name = `main.${quoteName(table.name)}`;
  const names = nameList(columns);
  const put = (where: string): number =>
    db.change(
      `INSERT OR IGNORE INTO ${name} (${names}) SELECT ${names} FROM ${rescued} AS s WHERE ${where}`,
    );
  db.exec(`DROP TABLE IF EXISTS ${former}; CREATE TABLE ${former} AS SELECT ${names} FROM ${name}`);
  db.exec(`DELETE FROM ${name} AS t WHERE ${replaced(table, { columns, isComplete })}`);
  const keptCount = db.count(`SELECT count(*) FROM ${name}`);
  const keptKeys = isComplete ? [] : firstKeys(db, table);
  put(wholeColumn);
  if (table.key.length === 0) {
    const isThere = `EXISTS (SELECT 1 FROM ${name} AS t WHERE ${sameRow('t', 's', columns)})`;
    put(`NOT ${wholeColumn} AND NOT ${isThere}`);
    return { keptCount, keptKeys, clashCount: 0 };
  }
  const restored =
    db.change(`INSERT OR IGNORE INTO ${name} (${names}) SELECT ${names} FROM ${former} AS f
    WHERE EXISTS (SELECT 1 FROM ${rescued} AS s WHERE ${sameKey('s', 'f', table.key)})
      AND NOT EXISTS (SELECT 1 FROM ${name} AS t WHERE ${sameKey('t', 'f', table.key)})`);
  put(`NOT ${wholeColumn}`);
  const clashCount = db.count(`SELECT count(*) FROM ${rescued} AS s
    WHERE NOT EXISTS (SELECT 1 FROM ${name} AS t WHERE ${sameKey('t', 's', table.key)})`);
  return { keptCount: keptCount + restored, keptKeys, clashCount };
}

function firstKeys(db: Database, { name, key }: Table): readonly string[] {
  if (key.length === 0) return [];
  const shown = key.map((column) => `quote(${cell('t', column)})`).join(` || '/' || `);
  const order = key.map((column) => cell('t', column)).join(', ');
  return db.texts(
    `SELECT ${shown} FROM main.${quoteName(name)} AS t ORDER BY ${order} LIMIT ${toldKeys}`,
  );
}

/** Which of the floor's rows (alias t) make way for what was read, or are known to be gone. */
function replaced(table: Table, { columns, isComplete }: Composition): string {
  if (isComplete) return '1';
  if (table.hasIntegerKey) {
    const key = cell('t', table.key[0] ?? '');
    return `EXISTS (SELECT 1 FROM ${ranges} AS r WHERE ${key} BETWEEN r.lo AND r.hi)`;
  }
  const isSame = table.key.length > 0 ? sameKey('s', 't', table.key) : sameRow('s', 't', columns);
  return `EXISTS (SELECT 1 FROM ${rescued} AS s WHERE s.${wholeColumn} AND ${isSame})`;
}

interface Composition {
  readonly columns: readonly string[];
  readonly isComplete: boolean;
}
