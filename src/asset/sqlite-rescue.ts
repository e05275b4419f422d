import { type Database, isDamageError } from '../sqlite/database.ts';
import { nameList, sameKey, sameRow } from '../law/rows/compare.ts';
import { rowidAliasOf } from '../law/rows/image.ts';
import { quoteName } from '../sqlite/names.ts';
import type { Table } from '../sqlite/schema.ts';

export interface Rescued {
  readonly readCount: number;
  /** Rows of origin that stand for what could not be read. */
  readonly keptCount: number;
  /** Everything could be read: what is missing was deleted. */
  readonly isComplete: boolean;
}

/** How often a table may fail to be read before the rest of it is given up. */
const maxFailures = 20_000;
/** How far beyond the last known row new ones are looked for, where the last page cannot be read. */
const beyondLast = 1_000n;

const rescued = 'temp."rescued"';
const former = 'temp."former"';
const ranges = 'temp."readable ranges"';

/** Columns that both declarations of a table have and that can be stored. */
export function storedIn(wanted: Table, found: Table): readonly string[] {
  const names = new Set(found.columns.map((column) => column.name));
  return wanted.columns
    .filter((column) => !column.isGenerated && names.has(column.name))
    .map((column) => column.name);
}

/**
 * Makes the rows of `main.T` those of `damaged.T`, as far as they can be read; the others stay as they are. Values
 * never leave SQLite.
 */
export function rescueTable(db: Database, table: Table, columns: readonly string[]): Rescued {
  const from = `damaged.${quoteName(table.name)}`;
  db.exec(`DROP TABLE IF EXISTS ${rescued}; DROP TABLE IF EXISTS ${ranges}`);
  db.exec(
    `CREATE TABLE ${rescued} AS SELECT ${nameList(columns)} FROM main.${quoteName(table.name)} WHERE 0`,
  );
  db.exec(`CREATE TABLE ${ranges} (lo INTEGER, hi INTEGER)`);
  const read: Reading = { db, from, columns };
  const rowid = table.hasIntegerKey ? quoteName(table.key[0] ?? '') : rowidAliasOf({ table });
  const isComplete = rowid === null ? readByKey(read, table) : readByRowid(read, { table, rowid });
  const distinct = table.isWithoutRowid
    ? `SELECT DISTINCT ${nameList(table.key)} FROM`
    : 'SELECT 1 FROM';
  const readCount = db.count(`SELECT count(*) FROM (${distinct} ${rescued})`);
  const keptCount = db.transaction(() => compose(db, table, { columns, isComplete }));
  return { readCount, keptCount, isComplete };
}

interface Reading {
  readonly db: Database;
  readonly from: string;
  readonly columns: readonly string[];
}

/**
 * Takes the rows for which `where` holds; false, with none taken, where one of them cannot be read. Each call is a
 * transaction of its own, which SQLite undoes whole.
 */
function take({ db, from, columns }: Reading, where: string, ...values: bigint[]): boolean {
  const rows = `SELECT ${nameList(columns)} FROM ${from} NOT INDEXED WHERE ${where}`;
  try {
    db.change(`INSERT INTO ${rescued} ${rows}`, ...values);
    return true;
  } catch (error) {
    if (!isDamageError(error)) throw error;
    return false;
  }
}

interface ByRowid {
  readonly table: Table;
  readonly rowid: string;
}

/** Halves whatever range cannot be read until it is one row, so that only what lies on bad pages is missed. */
function readByRowid(read: Reading, { table, rowid }: ByRowid): boolean {
  const { db } = read;
  const known = `main.${quoteName(table.name)}`;
  const [first, last] = [
    endOf(db, read.from, `min(${rowid})`),
    endOf(db, read.from, `max(${rowid})`),
  ];
  const lowest = first ?? endOf(db, known, `min(${rowid})`) ?? 1n;
  const highest = last ?? (endOf(db, known, `max(${rowid})`) ?? 0n) + beyondLast;
  const note = db.repeated(`INSERT INTO ${ranges} VALUES (?, ?)`);
  const pending: { readonly lo: bigint; readonly hi: bigint }[] = [{ lo: lowest, hi: highest }];
  let failures = 0;
  for (let range = pending.pop(); range !== undefined; range = pending.pop()) {
    const { lo, hi } = range;
    if (lo > hi) continue;
    if (failures < maxFailures && take(read, `${rowid} BETWEEN ? AND ?`, lo, hi)) {
      note(lo, hi);
      continue;
    }
    failures += 1;
    if (failures > maxFailures || lo === hi) continue;
    const middle = lo + (hi - lo) / 2n;
    pending.push({ lo: middle + 1n, hi }, { lo, hi: middle });
  }
  if (first !== null) note(smallest, lowest - 1n);
  if (last !== null) note(highest + 1n, largest);
  return failures === 0 && first !== null && last !== null;
}

const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;

/** A table's first or last row; null where it cannot be read. One that is empty begins after it ends. */
function endOf(db: Database, from: string, end: string): bigint | null {
  const otherwise = end.startsWith('min') ? 1 : 0;
  try {
    const found = db.texts(`SELECT CAST(coalesce(${end}, ${otherwise}) AS TEXT) FROM ${from}`)[0];
    return found === undefined ? null : BigInt(found);
  } catch (error) {
    if (isDamageError(error)) return null;
    throw error;
  }
}

/** Tables without a rowid: all of it, else as many rows as can be read from either end, and each known key. */
function readByKey(read: Reading, table: Table): boolean {
  if (take(read, '1')) return true;
  const { db, from, columns } = read;
  const order = (way: string): string =>
    table.key.map((column) => `${quoteName(column)} ${way}`).join(', ');
  for (const way of ['ASC', 'DESC']) takeMost(read, `ORDER BY ${order(way)}`);
  const name = `main.${quoteName(table.name)}`;
  const known = db.count(`SELECT count(*) FROM ${name}`);
  for (let at = 0; at < Math.min(known, maxFailures); at += 1) {
    const isThis = table.key
      .map(
        (k) =>
          `${quoteName(k)} IS (SELECT ${quoteName(k)} FROM ${name} ORDER BY ${order('ASC')} LIMIT 1 OFFSET ${at})`,
      )
      .join(' AND ');
    take({ db, from, columns }, isThis);
  }
  return false;
}

/** The largest number of rows from one end that can be read, found by doubling and then by halving. */
function takeMost(read: Reading, order: string): void {
  const rows = (from: number, count: number): boolean =>
    take(read, `1 ${order} LIMIT ${count} OFFSET ${from}`);
  let [taken, step] = [0, 1];
  for (; step < 2 ** 40 && rows(taken, step); step *= 2) taken += step;
  for (step = Math.floor(step / 2); step >= 1; step = Math.floor(step / 2)) {
    if (rows(taken, step)) taken += step;
  }
}

interface Composition {
  readonly columns: readonly string[];
  readonly isComplete: boolean;
}

/**
 * `main.T` holds origin's rows; the rescued ones take their places. Returns how many of origin's stay. Where a
 * rescued row clashes with one that could not be read, both stand as in origin: neither looks deleted.
 */
function compose(db: Database, table: Table, { columns, isComplete }: Composition): number {
  const name = `main.${quoteName(table.name)}`;
  const names = nameList(columns);
  db.exec(`DROP TABLE IF EXISTS ${former}; CREATE TABLE ${former} AS SELECT ${names} FROM ${name}`);
  db.exec(`DELETE FROM ${name} AS t WHERE ${replaced(table, { columns, isComplete })}`);
  const keptCount = db.count(`SELECT count(*) FROM ${name}`);
  db.exec(`INSERT OR IGNORE INTO ${name} (${names}) SELECT ${names} FROM ${rescued}`);
  if (table.key.length === 0) return keptCount;
  const restored =
    db.change(`INSERT OR IGNORE INTO ${name} (${names}) SELECT ${names} FROM ${former} AS f
    WHERE EXISTS (SELECT 1 FROM ${rescued} AS s WHERE ${sameKey('s', 'f', table.key)})
      AND NOT EXISTS (SELECT 1 FROM ${name} AS t WHERE ${sameKey('t', 'f', table.key)})`);
  return keptCount + restored;
}

/** Which of origin's rows (alias t) make way for what was read. */
function replaced(table: Table, { columns, isComplete }: Composition): string {
  if (isComplete) return '1';
  if (table.hasIntegerKey) {
    const key = quoteName(table.key[0] ?? '');
    return `EXISTS (SELECT 1 FROM ${ranges} AS r WHERE t.${key} BETWEEN r.lo AND r.hi)`;
  }
  const isSame = table.key.length > 0 ? sameKey('s', 't', table.key) : sameRow('s', 't', columns);
  return `EXISTS (SELECT 1 FROM ${rescued} AS s WHERE ${isSame})`;
}
