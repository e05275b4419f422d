import type { Database } from '../../../sqlite/database.ts';
import { quoteName, quoteText } from '../../../sqlite/names.ts';
import type { Column, Table } from '../../../sqlite/schema.ts';
import { spellingOf } from '../../../sqlite/spelling.ts';
import type { Bench } from '../bench.ts';
import { anyOf, cell, cells, nameList, same, sameKey, sameRow } from '../compare.ts';
import { storedChangesOf } from '../candidates.ts';
import { imagesApart } from '../keyless/multiset.ts';
import { addedTo } from '../run-time-shape.ts';
import { rowidNameOf } from '../stored.ts';
import type { Shape, View } from '../view.ts';

/** Table of the other shape → its columns that some view reads. */
export type Reads = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Learns from SQLite's authorizer which columns the views read. `plain` is a connection on which the
 * other shape's tables stand under their bare names; they are told as `shape` spells them.
 */
export function readsOf(plain: Database, views: readonly View[], shape: Shape): Reads {
  const spelling = spellingOf(shape);
  const reads = new Map<string, Set<string>>();
  for (const view of views) {
    for (const read of plain.columnsReadBy(view.bareSelect)) {
      const table = spelling.table(read.table);
      const columns = reads.get(table) ?? new Set();
      reads.set(table, columns.add(spelling.column(table, read.column)));
    }
  }
  return reads;
}

/**
 * Parks what users changed since `origin` where no view looks: whole rows of tables that the wanted
 * shape does not have, cells of columns that it does not have, or that the application added since.
 */
export function parkUnseen(bench: Bench, reads: Reads, skipped: ReadonlySet<string>): void {
  for (const table of bench.origin.values()) {
    const latest = bench.latest.get(table.name);
    if (table.kind !== 'table' || skipped.has(table.name) || latest === undefined) continue;
    const read = reads.get(table.name);
    const columns = storedNames(table);
    const unread = columns.filter(
      (column) => !(read?.has(column) ?? false) && !table.key.includes(column),
    );
    if (read === undefined) parkRowsOf(bench, table);
    else if (unread.length > 0 && table.key.length > 0) parkCellsOf(bench, table, unread);
    else if (unread.length > 0) parkLooseRows(bench, table, unread);
    if (table.key.length > 0) parkAdded(bench, table, addedTo(table, latest));
  }
}

/** Values in columns that the application added, but for the default that every row got with the column. */
function parkAdded({ db }: Bench, table: Table, added: readonly Column[]): void {
  const stored = added.filter(({ isGenerated }) => !isGenerated);
  if (stored.length === 0) return;
  makeBlindCells(db, table);
  for (const { name, defaultSql } of stored) {
    db.exec(`
      INSERT INTO ${blindCellsOf(table)} (${nameList(table.key)}, "backstep column", "backstep value", "backstep why")
      SELECT ${cells('l', table.key)}, ${quoteText(name)}, ${cell('l', name)}, 'blind'
      FROM latest.${quoteName(table.name)} AS l WHERE NOT ${same(cell('l', name), `(${defaultSql ?? 'NULL'})`)}`);
  }
}

function blindCellsOf({ name }: Table): string {
  return `parked.${quoteName(`blind cells:${name}`)}`;
}

function makeBlindCells(db: Database, table: Table): void {
  db.exec(
    `CREATE TABLE IF NOT EXISTS ${blindCellsOf(table)} (${nameList(table.key)}, "backstep column", "backstep value", "backstep kept", "backstep why", "backstep detail")`,
  );
}

function parkRowsOf(bench: Bench, table: Table): void {
  const { db } = bench;
  const columns = storedNames(table);
  const parked = `parked.${quoteName(`blind rows:${table.name}`)}`;
  const [latest, origin] = [`latest.${quoteName(table.name)}`, `origin.${quoteName(table.name)}`];
  db.exec(
    `CREATE TABLE ${parked} ("backstep act", "backstep why", "backstep detail", ${nameList(columns)})`,
  );
  if (table.key.length === 0) return parkMultiset(bench, table);
  const body = columns.filter((column) => !table.key.includes(column));
  const first = cell('o', table.key[0] ?? '');
  db.exec(`
    INSERT INTO ${parked} ("backstep act", "backstep why", ${nameList(columns)})
    SELECT CASE WHEN ${first} IS NULL THEN 'insert' ELSE 'update' END, 'blind', ${cells('l', columns)}
    FROM ${latestRows(bench, table, columns)} LEFT JOIN ${origin} AS o ON ${sameKey('o', 'l', table.key)}
    WHERE ${first} IS NULL OR NOT ${sameRow('l', 'o', body)}`);
  db.exec(`
    INSERT INTO ${parked} ("backstep act", "backstep why", ${nameList(table.key)})
    SELECT 'delete', 'blind', ${cells('o', table.key)} FROM ${origin} AS o
    WHERE NOT EXISTS (SELECT 1 FROM ${latest} AS l WHERE ${sameKey('l', 'o', table.key)})`);
}

/** Rows without a key: as often as each came since the upgrade, or went. */
function parkMultiset(bench: Bench, table: Table): void {
  const columns = storedNames(table);
  const name = quoteName(table.name);
  bench.db.exec(`
    INSERT INTO parked.${quoteName(`blind rows:${table.name}`)} ("backstep act", "backstep why", "backstep detail", ${nameList(columns)})
    SELECT iif("backstep times" > 0, 'insert', 'delete'), 'blind', 'times ' || abs("backstep times"), ${nameList(columns)}
    FROM (${imagesApart(columns, `latest.${name}`, `origin.${name}`)})`);
}

/** Rows without a key of a table that both shapes have: whole, where they came with a value that no view reads. */
function parkLooseRows({ db }: Bench, table: Table, unread: readonly string[]): void {
  const columns = storedNames(table);
  const [name, parked] = [table.name, `blind rows:${table.name}`].map(quoteName);
  const isFilled = anyOf(unread.map((column) => `${quoteName(column)} IS NOT NULL`));
  db.exec(
    `CREATE TABLE parked.${parked} ("backstep act", "backstep why", "backstep detail", ${nameList(columns)})`,
  );
  db.exec(`INSERT INTO parked.${parked} ("backstep act", "backstep why", "backstep detail", ${nameList(columns)})
    SELECT 'insert', 'blind', 'times ' || "backstep times", ${nameList(columns)}
    FROM (${imagesApart(columns, `latest.${name}`, `origin.${name}`)}) WHERE "backstep times" > 0 AND ${isFilled}`);
}

function parkCellsOf(bench: Bench, table: Table, unread: readonly string[]): void {
  const { db } = bench;
  const parked = blindCellsOf(table);
  const rows = `scratch.${quoteName(`blind:${table.name}`)}`;
  const [latest, origin] = [`latest.${quoteName(table.name)}`, `origin.${quoteName(table.name)}`];
  const key = nameList(table.key);
  const first = cell('o', table.key[0] ?? '');
  makeBlindCells(db, table);
  db.exec(`
    CREATE TABLE ${rows} AS SELECT ${cells('l', table.key)}
    FROM ${latestRows(bench, table, unread)} LEFT JOIN ${origin} AS o ON ${sameKey('o', 'l', table.key)}
    WHERE ${first} IS NULL OR NOT ${sameRow('l', 'o', unread)}`);
  for (const column of unread) {
    db.exec(`
      INSERT INTO ${parked} (${key}, "backstep column", "backstep value", "backstep why")
      SELECT ${cells('r', table.key)}, ${quoteText(column)}, ${cell('l', column)}, 'blind'
      FROM ${rows} AS r JOIN ${latest} AS l ON ${sameKey('l', 'r', table.key)}
        LEFT JOIN ${origin} AS o ON ${sameKey('o', 'r', table.key)}
      WHERE NOT ${same(cell('l', column), cell('o', column))}`);
  }
}

/** Rows of latest (alias l): those that may differ from origin's in some columns where pages tell, else all of them. */
function latestRows(bench: Bench, table: Table, columns: readonly string[]): string {
  const latest = `latest.${quoteName(table.name)} AS l`;
  const stored = storedChangesOf(bench, table);
  if (stored === null) return latest;
  const changed = stored.columns;
  const isTouched = changed === null || columns.some((column) => changed.has(column));
  const holders = isTouched ? `'left', 'both'` : `'left'`;
  return `(SELECT id FROM ${stored.into} WHERE holder IN (${holders})) AS s
    CROSS JOIN ${latest} ON l.${rowidNameOf(table)} = s.id`;
}

function storedNames(table: Table): string[] {
  return table.columns.filter((column) => !column.isGenerated).map((column) => column.name);
}
