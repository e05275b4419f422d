import { filesBelow } from '../asset/side.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Disk } from '../host/disk.ts';
import { readWhole } from '../host/whole-file.ts';
import { isSecret } from '../manifest/kinds/secret.ts';
import { Database, isSqliteError, type Row, type SqlValue } from '../sqlite/database.ts';
import { quoteName } from '../sqlite/names.ts';
import type { Ground } from '../switch/ground.ts';
import { parkedFolderOf } from '../switch/stage/workspace.ts';
import { chooseRun, runNames } from './past-runs.ts';

/** A file that holds what one run parked of one asset. */
export interface ParkedFile {
  readonly asset: string;
  readonly path: string;
  /** Files, columns and paths of the asset whose values are never shown: the manifest's `secret`. */
  readonly secret: readonly string[];
}

/** What stands for a value that is never shown. */
export const hidden = '(secret)';

/** The files of one run, by asset. */
export function parkedFiles(ground: Ground, run: string): readonly ParkedFile[] {
  const { disk } = ground.host;
  return ground.assets.flatMap(({ name }) => {
    const secret = ground.manifest.assets[name]?.secret ?? [];
    const found = filesBelow(disk, parkedFolderOf(ground, run, name), () => true);
    return found.map(([, path]) => ({ asset: name, path, secret }));
  });
}

/** The run that was asked for, or the newest that parked something, and its files. Throws `switch/no-run`. */
export function chooseParked(
  ground: Ground,
  { wanted, asset }: { readonly wanted: string | undefined; readonly asset: string | undefined },
): { readonly run: string; readonly files: readonly ParkedFile[] } {
  const run = wanted === undefined ? newestWithParked(ground) : chooseRun(ground, wanted);
  const files = parkedFiles(ground, run).filter(
    (file) => asset === undefined || file.asset === asset,
  );
  if (files.length > 0) return { run, files };
  throw new BackstepError('switch/no-run', {
    message: `${run} has parked nothing${asset === undefined ? '' : ` of ${asset}`}`,
    hint: 'see `backstep parked list`',
  });
}

function newestWithParked(ground: Ground): string {
  const run = runNames(ground).findLast((name) => parkedFiles(ground, name).length > 0);
  if (run !== undefined) return run;
  throw new BackstepError('switch/no-run', {
    message: 'no run has parked anything',
    hint: 'see `backstep history`',
  });
}

/** What a file of parked values holds, as a document: rows and cells by table, paths, or where it lies. */
export function contentOf(disk: Disk, file: ParkedFile): unknown {
  const { path } = file;
  if (path.endsWith('.damaged')) return { keptAt: path };
  if (isDatabase(disk, path)) return tablesIn(file);
  return valuesIn(readWhole(disk, path), file) ?? { keptAt: path };
}

const sqliteMark = 'SQLite format 3\0';

export function isDatabase(disk: Disk, path: string): boolean {
  const file = disk.openRead(path);
  try {
    const head = Buffer.alloc(sqliteMark.length);
    file.read(head, 0);
    return head.toString('latin1') === sqliteMark;
  } finally {
    file.close();
  }
}

/** Table (`rows:users`, `cells:users`, `json_paths`) → rows; null where it cannot be read. */
function tablesIn({ path, secret }: ParkedFile): Record<string, readonly Row[]> | null {
  try {
    const db = Database.open(path, { isClosed: true });
    try {
      const names = db.texts(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`);
      const tables = names.map((name): [string, readonly Row[]] => {
        const rows = wholeRows(db, name);
        return [name, rows.map((row) => shownRow(name.slice(name.indexOf(':') + 1), row, secret))];
      });
      return Object.fromEntries(tables.filter(([, rows]) => rows.length > 0));
    } finally {
      db.close();
    }
  } catch (error) {
    if (isSqliteError(error)) return null;
    throw error;
  }
}

/** Integers beyond 2^53 come as bigint. */
function wholeRows(db: Database, table: string): Row[] {
  const columns = db.columnsOf(`SELECT * FROM ${quoteName(table)}`);
  const results = columns.flatMap((column, n) => {
    const name = quoteName(column);
    const isLarge = `typeof(${name}) = 'integer' AND ${name} NOT BETWEEN ${-Number.MAX_SAFE_INTEGER} AND ${Number.MAX_SAFE_INTEGER}`;
    return [
      `${isLarge} AS l${n}`,
      `CASE WHEN ${isLarge} THEN CAST(${name} AS TEXT) ELSE ${name} END AS v${n}`,
    ];
  });
  return db.all(`SELECT ${results.join(', ')} FROM ${quoteName(table)}`).map((row) =>
    Object.fromEntries(
      columns.map((column, n): [string, SqlValue] => {
        const value = row[`v${n}`] ?? null;
        return [column, row[`l${n}`] === 1 ? BigInt(String(value)) : value];
      }),
    ),
  );
}

/** A cell's row names its column or place, and its value stands beside it. */
function shownRow(table: string, row: Row, secret: readonly string[]): Row {
  const place = row['place'] ?? `${table}.${String(row['column'])}`;
  const isSecretCell = isSecret(String(place), secret);
  const shown = Object.entries(row).map(([name, value]): [string, SqlValue] => {
    const isHidden =
      isSecret(`${table}.${name}`, secret) || (isSecretCell && ['value', 'kept'].includes(name));
    return [name, isHidden && value !== null ? hidden : value];
  });
  return Object.fromEntries(shown);
}

/** Null for a file that was parked whole. */
function valuesIn(bytes: Buffer, { asset, secret }: ParkedFile): unknown {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    const isOurs = typeof value === 'object' && value !== null && 'parked' in value;
    if (!isOurs || !Array.isArray(value.parked)) return null;
    return value.parked.map((entry: unknown) => shownEntry(entry, asset, secret));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function shownEntry(entry: unknown, asset: string, secret: readonly string[]): unknown {
  if (typeof entry !== 'object' || entry === null || !('place' in entry)) return entry;
  const names = [entry.place, 'newPlace' in entry ? entry.newPlace : null];
  const isHidden = names.some(
    (place) => typeof place === 'string' && isSecret(place.replace(`${asset}/`, ''), secret),
  );
  return isHidden ? { ...entry, value: hidden } : entry;
}
