import { nameList } from '../law/rows/compare.ts';
import { type Database, isDamageError } from '../sqlite/database.ts';
import { quoteName } from '../sqlite/names.ts';
import { largestRowid, smallestRowid, type RowidRange } from '../sqlite/pages/sound-rows.ts';
import type { Table } from '../sqlite/schema.ts';

/** How often a table may fail to be read before the rest of it is given up. */
const maxFailures = 20_000;
/** How far beyond the last known row new ones are looked for, where the last page cannot be read. */
const beyondLast = 1_000n;

/** Working table of the rows that were read. */
export const rescued = 'temp."rescued"';
/** Of a row there: its page is whole. */
export const wholeColumn = '"backstep whole"';
/** Working table of the rowids that are known, be there a row or none. */
export const ranges = 'temp."readable ranges"';

export interface Reading {
  readonly db: Database;
  readonly from: string;
  readonly columns: readonly string[];
  /** Of the rows that are taken: their pages are known to be whole. */
  readonly isWhole: boolean;
}

/**
 * Takes the rows for which `where` holds; false, with none taken, where one of them cannot be read. Each call is a
 * transaction of its own, which SQLite undoes whole.
 */
function take(
  { db, from, columns, isWhole: flag }: Reading,
  where: string,
  ...values: bigint[]
): boolean {
  const rows = `SELECT ${nameList(columns)}, ${Number(flag)} FROM ${from} NOT INDEXED WHERE ${where}`;
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
  /** In ascending order. */
  readonly known: readonly RowidRange[];
}

/**
 * Takes what is known, range by range, and then what else can be read: a scan that comes upon a page that is not whole
 * may end early, and say nothing. True where everything is known and was read.
 */
export function readByRowid(read: Reading, { table, rowid, known }: ByRowid): boolean {
  const ends = endsOf(read, { table, rowid });
  const range = { rowid, ends, failures: { count: 0 } };
  const note = read.db.repeated(`INSERT INTO ${ranges} VALUES (?, ?)`);
  for (const { lo, hi } of known) readRange(read, { ...range, lo, hi, note });
  const isComplete = range.failures.count === 0 && gapsOf(known).length === 0;
  const others = { ...read, isWhole: false };
  for (const { lo, hi } of gapsOf(known)) readRange(others, { ...range, lo, hi, note: () => 0 });
  return isComplete;
}

function gapsOf(known: readonly RowidRange[]): readonly RowidRange[] {
  const starts = [smallestRowid, ...known.map(({ hi }) => hi + 1n)];
  const ends = [...known.map(({ lo }) => lo - 1n), largestRowid];
  return starts
    .map((lo, at) => ({ lo, hi: ends[at] ?? largestRowid }))
    .filter(({ lo, hi }) => lo <= hi);
}

interface Range extends RowidRange {
  readonly rowid: string;
  /** Beyond them no row is looked for where not all can be read at once. */
  readonly ends: RowidRange;
  readonly failures: { count: number };
  /** Told what was read. */
  readonly note: (lo: bigint, hi: bigint) => void;
}

/** Halves whatever cannot be read until it is one row, so that only what lies on bad pages is missed. */
function readRange(read: Reading, range: Range): void {
  const { rowid, ends, failures, note } = range;
  const pending: RowidRange[] = [range];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { lo, hi } = next;
    if (failures.count < maxFailures && take(read, `${rowid} BETWEEN ? AND ?`, lo, hi)) {
      note(lo, hi);
      continue;
    }
    failures.count += 1;
    const first = lo < ends.lo ? ends.lo : lo;
    const last = hi > ends.hi ? ends.hi : hi;
    if (failures.count > maxFailures || first > last || lo === hi) continue;
    const middle = first + (last - first) / 2n;
    if (middle < last) pending.push({ lo: middle + 1n, hi: last });
    pending.push({ lo: first, hi: middle });
  }
}

function endsOf({ db, from }: Reading, { table, rowid }: Omit<ByRowid, 'known'>): RowidRange {
  const known = `main.${quoteName(table.name)}`;
  const ends = (end: string): bigint[] =>
    [endOf(db, from, `${end}(${rowid})`), endOf(db, known, `${end}(${rowid})`)].filter(
      (found) => found !== null,
    );
  const [lows, highs] = [ends('min'), ends('max')];
  const lo = lows.reduce((a, b) => (a < b ? a : b), 1n);
  const hi = highs.reduce((a, b) => (a > b ? a : b), 0n);
  return { lo, hi: hi > largestRowid - beyondLast ? largestRowid : hi + beyondLast };
}

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

/** Tables without a rowid: all of it where SQLite finds it sound, else as many rows as can be read from either end, and each known key. */
export function readByKey(read: Reading, table: Table): boolean {
  if (isSoundTable(read.db, table) && take(read, '1')) return true;
  const { db } = read;
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
    take(read, isThis);
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

/** Of a table whose pages are not looked at here: what SQLite itself says. */
function isSoundTable(db: Database, { name }: Table): boolean {
  try {
    return db.texts(`PRAGMA damaged.quick_check(${quoteName(name)})`)[0] === 'ok';
  } catch (error) {
    if (isDamageError(error)) return false;
    throw error;
  }
}
