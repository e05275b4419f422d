import { quoteName, quoteText } from '../../../sqlite/names.ts';
import type { Table } from '../../../sqlite/schema.ts';
import { baseOf, deltaOf, parkedRowsOf, type Bench } from '../bench.ts';
import { cells, nameList, sameKey } from '../compare.ts';
import type { View } from '../view.ts';

/** A row that was parked under an id which was given out again, and its new id. Integers as text. */
export interface Renumbered {
  readonly table: string;
  readonly id: string;
  readonly newId: string;
}

/**
 * Two rows under one id when going forward: one that was parked and one made since. The parked one gets
 * a new id, and what references it follows; the other keeps its own. Rows whose key is no integer make
 * way instead, and are parked as they were. Afterwards no key of the delta is a clash. Needs the delta and the table
 * of parked rows.
 */
export function renumberParked(bench: Bench, view: View): readonly Renumbered[] {
  const { db } = bench;
  const clashes = `FROM ${deltaOf(view)} AS d WHERE "backstep act" = 'clash'`;
  if (db.count(`SELECT count(*) ${clashes}`) === 0) return [];
  const home = homeOf(bench, view);
  if (home === null) {
    db.exec(`INSERT INTO ${parkedRowsOf(view)} ("backstep act", "backstep why", ${nameList(view.columns)})
      SELECT 'insert', 'stale', ${cells('b', view.columns)} FROM ${baseOf(view)} AS b
      WHERE EXISTS (SELECT 1 ${clashes} AND ${sameKey('d', 'b', view.key)})`);
    db.exec(
      `UPDATE ${deltaOf(view)} SET "backstep act" = 'replace' WHERE "backstep act" = 'clash'`,
    );
    return [];
  }
  const ids = db.texts(`SELECT CAST(${quoteName(view.key[0] ?? '')} AS TEXT) ${clashes}`);
  db.exec(`UPDATE ${deltaOf(view)} SET "backstep act" = 'insert' WHERE "backstep act" = 'clash'`);
  return ids.map((id) => {
    const newId = freeId(bench, view, home);
    moveRow(bench, { view, home, id, newId });
    return { table: view.table.name, id, newId };
  });
}

/** The table of the result in which the row's integer key lives, null where it has none. */
function homeOf({ base }: Bench, view: View): Table | null {
  if (view.split !== null) return view.split.home;
  return view.table.hasIntegerKey ? (base.get(view.table.name) ?? null) : null;
}

/** Above every id that stands, changed or was given out; where there is none above, the lowest gap. */
function freeId({ db, latest }: Bench, view: View, home: Table): string {
  const key = quoteName(home.key[0] ?? '');
  const name = quoteName(home.name);
  const known = `SELECT ${key} AS n FROM main.${name} UNION ALL SELECT ${quoteName(view.key[0] ?? '')} FROM ${deltaOf(view)}`;
  const sequences = [
    ...(home.isAutoincrement ? [{ schema: 'main', table: home.name }] : []),
    ...(latest.get(view.table.name)?.isAutoincrement === true
      ? [{ schema: 'latest', table: view.table.name }]
      : []),
  ].map(
    ({ schema, table }) =>
      ` UNION ALL SELECT seq FROM ${schema}.sqlite_sequence WHERE name = ${quoteText(table)} COLLATE NOCASE`,
  );
  const id = db.texts(`
    WITH known(n) AS MATERIALIZED (${known}${sequences.join('')}), top(n) AS (SELECT max(n) FROM known)
    SELECT CAST(CASE WHEN (SELECT n FROM top) < 9223372036854775807 THEN (SELECT n FROM top) + 1
      ELSE (SELECT min(k.n) + 1 FROM known AS k
        WHERE k.n > 0 AND k.n < 9223372036854775807 AND k.n + 1 NOT IN (SELECT n FROM known)) END AS TEXT)`)[0];
  if (id === undefined) throw new TypeError(`${home.name} has no free id`);
  return id;
}

interface Move {
  readonly view: View;
  readonly home: Table;
  readonly id: string;
  readonly newId: string;
}

function moveRow(bench: Bench, move: Move): void {
  const { db } = bench;
  const { view, home, id, newId } = move;
  const key = home.key[0] ?? '';
  db.exec(
    `UPDATE main.${quoteName(home.name)} SET ${quoteName(key)} = ${newId} WHERE ${quoteName(key)} = ${id}`,
  );
  note(bench, view, newId);
  for (const child of bench.base.values()) {
    for (const { parent, columns, parentColumns } of child.foreignKeys) {
      const isToKey = parentColumns.length === 0 || parentColumns[0] === key;
      if (parent === home.name && columns.length === 1 && isToKey) {
        follow(bench, child, { column: columns[0] ?? '', move });
      }
    }
  }
}

function note({ db }: Bench, view: View, id: string): void {
  db.exec(
    `INSERT OR IGNORE INTO ${deltaOf(view)} ("backstep act", ${nameList(view.key)}) VALUES ('none', ${id})`,
  );
}

/** Rows that reference the moved one: theirs are base's keys before, and other ones if the reference is part of it. */
function follow(
  bench: Bench,
  child: Table,
  { column, move }: { readonly column: string; readonly move: Move },
): void {
  const { db, views } = bench;
  const reference = quoteName(column);
  const view = views.find((each) => each.split === null && each.table.name === child.name);
  const touch = (id: string): void => {
    if (view === undefined) return;
    db.exec(`INSERT OR IGNORE INTO ${deltaOf(view)} ("backstep act", ${nameList(view.key)})
      SELECT 'none', ${nameList(view.key)} FROM main.${quoteName(child.name)} WHERE ${reference} = ${id}`);
  };
  touch(move.id);
  db.exec(
    `UPDATE main.${quoteName(child.name)} SET ${reference} = ${move.newId} WHERE ${reference} = ${move.id}`,
  );
  if (view?.key.includes(column) === true) touch(move.newId);
}
