import type { Database, Row } from './database.ts';
import { quoteName, quoteText } from './names.ts';
import { spelledTables, spellingOf } from './spelling.ts';

export interface Column {
  readonly name: string;
  /** As declared, '' where nothing is. */
  readonly type: string;
  readonly isNotNull: boolean;
  /** The default as SQL text, null where there is none. */
  readonly defaultSql: string | null;
  /** 1 for the key's first column, 2 for its second …, 0 for a column outside the key. */
  readonly keyPosition: number;
  readonly isGenerated: boolean;
}

export interface ForeignKey {
  readonly columns: readonly string[];
  readonly parent: string;
  /** Empty where the declaration leaves them to the parent's primary key. */
  readonly parentColumns: readonly string[];
  /** What deleting the parent does: `NO ACTION`, `RESTRICT`, `CASCADE`, `SET NULL`, `SET DEFAULT`. */
  readonly onDelete: string;
  /** What changing the parent's referenced values does: one of the same. */
  readonly onUpdate: string;
}

export interface Table {
  readonly name: string;
  readonly kind: 'table' | 'virtual' | 'shadow';
  readonly isWithoutRowid: boolean;
  readonly columns: readonly Column[];
  /** The declared primary key, in its own order; empty where there is none. */
  readonly key: readonly string[];
  /** True where the key is the rowid itself: one column of type INTEGER. */
  readonly hasIntegerKey: boolean;
  readonly isAutoincrement: boolean;
  readonly foreignKeys: readonly ForeignKey[];
  /** The CREATE statement. */
  readonly sql: string;
}

/**
 * The tables of one attached schema by name, SQLite's own (`sqlite_…`) left out. Names differ in more than the case of their
 * ASCII letters: where `like` has one, the first of them says how it is written.
 */
export function readTables(
  db: Database,
  schema: string,
  ...like: readonly ReadonlyMap<string, Table>[]
): ReadonlyMap<string, Table> {
  const list = db.all(
    `SELECT name, type, wr FROM pragma_table_list WHERE schema = ? AND type <> 'view'
       AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
    schema,
  );
  const tables = new Map(list.map((row) => [text(row, 'name'), readTable(db, schema, row)]));
  return spelledTables(tables, spellingOf(...like, tables));
}

function readTable(db: Database, schema: string, row: Row): Table {
  const name = text(row, 'name');
  const isWithoutRowid = row['wr'] === 1;
  const columns = readColumns(db, schema, name);
  const keyColumns = columns.filter((column) => column.keyPosition > 0);
  const key = keyColumns.toSorted((a, b) => a.keyPosition - b.keyPosition);
  const sql = db.texts(
    `SELECT coalesce(sql, '') FROM ${quoteName(schema)}.sqlite_schema WHERE type = 'table' AND name = ?`,
    name,
  );
  const declaration = withoutComments(sql[0] ?? '');
  return {
    name,
    kind: kindOf(text(row, 'type')),
    isWithoutRowid,
    columns,
    key: key.map((column) => column.name),
    hasIntegerKey: key.length === 1 && !isWithoutRowid && key[0]?.type.toUpperCase() === 'INTEGER',
    isAutoincrement: /\bAUTOINCREMENT\b/i.test(declaration),
    foreignKeys: readForeignKeys(db, schema, name),
    sql: sql[0] ?? '',
  };
}

function kindOf(type: string): Table['kind'] {
  if (type === 'virtual' || type === 'shadow') return type;
  return 'table';
}

function readColumns(db: Database, schema: string, table: string): Column[] {
  const rows = db.all(
    `SELECT name, type, "notnull", dflt_value, pk, hidden
       FROM pragma_table_xinfo(${quoteText(table)}, ${quoteText(schema)}) WHERE hidden <> 1`,
  );
  return rows.map((row) => ({
    name: text(row, 'name'),
    type: text(row, 'type'),
    isNotNull: row['notnull'] === 1,
    defaultSql: typeof row['dflt_value'] === 'string' ? row['dflt_value'] : null,
    keyPosition: Number(row['pk']),
    isGenerated: row['hidden'] === 2 || row['hidden'] === 3,
  }));
}

function readForeignKeys(db: Database, schema: string, table: string): ForeignKey[] {
  const rows = db.all(
    `SELECT id, "table", "from", "to", on_delete, on_update
       FROM pragma_foreign_key_list(${quoteText(table)}, ${quoteText(schema)}) ORDER BY id, seq`,
  );
  const grouped = Map.groupBy(rows, (row) => row['id']);
  return [...grouped.values()].map((parts) => ({
    parent: text(parts[0] ?? {}, 'table'),
    columns: parts.map((part) => text(part, 'from')),
    onDelete: text(parts[0] ?? {}, 'on_delete'),
    onUpdate: text(parts[0] ?? {}, 'on_update'),
    parentColumns: parts.flatMap((part) => (typeof part['to'] === 'string' ? [part['to']] : [])),
  }));
}

/** https://www.sqlite.org/datatype3.html §3.1; none for ANY, which in a STRICT table has none. */
export function affinityOf(type: string): string {
  const rules: readonly (readonly [RegExp, string])[] = [
    [/INT/i, 'INTEGER'],
    [/CHAR|CLOB|TEXT/i, 'TEXT'],
    [/^$|^ANY$|BLOB/i, ''],
    [/REAL|FLOA|DOUB/i, 'REAL'],
  ];
  return rules.find(([pattern]) => pattern.test(type))?.[1] ?? 'NUMERIC';
}

/** SQL text with its comments, strings and quoted names blanked, so that words in them are not found. */
function withoutComments(sql: string): string {
  return sql.replaceAll(
    /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]/g,
    ' ',
  );
}

/** SQL text with its comments and strings blanked; quoted names stand. */
export function withoutStrings(sql: string): string {
  return sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'/g, ' ');
}

function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`${column} is not a text`);
  return value;
}
