import { BackstepError } from '../../../fault/backstep-error.ts';
import { isSqliteError, type Database, type TableWrite } from '../../../sqlite/database.ts';
import { quoteName } from '../../../sqlite/names.ts';
import type { Table } from '../../../sqlite/schema.ts';
import type { Bench } from '../bench.ts';
import { cell, nameList } from '../compare.ts';
import { rawOf } from '../raw.ts';
import { yieldedColumns } from '../yielded.ts';
import {
  checkedView,
  mapped,
  mapsOf,
  withTablesOf,
  type Split,
  type TableLens,
  type View,
  type ViewRequest,
} from '../view.ts';

/**
 * Going forth, a view for each old table that the new shape keeps in several: it shows the old table's rows with the
 * new words, and is written through triggers. Referenced tables stand before those that reference them.
 * Throws `law/lens`, `law/unsupported-shape`.
 */
export function splitViewsOf(request: ViewRequest): readonly View[] {
  if (request.direction === 'back') return [];
  const views = [...request.other.values()].flatMap((table) => {
    const lens = request.lenses[table.name];
    return lens?.triggers === undefined || request.skipped.has(table.name)
      ? []
      : [splitView(table, lens, request)];
  });
  return inOrder(views);
}

function splitView(table: Table, lens: TableLens, request: ViewRequest): View {
  const { db, wanted, wantedSchema } = request;
  const shownFrom = (schema: string): string => withTablesOf(schema, wanted, lens.select ?? '');
  const columns = yieldedColumns(db, shownFrom(wantedSchema), table);
  const maps = mapsOf(lens, 'forth');
  const selectFrom = (schema: string): string => {
    const results = columns.map(
      (column) => `${mapped(cell('s', column), maps.get(column))} AS ${quoteName(column)}`,
    );
    return `SELECT ${results.join(', ')} FROM ${quoteName(schema)}.${quoteName(table.name)} AS s`;
  };
  const key = lens.key ?? table.key;
  return checkedView({
    table,
    split: splitOf(request, lens, { key, shownFrom }),
    raw: key.every((column) => !maps.has(column)) ? rawOf(table, key, '') : null,
    key,
    columns,
    plainColumns: new Set(columns.filter((column) => !maps.has(column))),
    isWritten: true,
    maps,
    selectFrom,
    bareSelect: selectFrom('main'),
  });
}

function splitOf(
  { db, wanted, wantedSchema }: ViewRequest,
  lens: TableLens,
  { key, shownFrom }: Pick<View, 'key'> & Pick<Split, 'shownFrom'>,
): Split {
  const shown = db.originOf(shownFrom(wantedSchema), key[0] ?? '');
  const found = shown === null || key.length > 1 ? undefined : wanted.get(shown.table);
  const isHome = found?.hasIntegerKey === true && found.key[0] === shown?.column;
  const triggers = lens.triggers ?? { insert: '', update: '', delete: '' };
  return { triggers, shownFrom, home: isHome ? found : null };
}

/** Parents first, as far as references are no ring. */
function inOrder(views: readonly View[]): readonly View[] {
  const ordered: View[] = [];
  let waiting = [...views];
  while (waiting.length > 0) {
    const names = new Set(waiting.map(({ table }) => table.name));
    const free = waiting.filter(({ table }) =>
      table.foreignKeys.every(({ parent }) => parent === table.name || !names.has(parent)),
    );
    const next = free.length > 0 ? free : waiting.slice(0, 1);
    ordered.push(...next);
    waiting = waiting.filter((view) => !next.includes(view));
  }
  return ordered;
}

/** The schemas that a trigger may touch: the result, and the views on it. */
const writable: ReadonlySet<string> = new Set(['main', 'temp']);

/**
 * Makes the triggers of a split table, and returns the tables of the result that they write. Throws `law/lens` where
 * SQLite does not take them, or where they name a table that the result does not have.
 */
export function raiseTriggers({ db }: Bench, view: View): ReadonlySet<string> {
  const shown = quoteName(`result:${view.table.name}`);
  const first = quoteName(view.columns[0] ?? '');
  const events = {
    insert: `INSERT INTO ${shown} (${nameList(view.columns)}) SELECT ${nameList(view.columns)} FROM ${shown}`,
    update: `UPDATE ${shown} SET ${first} = NULL`,
    delete: `DELETE FROM ${shown}`,
  } as const;
  const written = new Set<string>();
  for (const event of ['insert', 'update', 'delete'] as const) {
    const touched = raiseTrigger(db, view, { event, sql: events[event] });
    for (const { table } of touched.filter(({ schema }) => schema === 'main')) written.add(table);
  }
  return written;
}

interface Probe {
  readonly event: keyof Split['triggers'];
  readonly sql: string;
}

/** Makes one trigger and returns what it touches. */
function raiseTrigger(db: Database, view: View, { event, sql }: Probe): readonly TableWrite[] {
  const written = (view.split?.triggers[event] ?? '').trimEnd();
  const name = quoteName(`${event}:${view.table.name}`);
  const head = `CREATE TEMP TRIGGER ${name} INSTEAD OF ${event} ON ${quoteName(`result:${view.table.name}`)}`;
  const statements = [written, `${written}\n;`].map((body) => `${head} BEGIN\n${body}\nEND`);
  try {
    db.exec(statements.find((statement) => db.compiles(statement)) ?? statements[0] ?? '');
    const reads = db.columnsReadBy(sql);
    const writes = db.tablesWrittenBy(sql);
    const stranger = [...reads, ...writes].find((touched) => !isWithin(db, touched));
    if (stranger === undefined) return writes;
    throw notTaken(view, event, `the new release has no table ${stranger.table}`);
  } catch (error) {
    if (!isSqliteError(error)) throw error;
    throw notTaken(view, event, `SQLite says: ${error.message}`);
  }
}

/** A table that is only counted, no column of it read, is told without a schema. */
function isWithin(db: Database, { schema, table }: TableWrite): boolean {
  if (schema !== '') return writable.has(schema);
  return [...writable].some((each) => db.compiles(`SELECT 1 FROM ${each}.${quoteName(table)}`));
}

function notTaken(view: View, event: string, why: string): BackstepError {
  return new BackstepError('law/lens', {
    message: `the ${event} trigger of ${view.table.name} cannot be used: ${why}`,
    hint: 'write statements that each end with a semicolon, over the columns of NEW and OLD and the new tables',
  });
}
