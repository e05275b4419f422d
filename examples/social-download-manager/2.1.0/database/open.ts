import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Refusal } from '../refusal.ts';
import { folded } from './folded.ts';
import type { Row } from './row.ts';

/** How long a statement waits for another program that is writing. */
export const busyTimeoutMs = 5_000;
/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const damagedCodes = [11, 26];

/** The values of a statement's parameters by their names: `WHERE id = :id` takes `{ id }`. */
export type Values = Readonly<Record<string, SQLInputValue>>;

/** The open database. Statements are prepared once and kept. */
export interface Database {
  readonly connection: DatabaseSync;
  all(statement: string, values?: Values): readonly Row[];
  /** The first row, or undefined when there is none. */
  get(statement: string, values?: Values): Row | undefined;
  /** How many rows have changed. */
  run(statement: string, values?: Values): number;
  /** Runs the work in one write transaction; a throw rolls it back. */
  transaction<T>(work: () => T): T;
  /**
   * SQLite moves the write-ahead log into the database file when the last connection closes; where
   * that is not possible, on a full disk, the log stays and the next start reads it.
   */
  close(): void;
}

/** Opens the database, made for the owner alone when it is not there. Throws `Refusal` when it is something else. */
export function openDatabase(path: string): Database {
  closeSync(openSync(path, 'a', 0o600));
  const connection = new DatabaseSync(path, {
    timeout: busyTimeoutMs,
    enableForeignKeyConstraints: true,
  });
  try {
    connection.exec('PRAGMA synchronous = FULL; SELECT count(*) FROM sqlite_schema;');
  } catch (error) {
    connection.close();
    if (!damagedCodes.includes(sqliteCode(error) ?? 0)) throw error;
    throw new Refusal(`${path} is damaged or not a database`, {
      hint: 'restore it from a backup, or move it away to begin with an empty one',
      cause: error,
    });
  }
  return databaseOf(connection);
}

function databaseOf(connection: DatabaseSync): Database {
  connection.function('folded', { deterministic: true }, folded);
  const statements = new Map<string, StatementSync>();
  const prepared = (statement: string): StatementSync => {
    const kept = statements.get(statement) ?? connection.prepare(statement);
    statements.set(statement, kept);
    return kept;
  };
  return {
    connection,
    all: (statement, values = {}) => prepared(statement).all(values),
    get: (statement, values = {}) => prepared(statement).get(values),
    run: (statement, values = {}) => Number(prepared(statement).run(values).changes),
    transaction(work) {
      connection.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        connection.exec('COMMIT');
        return result;
      } finally {
        if (connection.isTransaction) connection.exec('ROLLBACK');
      }
    },
    close: () => connection.close(),
  };
}

/** SQLite's primary result code (https://sqlite.org/rescode.html), or null when the error is not SQLite's. */
export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : null;
}

/** The code of a system error (`ENOENT`), or null when it has none. */
export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
