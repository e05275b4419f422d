import { quoteName, quoteText } from '../../../sqlite/names.ts';
import type { Table } from '../../../sqlite/schema.ts';
import {
  deltaOf,
  latestOf,
  parkedCellsOf,
  parkedRowsOf,
  resultOf,
  storedColumnsOf,
  type Bench,
} from '../bench.ts';
import { followChange } from './changed-parents.ts';
import { cell, cells, nameList, sameKey, valuesMatch } from '../compare.ts';
import { refusalOf } from '../conflict.ts';
import { newRowValues, type ImagePlan } from '../image.ts';
import {
  defaultsOf,
  missing,
  missingSide,
  noteDelta,
  viewOf,
  type Reference,
} from './reference.ts';
import type { View } from '../view.ts';

/** Each round mends every dangling reference by one link of its chain. */
const maxRounds = 10_000;

export interface ReferencePlan {
  planOf(view: View): ImagePlan;
}

/**
 * Mends references that point nowhere in the result and did not in base: the parent is brought from
 * `latest` or, where its deletion or another value of it was carried but a child remains, that follows the
 * declared action; else the child is parked. False where none did. Throws where no end is reached in 10,000 rounds.
 */
export function mendReferences(bench: Bench, plan: ReferencePlan): boolean {
  const references = [...bench.base.values()].flatMap((child) => referencesOf(bench, child));
  for (let round = 0; round < maxRounds; round++) {
    const mended = references.map((reference) =>
      mendOne(bench, reference, { ...plan, isFirst: round === 0 }),
    );
    if (!mended.includes(true)) return round > 0;
  }
  throw new Error(`references are still dangling after ${maxRounds} rounds`);
}

function referencesOf(bench: Bench, child: Table): Reference[] {
  return child.foreignKeys.flatMap((key) => {
    const parent = bench.base.get(key.parent);
    if (parent === undefined) return [];
    const parentColumns = key.parentColumns.length > 0 ? key.parentColumns : parent.key;
    return [{ child, parent, key, parentColumns }];
  });
}

interface Round extends ReferencePlan {
  /** Nothing was mended yet. */
  readonly isFirst: boolean;
}

function mendOne(bench: Bench, reference: Reference, plan: Round): boolean {
  if (!findMissing(bench, reference, plan)) return false;
  const parentView = viewOf(bench, reference.parent);
  if (parentView !== undefined && bring(bench, reference, plan.planOf(parentView))) return true;
  if (followChange(bench, reference)) return true;
  if (followDeletion(bench, reference)) return true;
  parkChildren(bench, reference);
  return true;
}

/** Fills a table with the parent keys that children name and nobody holds, base's own danglers left out. */
function findMissing(bench: Bench, reference: Reference, round: Round): boolean {
  const { db } = bench;
  const columns = reference.key.columns;
  const isSet = columns.map((column) => `${cell('c', column)} IS NOT NULL`).join(' AND ');
  const before = `EXISTS (SELECT 1 FROM base.${quoteName(reference.child.name)} AS bc WHERE ${valuesMatch('bc', columns, { alias: 'c', columns })})
    AND NOT EXISTS (SELECT 1 FROM base.${quoteName(reference.parent.name)} AS bp WHERE ${valuesMatch('bp', reference.parentColumns, { alias: 'c', columns })})`;
  db.exec(`DROP TABLE IF EXISTS ${missing}`);
  db.exec(`
    CREATE TABLE ${missing} AS SELECT DISTINCT ${columns.map((column, n) => `${cell('c', column)} AS v${n}`).join(', ')}
    FROM ${childRows(bench, reference, round)}
    WHERE ${isSet} AND NOT EXISTS (SELECT 1 FROM main.${quoteName(reference.parent.name)} AS p
        WHERE ${valuesMatch('p', reference.parentColumns, { alias: 'c', columns })})
      AND NOT (${before})`);
  return db.count(`SELECT count(*) FROM ${missing}`) > 0;
}

const lost = 'scratch."lost parents"';

/**
 * Rows of the child table (alias c) among which a reference may have lost its parent: those that changed, and those of
 * parents that changed. All of them where a table is not followed row by row.
 */
function childRows(bench: Bench, reference: Reference, round: Round): string {
  const { db, views } = bench;
  const { child, parent, key, parentColumns } = reference;
  const name = `main.${quoteName(child.name)}`;
  const [childView, parentView] = [viewOf(bench, child), viewOf(bench, parent)];
  const isFollowed = views.every((view) => view.split === null);
  if (!isFollowed || childView === undefined || parentView === undefined) return `${name} AS c`;
  const values = parentColumns.map((column, n) => `${cell('b', column)} AS v${n}`).join(', ');
  const side = { alias: 'b', columns: parentColumns };
  db.exec(`DROP TABLE IF EXISTS ${lost}`);
  db.exec(`CREATE TABLE ${lost} AS SELECT ${values}
    FROM ${deltaOf(parentView)} AS d CROSS JOIN base.${quoteName(parent.name)} AS b ON ${sameKey('b', 'd', parentView.key)}
    WHERE NOT EXISTS (SELECT 1 FROM main.${quoteName(parent.name)} AS p WHERE ${valuesMatch('p', parentColumns, side)})`);
  const changed = `SELECT c.* FROM ${deltaOf(childView)} AS d CROSS JOIN ${name} AS c ON ${sameKey('c', 'd', childView.key)}
    WHERE ${isSuspect(childView, reference, { bench, round })}`;
  if (db.count(`SELECT count(*) FROM ${lost}`) === 0) return `(${changed}) AS c`;
  const lostSide = { alias: 'v', columns: parentColumns.map((_column, n) => `v${n}`) };
  return `(${changed} UNION ALL SELECT c.* FROM ${name} AS c
    WHERE EXISTS (SELECT 1 FROM ${lost} AS v WHERE ${valuesMatch('c', key.columns, lostSide)})) AS c`;
}

/** Rows of base that changed elsewhere refer to what they did in base, until something is mended. */
function isSuspect(
  child: View,
  { key }: Reference,
  { bench, round }: { readonly bench: Bench; readonly round: Round },
): string {
  const { changed } = round.planOf(child);
  const isElsewhere = key.columns.every(
    (column) => !changed.includes(column) && !child.key.includes(column),
  );
  const isAsInBase = round.isFirst && bench.direction === 'back' && isElsewhere;
  return isAsInBase ? `d."backstep act" <> 'update'` : '1';
}

/** Inserts the missing parents that `latest` has: rows of the upgrade that a carried row needs. */
function bring(bench: Bench, reference: Reference, plan: ImagePlan): boolean {
  const { db } = bench;
  const view = viewOf(bench, reference.parent);
  if (view === undefined || plan.rules.parksNewRows() !== null) return false;
  const names = nameList(storedColumnsOf(view));
  const from = `FROM ${missing} AS m JOIN ${latestOf(view)} AS l
      ON ${valuesMatch('l', reference.parentColumns, missingSide(reference))}
    WHERE NOT EXISTS (SELECT 1 FROM ${parkedRowsOf(view)} AS k WHERE ${sameKey('k', 'l', view.key)})`;
  db.exec('SAVEPOINT bring');
  try {
    const count = db.change(
      `INSERT INTO ${resultOf(view)} (${names}) SELECT ${newRowValues(view, plan)} ${from}`,
    );
    db.exec(
      `INSERT OR REPLACE INTO ${deltaOf(view)} SELECT 'insert', ${cells('l', view.key)} ${from}`,
    );
    return count > 0;
  } catch (error) {
    refusalOf(bench, error);
    db.exec('ROLLBACK TO bring');
    return false;
  } finally {
    db.exec('RELEASE bring');
  }
}

/** The user deleted the parent, children that only the old release knows remain: as it would have done. */
function followDeletion(bench: Bench, reference: Reference): boolean {
  const { db } = bench;
  const side = missingSide(reference);
  const wasThere = `EXISTS (SELECT 1 FROM base.${quoteName(reference.parent.name)} AS bp
    WHERE ${valuesMatch('bp', reference.parentColumns, side)})`;
  if (db.count(`SELECT count(*) FROM ${missing} AS m WHERE ${wasThere}`) === 0) return false;
  const child = quoteName(reference.child.name);
  const isOrphan = `EXISTS (SELECT 1 FROM ${missing} AS m
    WHERE ${wasThere} AND ${valuesMatch('c', reference.key.columns, side)})`;
  switch (reference.key.onDelete) {
    case 'CASCADE':
      parkResultRows(bench, reference.child, isOrphan);
      noteDelta(bench, reference.child, { act: 'delete', which: isOrphan });
      db.exec(`DELETE FROM main.${child} AS c WHERE ${isOrphan}`);
      return true;
    case 'SET NULL':
      noteDelta(bench, reference.child, { act: 'update', which: isOrphan });
      db.exec(`UPDATE main.${child} AS c SET ${reference.key.columns.map((column) => `${quoteName(column)} = NULL`).join(', ')}
        WHERE ${isOrphan}`);
      return true;
    case 'SET DEFAULT': {
      const defaults = defaultsOf(bench, reference);
      if (defaults === null) break;
      noteDelta(bench, reference.child, { act: 'update', which: isOrphan });
      db.exec(`UPDATE main.${child} AS c SET ${defaults} WHERE ${isOrphan}`);
      return true;
    }
  }
  reinstate(bench, reference);
  return true;
}

/** Takes a deletion back and parks it, because a row that stays references what was deleted. */
function reinstate(bench: Bench, reference: Reference): void {
  const { db } = bench;
  const names = nameList(
    reference.parent.columns.filter((column) => !column.isGenerated).map((column) => column.name),
  );
  const parent = quoteName(reference.parent.name);
  const isMissing = `EXISTS (SELECT 1 FROM ${missing} AS m
    WHERE ${valuesMatch('b', reference.parentColumns, missingSide(reference))})`;
  db.exec(
    `INSERT INTO main.${parent} (${names}) SELECT ${names} FROM base.${parent} AS b WHERE ${isMissing}`,
  );
  const view = viewOf(bench, reference.parent);
  if (view === undefined) return;
  const key = nameList(view.key);
  const rows = `FROM base.${parent} AS b WHERE ${isMissing}`;
  db.exec(`INSERT INTO ${parkedRowsOf(view)} ("backstep act", "backstep why", ${key})
    SELECT 'delete', 'reference', ${cells('b', view.key)} ${rows}`);
  db.exec(`INSERT OR REPLACE INTO ${deltaOf(view)} SELECT 'none', ${cells('b', view.key)} ${rows}`);
}

/** The parent cannot be had: new children are parked whole, changed ones get base's reference back. */
function parkChildren(bench: Bench, reference: Reference): void {
  const { db } = bench;
  const view = viewOf(bench, reference.child);
  const columns = reference.key.columns;
  const isOrphan = `EXISTS (SELECT 1 FROM ${missing} AS m WHERE ${valuesMatch('c', columns, missingSide(reference))})`;
  const child = quoteName(reference.child.name);
  if (view !== undefined) {
    const inBase = `FROM main.${child} AS c JOIN base.${child} AS b ON ${sameKey('b', 'c', view.key)}
      JOIN ${deltaOf(view)} AS d ON d."backstep act" = 'update' AND ${sameKey('d', 'c', view.key)} WHERE ${isOrphan}`;
    for (const column of columns.filter((name) => !view.key.includes(name))) {
      db.exec(`INSERT INTO ${parkedCellsOf(view)} (${nameList(view.key)}, "backstep column", "backstep value", "backstep kept", "backstep why")
        SELECT ${cells('c', view.key)}, ${quoteText(column)}, ${cell('c', column)}, ${cell('b', column)}, 'reference' ${inBase}`);
    }
    const settings = columns
      .map((column) => `${quoteName(column)} = ${cell('b', column)}`)
      .join(', ');
    db.exec(`UPDATE main.${child} AS c SET ${settings} FROM base.${child} AS b
      WHERE ${sameKey('b', 'c', view.key)} AND ${isOrphan}
        AND EXISTS (SELECT 1 FROM ${deltaOf(view)} AS d WHERE d."backstep act" = 'update' AND ${sameKey('d', 'c', view.key)})`);
  }
  parkResultRows(bench, reference.child, isOrphan);
  noteDelta(bench, reference.child, { act: 'none', which: isOrphan });
  db.exec(`DELETE FROM main.${child} AS c WHERE ${isOrphan}`);
}

/** Copies rows of the result (alias c) to the parked ones, before they are taken out. */
function parkResultRows(bench: Bench, table: Table, which: string): void {
  const view = viewOf(bench, table);
  const columns =
    view?.columns ?? table.columns.filter((column) => !column.isGenerated).map((c) => c.name);
  const kind = view === undefined ? 'unseen rows' : 'rows';
  const rows = `parked.${quoteName(`${kind}:${table.name}`)}`;
  bench.db.exec(
    `CREATE TABLE IF NOT EXISTS ${rows} ("backstep act", "backstep why", "backstep detail", ${nameList(columns)})`,
  );
  bench.db.exec(`
    INSERT INTO ${rows} ("backstep act", "backstep why", ${nameList(columns)})
    SELECT 'insert', 'reference', ${cells('c', columns)} FROM main.${quoteName(table.name)} AS c WHERE ${which}`);
}
