import { ownNameAmong, type OwnColumn } from '../law/rows/heal/parked-names.ts';
import { isUtf8 } from 'node:buffer';
import type { Disk } from '../host/disk.ts';
import { Database, type Row } from '../sqlite/database.ts';
import { quoteName } from '../sqlite/names.ts';
import { isSecret } from '../manifest/kinds/secret.ts';
import { contentOf, hidden, isDatabase, type ParkedFile } from './parked-files.ts';

/**
 * A value as JSON tells it: integers beyond 2^53 as `{ integer }`, blobs as `{ base64 }`, text that is no UTF-8 as
 * `{ text }` in base64; everything else as it is.
 */
export type ExactValue =
  | null
  | number
  | string
  | { readonly integer: string }
  | { readonly base64: string }
  | { readonly text: string };

/** One thing that was parked. */
export interface ParkedRecord {
  readonly asset: string;
  /** row: a whole row · cell: one value of a row · value: a place of a document · file: a file as it was. */
  readonly kind: 'row' | 'cell' | 'value' | 'file';
  /** Table, `table.column`, place in a document or in a JSON cell, or the file's path. */
  readonly place: string;
  /** Of a row: `insert`, `update`, `delete`; null elsewhere. */
  readonly act: string | null;
  readonly why: string | null;
  /** Of a cell: the row's key. */
  readonly key: Readonly<Record<string, ExactValue>> | null;
  /** What the user had: of a row all its columns. */
  readonly value: ExactValue | Readonly<Record<string, ExactValue>>;
  /** Of a cell: what the older release shows in its place. */
  readonly kept: ExactValue;
}

/** So many rows are read at once. */
const pageRows = 500;

/** Everything in one file of parked values, row by row. Secret values are hidden unless `withSecrets`. */
export function* recordsIn(
  disk: Disk,
  file: ParkedFile,
  withSecrets: boolean,
): Generator<ParkedRecord> {
  const shown = withSecrets ? { ...file, secret: [] } : file;
  if (!file.path.endsWith('.damaged') && isDatabase(disk, file.path)) {
    yield* rowsIn(shown);
    return;
  }
  const content = contentOf(disk, shown);
  if (Array.isArray(content)) yield* content.map((entry: unknown) => valueRecord(file, entry));
  else yield { ...nothing, asset: file.asset, kind: 'file', place: file.path };
}

const nothing = { act: null, why: null, key: null, value: null, kept: null } as const;

function valueRecord({ asset }: ParkedFile, entry: unknown): ParkedRecord {
  const text = (name: string): string | null => {
    const value: unknown =
      typeof entry === 'object' && entry !== null ? Reflect.get(entry, name) : undefined;
    return typeof value === 'string' ? value : null;
  };
  const place = text('place') ?? '';
  return { ...nothing, asset, kind: 'value', place, why: text('why'), value: text('value') };
}

function* rowsIn(file: ParkedFile): Generator<ParkedRecord> {
  const db = Database.open(file.path, { isClosed: true });
  try {
    const names = db.texts(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`);
    for (const name of names) {
      for (const row of exactRows(db, name)) yield recordOf(file, name, row);
    }
  } finally {
    db.close();
  }
}

type ExactRow = Readonly<Record<string, ExactValue>>;

/** The rows of a table in the order in which they were written. */
function* exactRows(db: Database, table: string): Generator<ExactRow> {
  const columns = db.columnsOf(`SELECT * FROM ${quoteName(table)}`);
  const results = columns.flatMap((column, n) => {
    const name = quoteName(column);
    return [
      `typeof(${name}) AS t${n}`,
      `CASE typeof(${name}) WHEN 'integer' THEN CAST(${name} AS TEXT)
         WHEN 'text' THEN CAST(${name} AS BLOB) ELSE ${name} END AS v${n}`,
    ];
  });
  const select = `SELECT rowid AS "row of it", ${results.join(', ')} FROM ${quoteName(table)}`;
  for (let last = 0; ;) {
    const rows = db.all(`${select} WHERE rowid > ? ORDER BY rowid LIMIT ${pageRows}`, last);
    for (const row of rows) {
      yield Object.fromEntries(columns.map((column, n) => [column, exactValue(row, n)]));
    }
    if (rows.length < pageRows) return;
    last = Number(rows.at(-1)?.['row of it']);
  }
}

function exactValue(row: Row, n: number): ExactValue {
  const [type, value] = [row[`t${n}`], row[`v${n}`]];
  if (type === 'integer') {
    const integer = String(value);
    return Number.isSafeInteger(Number(integer)) ? Number(integer) : { integer };
  }
  if (!(value instanceof Uint8Array)) return typeof value === 'number' ? value : null;
  const bytes = Buffer.from(value);
  if (type !== 'text') return { base64: bytes.toString('base64') };
  return isUtf8(bytes) ? bytes.toString('utf8') : { text: bytes.toString('base64') };
}

const ownOfRows = ['act', 'why', 'detail'] as const;
const ownOfCells = ['column', 'value', 'kept', 'why', 'detail'] as const;

/** Tables are called `rows:T`, `cells:T` (also with a word before them), and `json_paths`. */
function recordOf(file: ParkedFile, name: string, row: ExactRow): ParkedRecord {
  const { asset, secret } = file;
  const table = name.slice(name.indexOf(':') + 1);
  const columns = Object.keys(row);
  const ownName = (column: OwnColumn): string => ownNameAmong(columns, column);
  const text = (column: OwnColumn): string | null => textOf(row[ownName(column)]);
  const mask = (place: string, value: ExactValue): ExactValue =>
    value !== null && isSecret(place, secret) ? hidden : value;
  const common = { ...nothing, asset, why: text('why') };
  if (name === 'json_paths') {
    const place = textOf(row['place']) ?? '';
    const key = { key: row['key'] ?? null };
    return { ...common, kind: 'cell', place, key, value: mask(place, row['value'] ?? null) };
  }
  const isCells = name.slice(0, name.indexOf(':')).endsWith('cells');
  const own = new Set<string>((isCells ? ownOfCells : ownOfRows).map(ownName));
  const masked = Object.entries(row)
    .filter(([column]) => !own.has(column))
    .map(([column, value]) => [column, mask(`${table}.${column}`, value)] as const);
  if (!isCells) {
    return {
      ...common,
      kind: 'row',
      place: table,
      act: text('act'),
      value: Object.fromEntries(masked),
    };
  }
  const place = `${table}.${text('column') ?? ''}`;
  const [value, kept] = [row[ownName('value')] ?? null, row[ownName('kept')] ?? null];
  const cell = { value: mask(place, value), kept: mask(place, kept) };
  return { ...common, kind: 'cell', place, key: Object.fromEntries(masked), ...cell };
}

function textOf(value: ExactValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
