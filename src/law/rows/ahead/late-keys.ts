import { quoteName } from '../../../sqlite/names.ts';
import type { Turns } from '../../../sqlite/pages/turns.ts';
import type { Table } from '../../../sqlite/schema.ts';
import { workingColumns, type Bench } from '../bench.ts';
import { compareShown, compareStored, isRowid, takeKeys } from '../candidates.ts';
import { nameList } from '../compare.ts';
import { storedChangesInTurns, type StoredChanges } from '../stored.ts';
import { readsOf } from '../survey/blind.ts';
import type { OpenMerge } from '../opening.ts';
import type { View } from '../view.ts';

/** The rows of one table that differ between the state that was merged and the latest one. */
export interface LateTable {
  /** Their rowids, where pages tell; else only that some may differ is known. */
  readonly stored: StoredChanges | null;
}

/** What was written after a result was made of the earlier state. */
export interface Late {
  /** By table of the other shape, those alone in which something changed. */
  readonly tables: ReadonlyMap<string, LateTable>;
  /** Table of a view → the working table of its late keys; of every view. */
  readonly keys: ReadonlyMap<string, string>;
}

/** The rowids of a table's late rows, where the working file is attached under `schema`. */
export function lateRowids(schema: string, table: string): string {
  return `${schema}.${quoteName(`late stored:${table}`)}`;
}

/** The keys of a view's late rows. */
export function lateKeys(schema: string, view: View): string {
  return `${schema}.${quoteName(`late keys:${view.table.name}`)}`;
}

/**
 * Compares the earlier state with the latest one. Null where what changed cannot be brought in by itself: another schema,
 * or rows that nothing identifies.
 */
export function* findLate(open: OpenMerge): Turns<Late | null> {
  const { bench, skipped } = open;
  if (!isSameSchema(bench)) return null;
  const tables = new Map<string, LateTable>();
  for (const table of bench.latest.values()) {
    if (table.kind !== 'table' || skipped.has(table.name)) continue;
    const stored = yield* storedSince(bench, table);
    if (stored !== null && isEmpty(bench, stored)) continue;
    if (stored === null && isUnwritten(bench, table)) continue;
    if (isWhole(bench, table)) return null;
    tables.set(table.name, { stored });
  }
  if (bench.loose.some((view) => reads(open, view, tables))) return null;
  if (tables.size > 0 && hasBoundTables(bench)) return null;
  const keys = bench.views.map((view) => [view.table.name, keysOf(open, view, tables)] as const);
  return { tables, keys: new Map(keys) };
}

function isSameSchema({ db }: Bench): boolean {
  const schema = (state: string): string =>
    `SELECT type, name, tbl_name, sql FROM ${state}.sqlite_schema`;
  const apart = (one: string, other: string): number =>
    db.count(`SELECT count(*) FROM (${schema(one)} EXCEPT ${schema(other)})`);
  return apart('latest', 'earlier') + apart('earlier', 'latest') === 0;
}

function* storedSince(bench: Bench, { name }: Table): Turns<StoredChanges | null> {
  const into = lateRowids('scratch', name);
  return yield* storedChangesInTurns(bench, {
    table: name,
    left: 'latest',
    right: 'earlier',
    into,
  });
}

function isEmpty({ db }: Bench, { into }: StoredChanges): boolean {
  return db.count(`SELECT count(*) FROM (SELECT 1 FROM ${into} LIMIT 1)`) === 0;
}

/** Where pages do not tell, rows with a key do. */
function isUnwritten(bench: Bench, table: Table): boolean {
  if (table.key.length === 0) return false;
  const { db } = bench;
  const keys = `scratch.${quoteName(`late rows:${table.name}`)}`;
  db.exec(`CREATE TABLE ${keys} (${nameList(table.key)})`);
  compareStored(bench, { table, key: table.key }, { keys, with: 'earlier' });
  return db.count(`SELECT count(*) FROM ${keys}`) === 0;
}

/** A table that is taken over whole: one that was made at run time. */
function isWhole({ origin, base }: Bench, { name }: Table): boolean {
  return !origin.has(name) && !base.has(name);
}

/** Rows of tables that were made at run time may reference any row: with its fate goes theirs. */
function hasBoundTables(bench: Bench): boolean {
  return bench.latest
    .values()
    .some((table) => isWhole(bench, table) && table.foreignKeys.length > 0);
}

function reads(
  { connection, bench }: OpenMerge,
  view: View,
  tables: ReadonlyMap<string, LateTable>,
): boolean {
  return readsOf(connection.plain, [view], bench.latest)
    .keys()
    .some((name) => tables.has(name));
}

function keysOf(open: OpenMerge, view: View, tables: Late['tables']): string {
  const { bench } = open;
  const { db } = bench;
  const keys = lateKeys('scratch', view);
  db.exec(`CREATE TABLE ${keys} (${workingColumns(view, view.key)})`);
  if (reads(open, view, tables)) fillKeys(bench, view, { keys, tables });
  const name = quoteName(`late keys:${view.table.name}`);
  db.exec(
    `CREATE INDEX scratch.${quoteName(`key of late keys:${view.table.name}`)} ON ${name} (${nameList(view.key)})`,
  );
  return keys;
}

function fillKeys(
  bench: Bench,
  view: View,
  { keys, tables }: { readonly keys: string; readonly tables: Late['tables'] },
): void {
  const { raw } = view;
  if (raw === null) {
    const earlier = quoteName(`earlier:${view.table.name}`);
    bench.db.exec(`CREATE TEMP VIEW ${earlier} AS ${view.selectFrom('earlier')}`);
    compareShown(bench, view, { keys, with: earlier });
    return;
  }
  const stored = tables.get(raw.table.name)?.stored ?? null;
  if (stored === null) compareStored(bench, raw, { keys, with: 'earlier' });
  else if (isRowid(raw.table, raw.key)) {
    bench.db.exec(`INSERT INTO ${keys} SELECT id FROM ${stored.into}`);
  } else takeKeys(bench, raw, { keys, rowids: stored.into, with: 'earlier' });
}
