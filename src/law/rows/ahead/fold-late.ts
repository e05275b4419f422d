import { quoteName, quoteText } from '../../../sqlite/names.ts';
import type { Bench } from '../bench.ts';
import { nameList, sameKey } from '../compare.ts';
import { raiseSequences } from '../sequence.ts';
import { rowidNameOf, type StoredChanges } from '../stored.ts';
import type { View } from '../view.ts';
import { lateKeys, lateRowids, type Late } from './late-keys.ts';

/** Where the files of the late rows are attached while they are folded into those of all. */
export const lateSchemas = { working: 'late', parked: 'late_parked' } as const;

/**
 * Puts what was found and parked of the late rows in the place of what was found of them before, so that the working
 * and the parked file are those of one merge of the latest state. What the proof has made there goes.
 */
export function foldLate(bench: Bench, late: Late): void {
  for (const view of bench.views) foldView(bench, view);
  for (const [name, { stored }] of late.tables) {
    if (stored !== null && bench.stored.get(name) !== undefined) foldRowids(bench, name);
  }
  dropMade(bench, 'scratch', ['unlike:', 'changed:', 'reconciled', 'blind:', 'moved']);
  dropMade(bench, 'parked', ['blind ']);
  lowerSequences(bench);
  raiseSequences(bench);
}

function foldView({ db }: Bench, view: View): void {
  const keys = lateKeys(lateSchemas.working, view);
  const { name } = view.table;
  const fold = (schema: 'scratch' | 'parked', kind: string): void => {
    const table = quoteName(`${kind}:${name}`);
    const source = schema === 'scratch' ? lateSchemas.working : lateSchemas.parked;
    const columns = nameList(db.columnsOf(`SELECT * FROM ${source}.${table}`));
    db.exec(`DELETE FROM ${schema}.${table} AS x
      WHERE EXISTS (SELECT 1 FROM ${keys} AS k WHERE ${sameKey('k', 'x', view.key)})`);
    db.exec(
      `INSERT INTO ${schema}.${table} (${columns}) SELECT ${columns} FROM ${source}.${table}`,
    );
  };
  for (const kind of ['delta', 'found', 'latest', 'origin', 'merged']) fold('scratch', kind);
  for (const kind of ['cells', 'rows']) fold('parked', kind);
}

/** Which states have the late rowids now. */
function foldRowids({ db, origin }: Bench, name: string): void {
  const table = origin.get(name);
  const rowid = table === undefined ? null : rowidNameOf(table);
  if (rowid === null) return;
  const all = `scratch.${quoteName(`stored:${name}`)}`;
  const rowids = lateRowids(lateSchemas.working, name);
  const isIn = (state: string): string =>
    `EXISTS (SELECT 1 FROM ${state}.${quoteName(name)} AS x WHERE x.${rowid} = r.id)`;
  db.exec(`DELETE FROM ${all} WHERE id IN (SELECT id FROM ${rowids})`);
  db.exec(`INSERT INTO ${all} (id, holder)
    SELECT id, CASE WHEN NOT o THEN 'left' WHEN l THEN 'both' ELSE 'right' END
    FROM (SELECT r.id, ${isIn('latest')} AS l, ${isIn('origin')} AS o FROM ${rowids} AS r) WHERE l OR o`);
}

/**
 * What pages told of the earlier state and of the late rows, as one. Of a row that came back after it was gone no page
 * told how it differs from what it was.
 */
export function storedOfBoth(
  { db, origin }: Bench,
  name: string,
  { earlier, since }: { readonly earlier: StoredChanges; readonly since: StoredChanges },
): StoredChanges {
  const table = origin.get(name);
  const rowid = table === undefined ? null : rowidNameOf(table);
  const cameBack =
    rowid === null
      ? 1
      : db.count(`SELECT count(*) FROM (SELECT 1 FROM ${lateRowids(lateSchemas.working, name)} AS r
          CROSS JOIN origin.${quoteName(name)} AS o ON o.${rowid} = r.id WHERE r.holder = 'left' LIMIT 1)`);
  const [a, b] = [earlier.columns, since.columns];
  const isKnown = a !== null && b !== null && cameBack === 0;
  return { into: earlier.into, columns: isKnown ? new Set([...a, ...b]) : null };
}

function dropMade({ db }: Bench, schema: string, prefixes: readonly string[]): void {
  const tables = db.texts(`SELECT name FROM ${schema}.sqlite_schema WHERE type = 'table'`);
  for (const table of tables) {
    if (prefixes.some((prefix) => table.startsWith(prefix))) {
      db.exec(`DROP TABLE ${schema}.${quoteName(table)}`);
    }
  }
}

/** To what base has, for the merged tables. */
function lowerSequences({ db, views }: Bench): void {
  const names = views.flatMap(({ table }) =>
    table.isAutoincrement ? [quoteText(table.name)] : [],
  );
  if (names.length === 0) return;
  const which = `WHERE name IN (${names.join(', ')})`;
  db.exec(`DELETE FROM main.sqlite_sequence ${which}`);
  db.exec(
    `INSERT INTO main.sqlite_sequence (name, seq) SELECT name, seq FROM base.sqlite_sequence ${which}`,
  );
}
