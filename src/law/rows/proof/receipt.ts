import { hash } from 'node:crypto';
import { Database, type SqlValue } from '../../../sqlite/database.ts';
import { quoteName } from '../../../sqlite/names.ts';
import { readTables, type Table } from '../../../sqlite/schema.ts';
import type { CarriedCount } from '../../place.ts';
import { sameKey, sameRow } from '../compare.ts';

/** What stands in one table of one state. */
export interface TableState {
  readonly rows: number;
  /**
   * 16 hexadecimal digits: the sum, modulo 2^64, of the first 8 bytes of each row's SHA-256. It does not depend on the
   * order of rows, and a row that stands twice counts twice.
   */
  readonly digest: string;
}

/**
 * Every table of a closed database by name. Rows become text in SQL, with the type and all bytes of each value, so that
 * none is read as a number of JavaScript.
 */
export function tableStatesOf(file: string): Record<string, TableState> {
  const db = openForDigests(file);
  try {
    const tables = [...readTables(db, 'main').values()].filter(({ kind }) => kind === 'table');
    return Object.fromEntries(tables.map((table) => [table.name, stateOf(db, table)]));
  } finally {
    db.close();
  }
}

/** A closed database on which `stateOf` and `digestIn` can be asked. */
export function openForDigests(file: string): Database {
  const db = Database.open(file, { isClosed: true });
  db.defineAggregate('digest_of_rows', { start: 0n, step: addDigest });
  return db;
}

function addDigest(sum: bigint, image: SqlValue): bigint {
  const bytes = hash('sha256', String(image), 'buffer');
  return BigInt.asIntN(64, sum + bytes.readBigInt64BE());
}

/** A table of the main schema. */
export function stateOf(db: Database, table: Table): TableState {
  const [row] = db.all(
    `SELECT count(*) AS rows, ${digestOf(table)} AS digest FROM main.${quoteName(table.name)}`,
  );
  return { rows: Number(row?.['rows']), digest: String(row?.['digest']) };
}

/** The sum over some rows of a table, below 2^64. */
export function digestIn(
  db: Database,
  {
    schema,
    table,
    which,
  }: { readonly schema: string; readonly table: Table; readonly which: string },
): bigint {
  const [digest = '0'] = db.texts(
    `SELECT ${digestOf(table)} FROM ${schema}.${quoteName(table.name)} WHERE ${which}`,
  );
  return BigInt(`0x${digest}`);
}

function digestOf({ columns }: Table): string {
  const stored = columns.filter(({ isGenerated }) => !isGenerated).map((column) => column.name);
  return `printf('%016x', digest_of_rows(${imageOf(stored)}))`;
}

/** How many columns one call joins; calls are nested, since SQLite limits arguments. */
const joinedColumns = 50;

/** The text of a row: for each value its type and its bytes in hexadecimal. */
function imageOf(columns: readonly string[]): string {
  const values = columns.map((column) => {
    const name = quoteName(column);
    return `CASE typeof(${name}) WHEN 'null' THEN 'n' WHEN 'integer' THEN 'i' || ${name}
      WHEN 'real' THEN 'r' || printf('%!.17g', ${name}) WHEN 'text' THEN 't' || hex(${name})
      ELSE 'b' || hex(${name}) END`;
  });
  const parts: string[] = [];
  for (let from = 0; from < values.length; from += joinedColumns) {
    parts.push(`concat_ws(',', ${values.slice(from, from + joinedColumns).join(', ')})`);
  }
  return parts.length === 1 ? (parts[0] ?? `''`) : `concat_ws(';', ${parts.join(', ')})`;
}

/** By table. */
export type TableStates = Readonly<Record<string, TableState>>;

/** How one table of two closed databases differs. */
export interface TableDifference {
  readonly table: string;
  /** Rows by key; null for a table without one, or that only one of the two has. */
  readonly rows: CarriedCount | null;
  /** Columns and how many of the rows that both have differ in each. */
  readonly columns: Readonly<Record<string, number>>;
}

/**
 * Tables in which `to` is not what `from` is; those that are equal are left out. Both are closed databases, of which the
 * tables' states may be known.
 */
export function differencesOf(
  from: string,
  to: string,
  [left, right]: readonly [TableStates, TableStates] = [tableStatesOf(from), tableStatesOf(to)],
): TableDifference[] {
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const differing = names.filter((name) => left[name]?.digest !== right[name]?.digest);
  if (differing.length === 0) return [];
  const db = Database.open(':memory:');
  try {
    db.attach('one', from, { readOnly: true });
    db.attach('other', to, { readOnly: true });
    const [a, b] = [readTables(db, 'one'), readTables(db, 'other')];
    return differing.map((name) => differenceOf(db, name, [a.get(name), b.get(name)]));
  } finally {
    db.close();
  }
}

function differenceOf(
  db: Database,
  name: string,
  [one, other]: readonly [Table | undefined, Table | undefined],
): TableDifference {
  if (one === undefined || other === undefined || one.key.length === 0) {
    return { table: name, rows: null, columns: {} };
  }
  const shared = one.columns
    .filter(
      (column) => !column.isGenerated && other.columns.some((each) => each.name === column.name),
    )
    .map((column) => column.name);
  const body = shared.filter((column) => !one.key.includes(column));
  const [a, b] = [`one.${quoteName(name)}`, `other.${quoteName(name)}`];
  const alone = (x: string, y: string): number =>
    db.count(`SELECT count(*) FROM ${x} AS x WHERE NOT EXISTS
      (SELECT 1 FROM ${y} AS y WHERE ${sameKey('y', 'x', one.key)})`);
  const both = `${a} AS x JOIN ${b} AS y ON ${sameKey('y', 'x', one.key)}`;
  const updated = db.count(`SELECT count(*) FROM ${both} WHERE NOT ${sameRow('y', 'x', body)}`);
  return {
    table: name,
    rows: { inserted: alone(b, a), updated, deleted: alone(a, b) },
    columns: updated === 0 ? {} : countColumns(db, both, body),
  };
}

function countColumns(
  db: Database,
  both: string,
  columns: readonly string[],
): Record<string, number> {
  const counted = columns.map((column): [string, number] => {
    const differs = `NOT ${sameRow('y', 'x', [column])}`;
    return [column, db.count(`SELECT count(*) FROM ${both} WHERE ${differs}`)];
  });
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}

/** Rows and cells in a file of parked values, by the table that they belong to. */
export function countParkedRows(file: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const db = Database.open(file, { isClosed: true });
  try {
    for (const name of db.texts(`SELECT name FROM sqlite_schema WHERE type = 'table'`)) {
      const cut = name.indexOf(':');
      if (cut < 0) continue;
      const table = name.slice(cut + 1);
      const count = db.count(`SELECT count(*) FROM ${quoteName(name)}`);
      counts.set(table, (counts.get(table) ?? 0) + count);
    }
    return counts;
  } finally {
    db.close();
  }
}
