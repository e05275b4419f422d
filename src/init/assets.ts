import { basename, dirname } from 'node:path/posix';
import { Database, isSqliteError } from '../sqlite/database.ts';
import type { Disk } from '../host/disk.ts';
import { literal, nameOf, type DraftAsset, type NamedFolder } from './draft.ts';
import type { FoundFile, FoundFolder } from './folder-look.ts';

/** The assets that a folder of the application holds. */
export function assetsIn(
  disk: Disk,
  path: NamedFolder,
  found: FoundFolder,
): readonly Omit<DraftAsset, 'name'>[] {
  const begin = `{${path.name}}`;
  const own = (part: string): readonly FoundFile[] =>
    found.files.filter(({ name }) => partOf(name) === part && isWritable(name));
  const parts = ['', ...found.folders];
  return [
    ...found.files
      .filter(({ kind }) => kind === 'sqlite')
      .map((file) => databaseAsset(disk, begin, file)),
    ...parts.flatMap((part) => documentsAsset(begin, part, own(part))),
    ...parts.flatMap((part) => filesAsset(begin, part, own(part))),
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
  disk: Disk,
  begin: string,
  { path, name, why }: FoundFile,
): Omit<DraftAsset, 'name'> {
  const secret = secretColumns(disk, path);
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

const secretColumn = /passw|secret|token|credential|api_?key|private_?key|^auth$/i;

/** Columns whose names say that their values should never be shown; none of a database that cannot be read. */
function secretColumns(disk: Disk, path: string): string[] {
  try {
    const isClosed = disk.lstat(`${path}-wal`) === null && disk.lstat(`${path}-journal`) === null;
    const db = Database.open(path, { readOnly: true, isClosed });
    try {
      const rows =
        db.all(`SELECT t.name AS tbl, c.name AS col FROM pragma_table_list AS t, pragma_table_info(t.name) AS c
        WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name, c.cid`);
      return rows
        .filter((row) => secretColumn.test(String(row['col'])))
        .map((row) => `${String(row['tbl'])}.${String(row['col'])}`);
    } finally {
      db.close();
    }
  } catch (error) {
    if (isSqliteError(error)) return [];
    throw error;
  }
}

/** Gives each asset a name of its own, by its place. */
export function named(assets: readonly Omit<DraftAsset, 'name'>[]): readonly DraftAsset[] {
  const taken: string[] = ['release'];
  return assets.map((asset) => {
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
