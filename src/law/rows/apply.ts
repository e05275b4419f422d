import { isConstraintError, type SqlValue } from '../../sqlite/database.ts';
import { quoteName, quoteText } from '../../sqlite/names.ts';
import {
  baseOf,
  bodyOf,
  deltaOf,
  imageOf,
  parkedCellsOf,
  parkedRowsOf,
  resultOf,
  storedColumnsOf,
  type Bench,
} from './bench.ts';
import { cell, cells, nameList, same, sameKey } from './compare.ts';
import { refusalOf } from './conflict.ts';
import { rowidAliasOf } from './image.ts';
import type { View } from './view.ts';

/**
 * Writes a table's images into the result. Constraints are judged on the final state: deletions first,
 * then all changed rows as a set; only where SQLite refuses the set, row by row, and what it refuses is
 * parked with SQLite's own reason.
 */
export function applyImages(bench: Bench, view: View, changed: readonly string[]): void {
  const { db } = bench;
  deleteRows(bench, view, `"backstep act" IN ('delete', 'replace')`);
  db.exec('SAVEPOINT images');
  try {
    updateAsSet(bench, view, changed);
    insertRows(bench, view, `"backstep act" IN ('insert', 'replace')`);
    db.exec('RELEASE images');
  } catch (error) {
    refusalOf(bench, error);
    db.exec('ROLLBACK TO images');
    db.exec('RELEASE images');
    applyOneByOne(bench, view, changed);
  }
}

function deleteRows(bench: Bench, view: View, which: string): void {
  if (view.table.hasIntegerKey && view.key[0] === view.table.key[0]) {
    const key = quoteName(view.key[0] ?? '');
    bench.db.exec(`DELETE FROM ${resultOf(view)} WHERE ${key} IN (
      SELECT ${key} FROM ${deltaOf(view)} WHERE ${which} AND typeof(${key}) = 'integer')`);
    return;
  }
  bench.db.exec(`
    DELETE FROM ${resultOf(view)} AS t WHERE EXISTS (
      SELECT 1 FROM ${deltaOf(view)} AS d WHERE ${which} AND ${sameKey('t', 'd', view.key)})`);
}

/** SQLite finds all rows of an UPDATE before it writes the first: so many lie on pages that it still has in memory then. */
const updatedAtOnce = 500;

/** Columns that nobody changed are left out, and so are their indexes. */
function updateAsSet(bench: Bench, view: View, changed: readonly string[]): void {
  if (changed.length === 0) return;
  const settings = changed
    .map((column) => `${quoteName(column)} = ${cell('i', column)}`)
    .join(', ');
  for (const part of partsOf(bench, view)) {
    bench.db.exec(`
      UPDATE ${resultOf(view)} AS t SET ${settings} FROM ${imageOf(view)} AS i
      WHERE ${part} AND i."backstep act" = 'update'
        AND ${sameKey('t', 'i', view.key)}`);
  }
}

/** Conditions that divide a view's images (alias i) into parts of so many. */
function partsOf({ db }: Bench, view: View): readonly string[] {
  const names = new Set(storedColumnsOf(view).map((column) => column.toLowerCase()));
  const rowid = ['rowid', '_rowid_', 'oid'].find((name) => !names.has(name));
  if (rowid === undefined) return ['1'];
  const last = db.count(`SELECT coalesce(max(${rowid}), 0) FROM ${imageOf(view)}`);
  return Array.from({ length: Math.ceil(last / updatedAtOnce) }, (_none, part) => {
    const from = part * updatedAtOnce;
    return `i.${rowid} > ${from} AND i.${rowid} <= ${from + updatedAtOnce}`;
  });
}

function insertRows(bench: Bench, view: View, which: string): void {
  // Even an INSERT of no rows makes an entry in sqlite_sequence.
  if (bench.db.count(`SELECT count(*) FROM ${imageOf(view)} WHERE ${which}`) === 0) return;
  const rowid = rowidAliasOf(view);
  const columns = [...storedColumnsOf(view).map(quoteName), ...(rowid === null ? [] : [rowid])];
  const values = [
    ...storedColumnsOf(view).map(quoteName),
    ...(rowid === null ? [] : ['"backstep rowid"']),
  ];
  bench.db.exec(`
    INSERT INTO ${resultOf(view)} (${columns.join(', ')})
    SELECT ${values.join(', ')} FROM ${imageOf(view)} WHERE ${which} ORDER BY rowid`);
}

/** How often placing starts again because a row's old cells clash with another row's new ones. */
const maxRounds = 100;

/**
 * Places the changed rows one after another. A changed row of base that is refused stands as it was in
 * base; if even that clashes, the placing starts again with it as it was from the beginning.
 */
function applyOneByOne(bench: Bench, view: View, changed: readonly string[]): void {
  const { db } = bench;
  completeImages(bench, view, changed);
  db.exec(`ALTER TABLE ${imageOf(view)} ADD COLUMN "backstep refused"`);
  for (let round = 0; round < maxRounds; round++) {
    db.exec('SAVEPOINT round');
    if (placeRound(bench, view)) {
      db.exec('RELEASE round');
      parkRefused(bench, view);
      return;
    }
    const refused = db.all(
      `SELECT rowid AS id, "backstep refused" AS refused FROM ${imageOf(view)} WHERE "backstep refused" IS NOT NULL`,
    );
    db.exec('ROLLBACK TO round');
    db.exec('RELEASE round');
    const mark = db.repeated(`UPDATE ${imageOf(view)} SET "backstep refused" = ? WHERE rowid = ?`);
    for (const row of refused) mark(row['refused'] ?? null, row['id'] ?? null);
  }
  throw new Error(`${view.table.name}: no order of its changed rows satisfies its constraints`);
}

/** Gives images of rows that base has the columns that nobody changed, and the rowid where others may name it. */
function completeImages(bench: Bench, view: View, changed: readonly string[]): void {
  const rowid = rowidAliasOf(view);
  const drawn = new Set([...view.key, ...changed]);
  const settings = storedColumnsOf(view)
    .filter((column) => !drawn.has(column))
    .map((column) => `${quoteName(column)} = ${cell('b', column)}`);
  const all = rowid === null ? settings : [...settings, `"backstep rowid" = b.${rowid}`];
  if (all.length === 0) return;
  bench.db.exec(`UPDATE ${imageOf(view)} AS i SET ${all.join(', ')} FROM ${baseOf(view)} AS b
    WHERE i."backstep act" = 'update' AND ${sameKey('b', 'i', view.key)}`);
}

/** False where a row could not even stand as it was in base. */
function placeRound(bench: Bench, view: View): boolean {
  const { db } = bench;
  deleteRows(bench, view, `"backstep act" = 'update'`);
  putBack(bench, view, '"backstep refused" IS NOT NULL');
  const ids =
    db.all(`SELECT rowid AS id, "backstep act" AS act FROM ${imageOf(view)} WHERE "backstep refused" IS NULL
    ORDER BY "backstep act" <> 'update', rowid`);
  let isWhole = true;
  for (const { id, act } of ids) {
    const refusal = placeOne(bench, view, id ?? null);
    if (refusal === null) continue;
    db.change(
      `UPDATE ${imageOf(view)} SET "backstep refused" = ? WHERE rowid = ?`,
      refusal,
      id ?? null,
    );
    if (act === 'update' && !standsAsBefore(bench, view, id ?? null)) isWhole = false;
  }
  return isWhole;
}

function placeOne(bench: Bench, view: View, id: SqlValue): string | null {
  try {
    insertRows(bench, view, `rowid = ${String(id)}`);
    return null;
  } catch (error) {
    if (!isConstraintError(error)) throw error;
    return error.message;
  }
}

function standsAsBefore(bench: Bench, view: View, id: SqlValue): boolean {
  try {
    putBack(bench, view, `rowid = ${String(id)}`);
    return true;
  } catch (error) {
    if (!isConstraintError(error)) throw error;
    return false;
  }
}

/** Base's own rows for updated images. */
function putBack(bench: Bench, view: View, which: string): void {
  const rowid = rowidAliasOf(view);
  const stored = storedColumnsOf(view);
  const columns = [...stored.map(quoteName), ...(rowid === null ? [] : [rowid])];
  const values = [cells('b', stored), ...(rowid === null ? [] : [`b.${rowid}`])];
  bench.db.exec(`
    INSERT INTO ${resultOf(view)} (${columns.join(', ')})
    SELECT ${values.join(', ')} FROM ${imageOf(view)} AS i
      JOIN ${baseOf(view)} AS b ON ${sameKey('b', 'i', view.key)}
    WHERE i."backstep act" = 'update' AND i.rowid IN (SELECT rowid FROM ${imageOf(view)} WHERE ${which})`);
}

/** A refused new row is parked whole, a refused change cell by cell. Images know why in their column `refused`. */
export function parkRefused(bench: Bench, view: View): void {
  const { db } = bench;
  db.exec(`
    INSERT INTO ${parkedRowsOf(view)} ("backstep act", "backstep why", "backstep detail", ${nameList(view.columns)})
    SELECT 'insert', 'refused', "backstep refused", ${nameList(view.columns)} FROM ${imageOf(view)}
    WHERE "backstep refused" IS NOT NULL AND "backstep act" <> 'update'`);
  for (const column of bodyOf(view)) {
    db.exec(`
      INSERT INTO ${parkedCellsOf(view)} (${nameList(view.key)}, "backstep column", "backstep value", "backstep kept", "backstep why", "backstep detail")
      SELECT ${cells('i', view.key)}, ${quoteText(column)}, ${cell('i', column)}, ${cell('b', column)},
        'refused', i."backstep refused"
      FROM ${imageOf(view)} AS i JOIN ${baseOf(view)} AS b ON ${sameKey('b', 'i', view.key)}
      WHERE i."backstep refused" IS NOT NULL AND i."backstep act" = 'update' AND NOT ${same(cell('i', column), cell('b', column))}`);
  }
}
