import { BackstepError } from '../../fault/backstep-error.ts';
import { quoteName } from '../../sqlite/names.ts';
import { affinityOf } from '../../sqlite/schema.ts';
import {
  baseOf,
  bodyOf,
  changedBaseOf,
  changedLatestOf,
  changedOriginOf,
  deltaOf,
  foundOf,
  latestOf,
  originOf,
  storedColumnsOf,
  workingColumns,
  type Bench,
} from './bench.ts';
import { anyOf, cell, cells, nameList, same, sameKey, sameRow } from './compare.ts';
import { findCandidates } from './candidates.ts';
import { completeLatest, drawBoth, drawRows } from './drawn.ts';
import type { Raw } from './raw.ts';
import type { View } from './view.ts';

/**
 * What is done about one changed key:
 * insert: a new row · update: cells of a row that base has · replace: another thing under the same key ·
 * delete: gone since · clash: new since, under a key that base has and the upgrade took away ·
 * none: gone since, and never in base.
 */
export type Act = 'insert' | 'update' | 'replace' | 'delete' | 'clash' | 'none';

/**
 * Fills `scratch."delta:T"` (act, key…) with every key whose row differs between origin and latest, and working tables
 * with what the three states hold there. `identity` names columns that make a row another thing when they differ.
 * Returns the columns of which a cell changed in a row that both have.
 */
export function findDelta(
  bench: Bench,
  view: View,
  identity: readonly string[],
): readonly string[] {
  requireKeys(bench, view);
  makeDelta(bench, view);
  const candidates = findCandidates(bench, view, 'candidates');
  const { keys } = candidates;
  const changed = drawBoth(bench, view, { prefix: '', candidates });
  requireSameType(bench, view, keys);
  drawRows(bench, view, {
    keys,
    from: baseOf(view),
    name: `base:${view.table.name}`,
    columns: view.split === null ? [...view.key, ...changed] : view.columns,
  });
  bench.db.exec(changedRows(view, { identity, changed }));
  bench.db.exec(goneRows(view));
  completeLatest(bench, view);
  return changed;
}

/** One row a key. Keys without affinity may be equal and of two types, which are two keys: 5 and 5.0. */
function makeDelta({ db }: Bench, view: View): void {
  const columns = `"backstep act" TEXT NOT NULL, ${workingColumns(view, view.key)}`;
  const key = nameList(view.key);
  const isLoose = view.key.some((name) => {
    const declared = view.table.columns.find((column) => column.name === name);
    return affinityOf(declared?.type ?? '') === '';
  });
  if (!isLoose) {
    db.exec(`CREATE TABLE ${deltaOf(view)} (${columns}, PRIMARY KEY (${key})) WITHOUT ROWID`);
    return;
  }
  const name = quoteName(`delta:${view.table.name}`);
  const types = view.key.map((column) => `typeof(${quoteName(column)})`).join(', ');
  db.exec(`CREATE TABLE ${deltaOf(view)} (${columns})`);
  db.exec(
    `CREATE UNIQUE INDEX scratch.${quoteName(`key of delta:${view.table.name}`)} ON ${name} (${key}, ${types})`,
  );
}

/** Throws `law/lens` where a key is of a type that the wanted table would make another one of. */
function requireSameType(bench: Bench, view: View, keys: string): void {
  if (view.key.every((column) => view.plainColumns.has(column))) return;
  const isIn = (name: string): string =>
    `EXISTS (SELECT 1 FROM ${name} AS x WHERE ${sameKey('x', 'k', view.key)})`;
  const count = bench.db.count(`SELECT count(*) FROM ${keys} AS k
    WHERE NOT ${isIn(changedLatestOf(view))} AND NOT ${isIn(changedOriginOf(view))}`);
  if (count === 0) return;
  throw new BackstepError('law/lens', {
    message: `table ${view.table.name}: ${count} keys (${view.key.join(', ')}) are of another type than the wanted table stores`,
    hint: 'give the key its type in the select of the reversal file: CAST(… AS INTEGER)',
  });
}

/** Throws `law/unsupported-shape` where a key holds NULL or stands twice. */
function requireKeys(bench: Bench, view: View): void {
  if (view.raw !== null && isUnique(view.raw)) return;
  for (const name of [originOf(view), latestOf(view)]) {
    const nulls = view.key.map((column) => `${quoteName(column)} IS NULL`).join(' OR ');
    const unknown = bench.db.count(`SELECT count(*) FROM ${name} WHERE ${nulls}`);
    const twice = bench.db.count(
      `SELECT count(*) FROM (SELECT 1 FROM ${name} GROUP BY ${exactKey(view)} HAVING count(*) > 1)`,
    );
    if (unknown + twice === 0) continue;
    throw new BackstepError('law/unsupported-shape', {
      message: `table ${view.table.name}: ${unknown} rows have NULL in their key (${view.key.join(', ')}), ${twice} keys stand more than once`,
      hint: 'name other identifying columns in the reversal file: key: [...]',
    });
  }
}

/** The key is the table's own, which SQLite keeps free of NULL and unique. */
export function isUnique({ table, key }: Raw): boolean {
  const isDeclared =
    table.key.length === key.length && key.every((name) => table.key.includes(name));
  const isFilled = table.columns.every(
    ({ name, isNotNull }) => isNotNull || !table.key.includes(name),
  );
  return isDeclared && (table.hasIntegerKey || table.isWithoutRowid || isFilled);
}

export function exactKey(view: View): string {
  return view.key
    .map((column) => `typeof(${quoteName(column)}), ${quoteName(column)} COLLATE BINARY`)
    .join(', ');
}

interface Sought {
  readonly identity: readonly string[];
  /** The columns of which a cell differs in some row that both states have. */
  readonly changed: readonly string[];
}

function changedRows(view: View, { identity, changed }: Sought): string {
  const isNew = `${cell('o', view.key[0] ?? '')} IS NULL`;
  const inBase = `EXISTS (SELECT 1 FROM ${changedBaseOf(view)} AS b WHERE ${sameKey('b', 'l', view.key)})`;
  return `
    INSERT INTO ${deltaOf(view)}
    SELECT CASE
        WHEN ${isNew} THEN CASE WHEN ${inBase} THEN 'clash' ELSE 'insert' END
        WHEN NOT ${inBase} THEN 'insert'
        WHEN ${isAnotherThing(view, { identity, changed })} THEN 'replace'
        ELSE 'update' END,
      ${cells('l', view.key)}
    FROM ${changedLatestOf(view)} AS l
      LEFT JOIN ${changedOriginOf(view)} AS o ON ${sameKey('o', 'l', view.key)}
    WHERE ${isNew} OR NOT ${sameRow('l', 'o', changed)}`;
}

/** A reused surrogate id: an integer key under which no other column is what it was. */
function isAnotherThing(view: View, { identity, changed }: Sought): string {
  const body = bodyOf(view);
  const declared = identity.map((column) => `NOT ${same(cell('l', column), cell('o', column))}`);
  const agreements = body.map((column) => same(cell('l', column), cell('o', column)));
  const canBeReused =
    view.table.hasIntegerKey && body.length >= 2 && changed.length === body.length;
  const reasons = [...declared, ...(canBeReused ? [`NOT ${anyOf(agreements)}`] : [])];
  return reasons.length === 0 ? '0' : reasons.map((reason) => `(${reason})`).join(' OR ');
}

function goneRows(view: View): string {
  const first = view.key[0] ?? '';
  const inBase = `EXISTS (SELECT 1 FROM ${changedBaseOf(view)} AS b WHERE ${sameKey('b', 'o', view.key)})`;
  return `
    INSERT INTO ${deltaOf(view)}
    SELECT CASE WHEN ${inBase} THEN 'delete' ELSE 'none' END, ${cells('o', view.key)}
    FROM ${changedOriginOf(view)} AS o
      LEFT JOIN ${changedLatestOf(view)} AS l ON ${sameKey('l', 'o', view.key)}
    WHERE ${cell('l', first)} IS NULL`;
}

/** The columns of an image row: the row's own and where it stood. */
export function imageColumns(view: View): string {
  return `"backstep act" TEXT NOT NULL, "backstep rowid", ${workingColumns(view, storedColumnsOf(view))}`;
}

/** Keeps every delta as it was found: images change what is done about a row. */
export function keepFound({ db, views }: Bench): void {
  for (const view of views)
    db.exec(`CREATE TABLE ${foundOf(view)} AS SELECT * FROM ${deltaOf(view)}`);
}
