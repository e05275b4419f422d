import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../refusal.ts';
import { busyTimeoutMs, sqliteCode, type Database } from './open.ts';
import { textOf } from './row.ts';

const sqliteBusy = 5;
const sqliteFull = 13;

/** One file of `migrations/`: `1.1.0-interface-state.sql`. */
interface Migration {
  readonly version: string;
  readonly name: string;
  readonly script: string;
}

/** What has been applied, and what this release would apply, in order. */
export interface MigrationState {
  readonly applied: readonly string[];
  readonly pending: readonly Migration[];
}

/**
 * Compares the database with this release's migrations; changes nothing.
 * Throws `Refusal`, naming both versions, when a newer release has been at work.
 */
export function migrationState(database: Database): MigrationState {
  const known = readMigrations();
  const applied = appliedVersions(database);
  const newest = known.at(-1)?.version ?? '0.0.0';
  const newer = applied.findLast((version) => compareVersions(version, newest) > 0);
  if (newer !== undefined)
    throw new Refusal(
      `the database ${database.connection.location()} is of version ${newer}, and this release knows versions up to ${newest}`,
      { hint: `start release ${newer} or later, or restore the data of ${newest}` },
    );
  return { applied, pending: known.filter(({ version }) => !applied.includes(version)) };
}

/**
 * Applies what is pending, each migration in its own transaction with its record. A crash leaves whole migrations.
 * Throws `Refusal` on a full disk, and when rows would refer to rows that are not there: that migration has then
 * changed nothing.
 */
export function migrate(database: Database): readonly string[] {
  const { pending } = migrationState(database);
  try {
    inBulk(database, () => applyAll(database, pending));
  } catch (error) {
    if (sqliteCode(error) !== sqliteFull) throw error;
    throw new Refusal(
      `the disk of ${database.connection.location()} is full, nothing was changed`,
      {
        hint: 'the tables are built anew beside the old ones: make as much room as the database takes, and try again',
        cause: error,
      },
    );
  }
  return pending.map(({ version }) => version);
}

function applyAll(database: Database, pending: readonly Migration[]): void {
  if (pending.length > 0) leaveWriteAheadLog(database);
  for (const migration of pending)
    database.transaction(() => {
      database.connection.exec(`
        CREATE TABLE IF NOT EXISTS schema_migrations (
          version TEXT PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL
        )`);
      database.connection.exec(migration.script);
      checkReferences(database, migration);
      record(database, migration);
    });
}

/**
 * A table that is built anew is dropped on the way, which must not delete what refers to it: no foreign keys
 * meanwhile. Going back to the write-ahead log also undoes at once what a full disk has left half written.
 */
function inBulk(database: Database, work: () => void): void {
  const { connection } = database;
  connection.exec('PRAGMA foreign_keys = OFF');
  try {
    work();
  } finally {
    connection.exec('PRAGMA foreign_keys = ON; PRAGMA journal_mode = WAL');
  }
}

/** With a rollback journal new pages are written once, not to the log first. While others read, the log stays: as safe. */
function leaveWriteAheadLog({ connection }: Database): void {
  connection.exec('PRAGMA busy_timeout = 0');
  try {
    connection.exec('PRAGMA journal_mode = TRUNCATE');
  } catch (error) {
    if (sqliteCode(error) !== sqliteBusy) throw error;
  } finally {
    connection.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
  }
}

function record(database: Database, { version, name }: Migration): void {
  database.run(
    'INSERT INTO schema_migrations (version, name, applied_at) VALUES (:version, :name, :appliedAt)',
    { version, name, appliedAt: new Date().toISOString() },
  );
}

function checkReferences(database: Database, { version }: Migration): void {
  const orphan = database.get('PRAGMA foreign_key_check');
  if (orphan === undefined) return;
  const { table, rowid, parent } = orphan;
  throw new Refusal(
    `the migration to ${version} stops: row ${String(rowid)} of ${String(table)} refers to a row of ${String(parent)} that is not there`,
    { hint: 'PRAGMA foreign_key_check lists all such rows: repair or delete them, then try again' },
  );
}

function appliedVersions(database: Database): readonly string[] {
  const table = database.get("SELECT name FROM sqlite_schema WHERE name = 'schema_migrations'");
  if (table === undefined) return [];
  const rows = database.all('SELECT version FROM schema_migrations');
  return rows.map((row) => textOf(row, 'version')).toSorted(compareVersions);
}

function readMigrations(): readonly Migration[] {
  const folder = join(import.meta.dirname, 'migrations');
  return readdirSync(folder)
    .map((file) => ({ ...parseFileName(file), script: readFileSync(join(folder, file), 'utf8') }))
    .toSorted((a, b) => compareVersions(a.version, b.version));
}

function parseFileName(file: string): { version: string; name: string } {
  const [, version, name] = /^(\d+\.\d+\.\d+)-(.+)\.sql$/.exec(file) ?? [];
  if (version === undefined || name === undefined)
    throw new Error(`migrations/${file} is not named <version>-<name>.sql`);
  return { version, name };
}

/** Below zero when the first version (`1.2.10`) is older than the second. */
export function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
