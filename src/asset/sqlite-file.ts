import { dirname, join } from 'node:path/posix';
import type { Disk } from '../host/disk.ts';
import { isDiskError } from '../host/disk-error.ts';
import { makeFolders } from '../host/whole-file.ts';
import { foreignCollationOf } from '../sqlite/collations.ts';
import { Database, isDamageError, isSqliteError } from '../sqlite/database.ts';
import type { Side, UnitName } from './asset.ts';

/** Files that SQLite keeps beside a database, and that belong to it: without them it may be another state. */
export const companions = ['-wal', '-shm', '-journal'] as const;

/** Companions that hold changes which are not in the database itself yet. */
const pending = ['-wal', '-journal'] as const;

/** The names of a database and of all that may lie beside it. */
export function namesOf(unit: UnitName): readonly UnitName[] {
  return [unit, ...companions.map((companion) => unit + companion)];
}

/**
 * Folds what waits in a WAL or a hot journal into its database, which nobody else has open. Where SQLite refuses,
 * damaged or not, everything stays as it lies.
 */
export function fold(disk: Disk, path: string): void {
  const waits = pending.some((companion) => disk.lstat(path + companion) !== null);
  if (!waits || disk.lstat(path) === null) return;
  try {
    const db = Database.open(path);
    try {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      db.count('SELECT count(*) FROM sqlite_schema');
    } finally {
      db.close();
    }
  } catch (error) {
    if (!isSqliteError(error)) throw error;
  }
}

/** True where nothing waits beside a live database: what was committed stands in its file. */
export function isAtRest(disk: Disk, path: string): boolean {
  return pending.every((companion) => (disk.lstat(path + companion)?.sizeBytes ?? 0) === 0);
}

/** True where changes of a side's database wait beside it. */
export function isWaiting(side: Side, unit: UnitName): boolean {
  return pending.some((companion) => side.has(unit + companion));
}

/**
 * A database of a side under a name in a working folder, with nothing waiting beside it: the same file by a second
 * name, or a copy where something had to be folded in or a second name cannot be. SQLite may write beside it.
 */
export function workingFile(disk: Disk, side: Side, wanted: WorkingName): string | null {
  const from = side.get(wanted.unit);
  if (from === undefined) return null;
  const to = wanted.path;
  makeFolders(disk, dirname(to), 0o700);
  const waiting = pending.filter((companion) => side.has(wanted.unit + companion));
  if (waiting.length === 0) {
    linkOrCopy(disk, from, to);
    return to;
  }
  disk.copy(from, to);
  for (const companion of waiting) {
    const beside = side.get(wanted.unit + companion);
    if (beside !== undefined) disk.copy(beside, to + companion);
  }
  fold(disk, to);
  return to;
}

export interface WorkingName {
  readonly unit: UnitName;
  /** Where it shall lie; nothing does yet. */
  readonly path: string;
}

function linkOrCopy(disk: Disk, from: string, to: string): void {
  try {
    disk.link(from, to);
  } catch (error) {
    if (!isDiskError(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
    disk.copy(from, to);
  }
}

/**
 * Null where a database at rest is sound, or one that only its application can check (see `foreignCollationOf`), else what
 * SQLite says first. Reads all of it; only `withIndexes` compares them with their tables.
 */
export function damageOf(path: string, { withIndexes = false } = {}): string | null {
  try {
    const db = Database.open(path, { isClosed: true });
    try {
      // SQLite cannot walk an index in an order that it does not know; the law refuses such a database by name.
      if (foreignCollationOf(db) !== null) return null;
      const check = withIndexes ? 'PRAGMA integrity_check(1)' : 'PRAGMA quick_check(1)';
      const said = db.texts(check)[0] ?? 'nothing';
      return said === 'ok' ? null : said;
    } finally {
      db.close();
    }
  } catch (error) {
    if (isDamageError(error)) return error.message;
    throw error;
  }
}

/**
 * Copies a database that is in use to a new file, through SQLite; false where it is damaged. In WAL mode one
 * state is held while it is copied, so that a busy writer neither waits nor makes the copy begin again.
 */
export async function copyRunning(
  path: string,
  to: string,
  onBytes: (done: number, total: number) => void = () => {},
): Promise<boolean> {
  try {
    const db = Database.open(path);
    try {
      const isWal = db.texts('PRAGMA journal_mode')[0] === 'wal';
      if (isWal) db.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
      const pageBytes = db.count('PRAGMA page_size');
      await db.copyTo(to, (done, total) => onBytes(done * pageBytes, total * pageBytes));
      return true;
    } finally {
      db.close();
    }
  } catch (error) {
    if (isDamageError(error)) return false;
    throw error;
  }
}

/** Files of a database by unit name, in one folder. */
export function besides(folder: string, unit: UnitName): readonly string[] {
  return namesOf(unit).map((name) => join(folder, name));
}
