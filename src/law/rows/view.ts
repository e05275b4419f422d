import { BackstepError } from '../../fault/backstep-error.ts';
import type { Database } from '../../sqlite/database.ts';
import { quoteName, quoteText } from '../../sqlite/names.ts';
import { affinityOf, type Table } from '../../sqlite/schema.ts';
import { columnNamed, isSameName, tableNamed } from '../../sqlite/spelling.ts';
import { rawOf, type Raw } from './raw.ts';
import { cell, nameList } from './compare.ts';
import { yieldedColumns } from './yielded.ts';

/** One table's part of a reversal file. */
export interface TableLens {
  /** Column → word in the new release → word in the old one; one-to-one, used in both directions. */
  readonly map?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /** The columns that identify a row, where it is not the declared primary key. */
  readonly key?: readonly string[] | undefined;
  /** A SELECT over the new state that yields the old table. */
  readonly select?: string | undefined;
  /** New column → SQL expression over the old row. */
  readonly forth?: Readonly<Record<string, string>> | undefined;
  /** In place of `forth`: bodies of INSTEAD OF triggers on the view that `select` makes. */
  readonly triggers?: Triggers | undefined;
}

/** Statements that write one change of an old table into the new ones; NEW and OLD are its rows. */
export interface Triggers {
  readonly insert: string;
  readonly update: string;
  readonly delete: string;
}

export type Lenses = Readonly<Record<string, TableLens>>;

/** The tables of one database file by name. */
export type Shape = ReadonlyMap<string, Table>;

/** `back` shows a new state in the old shape, `forth` an old state in the new shape. */
export type Direction = 'back' | 'forth';

/** Going forth, an old table that the wanted shape keeps in several. */
export interface Split {
  readonly triggers: Triggers;
  /** The old table as a state of the wanted shape shows it. */
  shownFrom(schema: string): string;
  /** The table of the wanted shape whose integer key is the old one's, where there is one. */
  readonly home: Table | null;
}

/** How one table of the wanted shape is seen in a state of the other shape. */
export interface View {
  /** The table as the wanted shape declares it; of a split one, as the other shape does. */
  readonly table: Table;
  /** Where the table is none of the wanted shape: how it is seen there and written. */
  readonly split: Split | null;
  /** Where each row of the view is made from one stored row under the same key. */
  readonly raw: Raw | null;
  readonly key: readonly string[];
  /** The wanted columns that the view yields, the key's among them. */
  readonly columns: readonly string[];
  /** Yielded columns that are the same column by name and declared type on both sides. */
  readonly plainColumns: ReadonlySet<string>;
  /** True where a reversal's own SELECT says what each column is. */
  readonly isWritten: boolean;
  /** Column → word of the other shape → word of the wanted shape. */
  readonly maps: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The SELECT, reading the tables of one attached schema. */
  selectFrom(schema: string): string;
  /** The same over bare table names: what it reads is what the view needs, and no more. */
  readonly bareSelect: string;
}

/** Views and the tables that have none, because the other shape lacks them. */
export interface Views {
  readonly views: readonly View[];
  /** Views of tables whose rows nothing identifies: their key is empty. */
  readonly loose: readonly View[];
  readonly unseen: readonly Table[];
}

export interface ViewRequest {
  readonly db: Database;
  readonly direction: Direction;
  readonly wanted: Shape;
  readonly other: Shape;
  /** Attached schemas of the two shapes, to learn what a SELECT yields. */
  readonly wantedSchema: string;
  readonly otherSchema: string;
  readonly lenses: Lenses;
  /** Tables that are never merged: bookkeeping. */
  readonly skipped: ReadonlySet<string>;
}

/** Builds a view for each table of the wanted shape. Throws `law/unsupported-shape`, `law/lens`. */
export function viewsOf(request: ViewRequest): Views {
  const tables = [...request.wanted.values()].filter(
    (table) => table.kind === 'table' && !request.skipped.has(table.name),
  );
  const views: View[] = [];
  const loose: View[] = [];
  const unseen: Table[] = [];
  for (const table of tables) {
    requireRoom(table);
    const view = viewOf(table, request);
    if (view === undefined) unseen.push(table);
    else if (view.key.length === 0) loose.push(view);
    else views.push(checkedView(view));
  }
  return { views, loose, unseen };
}

/** Throws `law/unsupported-shape` for a virtual table whose content nobody knows how to make anew. */
export function refuseVirtualTables(shape: Shape, rebuilt: ReadonlySet<string>): void {
  const table = [...shape.values()].find(
    (candidate) => candidate.kind === 'virtual' && !rebuilt.has(candidate.name),
  );
  if (table === undefined) return;
  throw new BackstepError('law/unsupported-shape', {
    message: `table ${table.name} is virtual: its content is derived and is not merged row by row`,
    hint: `add to the reversal file how it is made anew, e.g. rebuild: { ${table.name}: "INSERT INTO ${table.name}(${table.name}) VALUES ('rebuild')" }`,
  });
}

/** SQLite takes 2,000 columns a table; a parked row has three more than its table. */
const maxColumns = 1_997;

function requireRoom({ name, columns }: Table): void {
  if (columns.length <= maxColumns) return;
  throw new BackstepError('law/unsupported-shape', {
    message: `table ${name} has ${columns.length} columns, and of its rows no parked copy can be made above ${maxColumns}`,
    hint: 'leave the table out of the reversal by naming its database in no asset, or restore it from a snapshot',
  });
}

function viewOf(table: Table, request: ViewRequest): View | undefined {
  const lens = request.lenses[table.name] ?? {};
  const other = request.other.get(table.name);
  if (request.direction === 'back' && lens.select !== undefined) {
    return selectView(table, lens, request);
  }
  if (other === undefined || (lens.select !== undefined && lens.forth === undefined))
    return undefined;
  return columnView(table, other, { lens, direction: request.direction });
}

function selectView(table: Table, lens: TableLens, request: ViewRequest): View {
  const selectFrom = (schema: string): string =>
    withTablesOf(schema, request.other, lens.select ?? '');
  const select = selectFrom(request.otherSchema);
  const yielded = yieldedColumns(request.db, select, table);
  const maps = mapsOf(lens, 'back');
  const key = lens.key ?? table.key;
  return {
    table,
    split: null,
    raw: key.some((column) => maps.has(column)) ? null : rawOfSelect(request, table, lens),
    key,
    columns: yielded,
    plainColumns: new Set(),
    isWritten: true,
    maps,
    bareSelect: lens.select ?? '',
    selectFrom: (schema) =>
      `SELECT ${yielded.map((column) => `${mapped(cell('v', column), maps.get(column))} AS ${quoteName(column)}`).join(', ')}
         FROM (${selectFrom(schema)}) AS v`,
  };
}

function columnView(
  table: Table,
  other: Table,
  how: { readonly lens: TableLens; readonly direction: Direction },
): View {
  const maps = mapsOf(how.lens, how.direction);
  const expressions = how.direction === 'forth' ? (how.lens.forth ?? {}) : {};
  const otherColumns = new Map(other.columns.map((column) => [column.name, column]));
  const wanted = table.columns.filter(
    (column) =>
      !column.isGenerated && (column.name in expressions || otherColumns.has(column.name)),
  );
  const expressionOf = (column: string): string =>
    expressions[column] ?? mapped(cell('s', column), maps.get(column));
  const plain = wanted.filter(
    (column) =>
      !(column.name in expressions) &&
      !maps.has(column.name) &&
      otherColumns.get(column.name)?.type === column.type,
  );
  const selectFrom = (schema: string): string => {
    const results = wanted.map(({ name }) => `${expressionOf(name)} AS ${quoteName(name)}`);
    return `SELECT ${results.join(', ')} FROM ${quoteName(schema)}.${quoteName(other.name)} AS s`;
  };
  const key = how.lens.key ?? table.key;
  const plainColumns = new Set(plain.map((column) => column.name));
  const isPlain = key.every((column) => plainColumns.has(column));
  return {
    table,
    split: null,
    raw: isPlain ? rawOf(other, key, Object.values(expressions).join(' ')) : null,
    key,
    columns: wanted.map((column) => column.name),
    plainColumns,
    isWritten: false,
    maps,
    selectFrom,
    bareSelect: selectFrom('main'),
  };
}

function rawOfSelect(
  { db, other, otherSchema }: ViewRequest,
  wanted: Table,
  lens: TableLens,
): Raw | null {
  const key = lens.key ?? wanted.key;
  const select = withTablesOf(otherSchema, other, lens.select ?? '');
  const origins = key.map((column) => db.originOf(select, column));
  const table = tableNamed(other, origins[0]?.table ?? '');
  const reads = new Set(db.columnsReadBy(select).map((read) => read.table));
  const isOne =
    reads.size === 1 &&
    origins.every((origin) => isSameName(origin?.table ?? '', table?.name ?? ''));
  const rawKey = origins.map(
    (origin) => columnNamed(table ?? { columns: [] }, origin?.column ?? '')?.name ?? '',
  );
  const isSameType = key.every(
    (column, n) => affinityIn(wanted, column) === affinityIn(table, rawKey[n] ?? ''),
  );
  return isOne && isSameType ? rawOf(table, rawKey, lens.select ?? '') : null;
}

function affinityIn(table: Table | undefined, column: string): string {
  return affinityOf(table?.columns.find(({ name }) => name === column)?.type ?? '');
}

/**
 * A SELECT that names tables without a schema, made to read one schema's: each of its tables stands as a
 * common table expression of the same name in front of it.
 */
export function withTablesOf(schema: string, shape: Shape, select: string): string {
  const tables = [...shape.values()].filter((table) => table.kind === 'table');
  const expressions = tables.map((table) => {
    const columns = nameList(table.columns.map((column) => column.name));
    const name = quoteName(table.name);
    return `${name} AS NOT MATERIALIZED (SELECT ${columns} FROM ${quoteName(schema)}.${name})`;
  });
  return `WITH ${expressions.join(', ')} SELECT * FROM (${select.trim().replace(/;$/, '')}\n)`;
}

/** The maps of a lens, as they are read in one direction. Throws `law/lens` where one is not one-to-one. */
export function mapsOf(
  lens: TableLens,
  direction: Direction,
): Map<string, ReadonlyMap<string, string>> {
  const maps = new Map<string, ReadonlyMap<string, string>>();
  for (const [column, words] of Object.entries(lens.map ?? {})) {
    const pairs = Object.entries(words);
    const turned = pairs.map(([latest, old]): [string, string] => [old, latest]);
    const map = new Map(direction === 'back' ? pairs : turned);
    if (new Set(map.values()).size !== pairs.length || map.size !== pairs.length) {
      throw new BackstepError('law/lens', {
        message: `the map of ${column} is not one-to-one: two words lead to the same word`,
        hint: 'give each new word an old word of its own, or decide the column with as-is, park or before',
      });
    }
    maps.set(column, map);
  }
  return maps;
}

/** An expression with its words replaced. */
export function mapped(expression: string, words: ReadonlyMap<string, string> | undefined): string {
  if (words === undefined || words.size === 0) return expression;
  const cases = [...words].map(
    ([from, to]) => `WHEN ${expression} = ${quoteText(from)} COLLATE BINARY THEN ${quoteText(to)}`,
  );
  return `CASE ${cases.join(' ')} ELSE ${expression} END`;
}

/** Throws where rows cannot be told apart: `law/unsupported-shape`, `law/lens`. */
export function checkedView(view: View): View {
  if (view.key.length === 0) {
    throw new BackstepError('law/unsupported-shape', {
      message: `table ${view.table.name} declares no primary key, so its rows cannot be told apart`,
      hint: `name the identifying columns in the reversal file: ${view.table.name}: { key: [...] }`,
    });
  }
  const missing = view.key.find((column) => !view.columns.includes(column));
  if (missing === undefined) return view;
  throw new BackstepError('law/lens', {
    message: `table ${view.table.name}: key column ${missing} is not there in the other release's shape`,
    hint: `add a select that yields ${view.key.join(', ')} to the reversal file`,
  });
}
