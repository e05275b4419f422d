import { quoteName } from '../../sqlite/names.ts';
import type { ForeignKey, Table } from '../../sqlite/schema.ts';
import type { Bench } from './bench.ts';
import { cell, cells, nameList, valuesMatch } from './compare.ts';

export interface RunTime {
  /** Bookkeeping of migrations, which is nobody's. */
  readonly skipped: ReadonlySet<string>;
  /** False where some tables alone go back: what others reference is looked at with those. */
  readonly mendsReferences: boolean;
}

/**
 * Tables that were made at run time are the user's: they are made in the result as they are, with their indexes; rows that
 * reference what is parked, or in no table of the wanted shape, are parked with it. Returns what is left behind:
 * full-text tables and their kin.
 */
export function carryRunTime(
  bench: Bench,
  { skipped, mendsReferences }: RunTime,
): readonly string[] {
  const made = [...bench.latest.values()].filter(
    ({ name }) => !bench.origin.has(name) && !bench.base.has(name) && !skipped.has(name),
  );
  const tables = made.filter(({ kind }) => kind === 'table');
  for (const table of tables) carryTable(bench, table);
  if (mendsReferences) parkAllOrphans(bench, tables);
  const virtual = made.filter(({ kind }) => kind === 'virtual');
  return virtual.map(({ name }) => `virtual table ${name}`);
}

function carryTable({ db }: Bench, table: Table): void {
  db.exec(table.sql);
  const columns = nameList(storedNames(table));
  const name = quoteName(table.name);
  db.exec(`INSERT INTO main.${name} (${columns}) SELECT ${columns} FROM latest.${name}`);
  const indexes = db.texts(
    `SELECT sql FROM latest.sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL`,
    table.name,
  );
  for (const index of indexes) db.exec(index);
}

/** How many tables made at run time may reference one another in a row. */
const maxRounds = 1000;

function parkAllOrphans(bench: Bench, tables: readonly Table[]): void {
  for (let round = 0; round < maxRounds; round++) {
    const parked = tables.flatMap((table) =>
      table.foreignKeys.map((key) => parkOrphans(bench, table, key)),
    );
    if (!parked.includes(true)) return;
  }
  throw new Error(`references of new tables are still dangling after ${maxRounds} rounds`);
}

/** Parks rows whose parent is not in the result and was in latest. */
function parkOrphans({ db, latest }: Bench, table: Table, key: ForeignKey): boolean {
  const parent = latest.get(key.parent);
  if (parent === undefined) return false;
  const parentColumns = key.parentColumns.length > 0 ? key.parentColumns : parent.key;
  const side = { alias: 'c', columns: key.columns };
  const isIn = (schema: string): string =>
    `EXISTS (SELECT 1 FROM ${schema}.${quoteName(parent.name)} AS p WHERE ${valuesMatch('p', parentColumns, side)})`;
  const hasParents =
    db.texts(`SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name = ?`, parent.name)
      .length > 0;
  const isSet = key.columns.map((column) => `${cell('c', column)} IS NOT NULL`).join(' AND ');
  const isOrphan = `${isSet} AND ${isIn('latest')} AND NOT ${hasParents ? isIn('main') : '0'}`;
  const from = `main.${quoteName(table.name)} AS c`;
  if (db.count(`SELECT count(*) FROM ${from} WHERE ${isOrphan}`) === 0) return false;
  const columns = storedNames(table);
  const parked = `parked.${quoteName(`rows:${table.name}`)}`;
  db.exec(`CREATE TABLE IF NOT EXISTS ${parked}
    ("backstep act", "backstep why", "backstep detail", ${nameList(columns)})`);
  db.exec(`INSERT INTO ${parked} ("backstep act", "backstep why", ${nameList(columns)})
    SELECT 'insert', 'reference', ${cells('c', columns)} FROM ${from} WHERE ${isOrphan}`);
  db.exec(`DELETE FROM ${from} WHERE ${isOrphan}`);
  return true;
}

function storedNames(table: Table): string[] {
  return table.columns.filter((column) => !column.isGenerated).map((column) => column.name);
}
