import { basename, dirname } from 'node:path/posix';
import { Database, isSqliteError } from '../sqlite/database.ts';
import type { Disk } from '../host/disk.ts';
import { literal, nameOf, type DraftAsset, type NamedFolder } from './draft.ts';
import type { FoundFile, FoundFolder } from './folder-look.ts';
import { bestName, type ReversalNames } from './reversal-names.ts';

/** An asset before it has a name, with the name that reversal files have for it, if any. */
export interface Unnamed extends Omit<DraftAsset, 'name'> {
  readonly spokenOf: string | null;
}

export interface Folder {
  readonly path: NamedFolder;
  readonly found: FoundFolder;
  readonly names: ReversalNames;
}

/** The assets that a folder of the application holds. */
export function assetsIn(disk: Disk, { path, found, names }: Folder): readonly Unnamed[] {
  const begin = `{${path.name}}`;
  const own = (part: string): readonly FoundFile[] =>
    found.files.filter(({ name }) => partOf(name) === part && isWritable(name));
  const parts = ['', ...found.folders];
  return [
    ...found.files
      .filter(({ kind }) => kind === 'sqlite')
      .map((file) => {
        const tables = tablesOf(disk, file.path);
        const spokenOf = bestName(names.tables, (table) => tables.has(table));
        return { ...databaseAsset(begin, file, tables), spokenOf };
      }),
    ...parts.flatMap((part) => {
      const files = own(part);
      const documents = new Set(files.map(({ name }) => within(part, name)));
      const spokenOf = bestName(names.documents, (document) => documents.has(document));
      return documentsAsset(begin, part, files).map((asset) => ({ ...asset, spokenOf }));
    }),
    ...parts.flatMap((part) =>
      filesAsset(begin, part, own(part)).map((asset) => ({ ...asset, spokenOf: null })),
    ),
  ];
}

/** False for a name that a pattern would read as something else, and for bytes that are no text. */
export function isWritable(name: string): boolean {
  return !/[*?[\]{}\\]|\p{Cc}|\p{Cs}/u.test(name);
}

/** The folder right below the top that a file lies in; empty for the top itself. */
function partOf(name: string): string {
  return name.includes('/') ? (name.split('/')[0] ?? '') : '';
}

function below(begin: string, part: string): string {
  return part === '' ? begin : `${begin}/${literal(part)}`;
}

function within(part: string, name: string): string {
  return part === '' ? name : name.slice(part.length + 1);
}

function databaseAsset(
  begin: string,
  { name, why }: FoundFile,
  tables: ReadonlyMap<string, readonly string[]>,
): Omit<DraftAsset, 'name'> {
  const secret = [...tables].flatMap(([table, columns]) =>
    columns.filter((column) => secretColumn.test(column)).map((column) => `${table}.${column}`),
  );
  return {
    kind: 'sqlite',
    why,
    place: `${begin}/${literal(name)}`,
    files: [],
    exclude: [],
    secret,
  };
}

function documentsAsset(
  begin: string,
  part: string,
  files: readonly FoundFile[],
): Omit<DraftAsset, 'name'>[] {
  const documents = files.filter(({ kind }) => kind === 'json');
  if (documents.length === 0) return [];
  const isDeep = documents.some(({ name }) => within(part, name).includes('/'));
  const others = files.filter(({ kind, name }) => kind !== 'json' && /\.json$/i.test(name));
  return [
    {
      kind: 'json',
      why: `${counted(documents.length, 'JSON document')}; those of other releases have the same pattern`,
      place: below(begin, part),
      files: [isDeep && part !== '' ? '**/*.json' : '*.json'],
      exclude: others.map(({ name }) => within(part, name)),
      secret: documents.filter(({ isSecret }) => isSecret).map(({ name }) => within(part, name)),
    },
  ];
}

function filesAsset(
  begin: string,
  part: string,
  files: readonly FoundFile[],
): Omit<DraftAsset, 'name'>[] {
  const kept = files.filter(({ kind }) => kind === 'other');
  const isEmpty = part !== '' && files.length === 0;
  if (kept.length === 0 && !isEmpty) return [];
  const size = kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const why = isEmpty
    ? 'a folder that is empty now'
    : `${counted(kept.length, 'file')}, ${megabytes(size)}`;
  const leftOut = files
    .filter(({ kind }) => kind === 'left-out')
    .map(({ name }) => within(part, name));
  return [
    {
      kind: 'files',
      why,
      place: below(begin, part),
      files: part === '' ? kept.map(({ name }) => name) : ['**'],
      exclude: part === '' ? [] : leftOut,
      secret: kept.filter(({ isSecret }) => isSecret).map(({ name }) => within(part, name)),
    },
  ];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Columns whose names say that their values should never be shown. */
const secretColumn = /passw|secret|token|credential|api_?key|private_?key|^auth$/i;

/** The columns of each table; none of a database that cannot be read. */
function tablesOf(disk: Disk, path: string): ReadonlyMap<string, readonly string[]> {
  const tables = new Map<string, string[]>();
  try {
    const isClosed = disk.lstat(`${path}-wal`) === null && disk.lstat(`${path}-journal`) === null;
    const db = Database.open(path, { readOnly: true, isClosed });
    try {
      const rows =
        db.all(`SELECT t.name AS tbl, c.name AS col FROM pragma_table_list AS t, pragma_table_info(t.name) AS c
        WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name, c.cid`);
      for (const { tbl, col } of rows) {
        const columns = tables.get(String(tbl)) ?? [];
        columns.push(String(col));
        tables.set(String(tbl), columns);
      }
    } finally {
      db.close();
    }
  } catch (error) {
    if (!isSqliteError(error)) throw error;
  }
  return tables;
}

/** Gives each asset a name of its own: the one that reversal files have for it, else one by its place. */
export function named(assets: readonly Unnamed[]): readonly DraftAsset[] {
  const spoken = assets.flatMap(({ spokenOf }) => (spokenOf === null ? [] : [spokenOf]));
  const taken: string[] = ['release', ...spoken];
  const given = new Set<string>();
  return assets.map(({ spokenOf, ...asset }) => {
    if (spokenOf !== null && !given.has(spokenOf)) {
      given.add(spokenOf);
      return { ...asset, name: spokenOf, why: `${asset.why}; named as the reversal files name it` };
    }
    const name = nameOf(wordFor(asset), taken);
    taken.push(name);
    return { ...asset, name };
  });
}

function wordFor({ kind, place }: Omit<DraftAsset, 'name'>): string {
  if (place === null) return 'system';
  const last = basename(place);
  const isTop = dirname(place) === '.' || !place.includes('/');
  if (kind === 'sqlite') return last.replace(/\.[^.]+$/, '');
  if (kind === 'json') return isTop ? 'documents' : last;
  return isTop ? 'other-files' : last;
}
