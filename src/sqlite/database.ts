import { backup, constants, DatabaseSync } from 'node:sqlite';
import { locationOf } from './names.ts';
import { isSameName } from './spelling.ts';

export type SqlValue = null | number | bigint | string | Uint8Array;
export type Row = Readonly<Record<string, SqlValue>>;

/** True where SQLite refused a row: UNIQUE, NOT NULL, CHECK, a datatype of a STRICT table, a foreign key. */
export function isConstraintError(error: unknown): error is Error {
  return isSqliteError(error) && (error.errcode & 0xff) === 19;
}

/** True where SQLite itself refused: a statement, a file, a row. */
export function isSqliteError(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

/** True where a file is no sound database: damaged pages, no database at all, a device that failed. */
export function isDamageError(error: unknown): error is Error {
  return isSqliteError(error) && [10, 11, 26].includes(error.errcode & 0xff);
}

export interface OpenOptions {
  readonly readOnly?: boolean;
  /**
   * Nobody writes the file and nothing waits in a WAL or journal beside it: it is read as it lies, and
   * nothing is made beside it (a read-only connection to a database in WAL mode leaves `-wal` and `-shm`).
   */
  readonly isClosed?: boolean;
  /** How long to wait for another connection's lock. */
  readonly busyTimeoutMs?: number;
}

/** What a prepared statement touches, as SQLite's authorizer tells it. */
export interface ColumnRead {
  readonly table: string;
  readonly column: string;
  /** The schema that the table was found in: `main`, `temp`, or an attached name. */
  readonly schema: string;
}

export type TableWrite = Pick<ColumnRead, 'table' | 'schema'>;

export interface ColumnWrite extends TableWrite {
  /** Null where rows were added or removed. */
  readonly column: string | null;
}

const writeActions: readonly number[] = [
  constants.SQLITE_INSERT,
  constants.SQLITE_UPDATE,
  constants.SQLITE_DELETE,
];

/** A fold over the rows of a group; what it ends with is the result. */
export interface Aggregate<T extends SqlValue> {
  readonly start: T;
  readonly step: (sum: T, value: SqlValue) => T;
}

/** One connection. `close()` ends it; closing twice is harmless. */
export class Database {
  readonly #handle: DatabaseSync;

  private constructor(handle: DatabaseSync) {
    this.#handle = handle;
  }

  /** Opens a database file, or `:memory:`. Throws SQLite's own error when it cannot be read. */
  static open(path: string, options: OpenOptions = {}): Database {
    const isClosed = options.isClosed ?? false;
    const location = isClosed ? `${locationOf(path, 'ro')}&immutable=1` : locationOf(path);
    const handle = new DatabaseSync(path === ':memory:' ? path : location, {
      readOnly: isClosed || (options.readOnly ?? false),
      timeout: options.busyTimeoutMs ?? 5_000,
      enableForeignKeyConstraints: false,
    });
    return new Database(handle);
  }

  /** Runs any number of statements. */
  exec(sql: string): void {
    this.#handle.exec(sql);
  }

  all(sql: string, ...parameters: SqlValue[]): Row[] {
    return this.#handle.prepare(sql).all(...parameters);
  }

  /** Runs one statement and returns the number of rows that it changed. */
  change(sql: string, ...parameters: SqlValue[]): number {
    return Number(this.#handle.prepare(sql).run(...parameters).changes);
  }

  /** A statement that is run many times; returns the number of rows that it changed. */
  repeated(sql: string): (...parameters: SqlValue[]) => number {
    const statement = this.#handle.prepare(sql);
    return (...parameters) => Number(statement.run(...parameters).changes);
  }

  /** The first column of the first row, which must be a number. */
  count(sql: string, ...parameters: SqlValue[]): number {
    const row = this.all(sql, ...parameters)[0];
    const value = row === undefined ? undefined : Object.values(row)[0];
    if (typeof value !== 'number') throw new TypeError(`not a number: ${sql}`);
    return value;
  }

  /** The first column of every row, which must be text. */
  texts(sql: string, ...parameters: SqlValue[]): string[] {
    return this.all(sql, ...parameters).map((row) => {
      const value = Object.values(row)[0];
      if (typeof value !== 'string') throw new TypeError(`not a text: ${sql}`);
      return value;
    });
  }

  /** Attaches a file under a schema name. A read-only one is never written, not even its WAL. */
  attach(schema: string, path: string, options: { readonly readOnly: boolean }): void {
    const location = locationOf(path, options.readOnly ? 'ro' : 'rwc');
    this.#handle.prepare(`ATTACH ? AS "${schema}"`).run(location);
  }

  /**
   * Keeps no journal of what is written to a schema: a statement that fails leaves its file to be thrown away. SQLite's
   * defensive flag, which Node sets, would leave the journal on without a word: it is lifted for this one setting.
   */
  turnJournalOff(schema: string): void {
    this.#setDefensive(false);
    const [mode] = this.texts(`PRAGMA "${schema}".journal_mode = OFF`);
    this.#setDefensive(true);
    if (mode !== 'off') throw new Error(`${schema} keeps a journal: ${mode}`);
  }

  /** Node before 24.12 neither sets the flag nor knows how to. */
  #setDefensive(isActive: boolean): void {
    if ('enableDefensive' in this.#handle) this.#handle.enableDefensive(isActive);
  }

  detach(schema: string): void {
    this.#handle.exec(`DETACH "${schema}"`);
  }

  /** Makes a function of JavaScript callable from SQL; it must depend on its arguments alone. */
  defineFunction(name: string, body: (...values: SqlValue[]) => SqlValue): void {
    this.#handle.function(
      name,
      { deterministic: true, varargs: true, useBigIntArguments: true },
      body,
    );
  }

  /** Makes an aggregate of one argument callable from SQL; NULL where there is no row. */
  defineAggregate<T extends SqlValue>(name: string, aggregate: Aggregate<T>): void {
    this.#handle.aggregate(name, {
      start: aggregate.start,
      step: aggregate.step,
      useBigIntArguments: true,
    });
  }

  /** Prepares `sql` without running it and tells every column that it would read. */
  columnsReadBy(sql: string): ColumnRead[] {
    const reads: ColumnRead[] = [];
    this.#handle.setAuthorizer((...[action, table, column, schema]) => {
      if (action === constants.SQLITE_READ && table !== null && column !== null) {
        reads.push({ table, column, schema: schema ?? '' });
      }
      return constants.SQLITE_OK;
    });
    try {
      this.#handle.prepare(sql);
    } finally {
      this.#handle.setAuthorizer(null);
    }
    return reads;
  }

  /** Prepares `sql` without running it and tells every table that it, or a trigger of it, would write. */
  tablesWrittenBy(sql: string): TableWrite[] {
    const writes: TableWrite[] = [];
    this.#handle.setAuthorizer((...[action, table, , schema]) => {
      if (writeActions.includes(action) && table !== null) {
        writes.push({ table, schema: schema ?? '' });
      }
      return constants.SQLITE_OK;
    });
    try {
      this.#handle.prepare(sql);
    } finally {
      this.#handle.setAuthorizer(null);
    }
    return writes;
  }

  /** Runs any number of statements and tells what they, and triggers of theirs, wrote; null for whole rows. */
  execTelling(sql: string): ColumnWrite[] {
    const writes: ColumnWrite[] = [];
    this.#handle.setAuthorizer((...[action, table, column, schema]) => {
      if (writeActions.includes(action) && table !== null) {
        const isCell = action === constants.SQLITE_UPDATE;
        writes.push({ table, schema: schema ?? '', column: isCell ? column : null });
      }
      return constants.SQLITE_OK;
    });
    try {
      this.#handle.exec(sql);
    } finally {
      this.#handle.setAuthorizer(null);
    }
    return writes;
  }

  /** True where SQLite can prepare the statement. */
  compiles(sql: string): boolean {
    try {
      this.#handle.prepare(sql);
      return true;
    } catch (error) {
      if (isSqliteError(error)) return false;
      throw error;
    }
  }

  /** The names of the columns that a SELECT yields, without running it. */
  columnsOf(select: string): string[] {
    return this.#handle
      .prepare(select)
      .columns()
      .map((column) => column.name);
  }

  /** The stored column that a result column of a SELECT shows unaltered, null where it is computed. */
  originOf(select: string, column: string): ColumnRead | null {
    const found = this.#handle
      .prepare(select)
      .columns()
      .find(({ name }) => isSameName(name, column));
    if (found === undefined || found.table === null || found.column === null) return null;
    return { table: found.table, column: found.column, schema: found.database ?? '' };
  }

  /** Runs `work` in one transaction; a throw rolls it back. */
  transaction<T>(work: () => T): T {
    this.#handle.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#handle.exec('COMMIT');
      return result;
    } catch (error) {
      this.#handle.exec('ROLLBACK');
      throw error;
    }
  }

  /** True between the beginning of a transaction and its end. */
  get isInTransaction(): boolean {
    return this.#handle.isTransaction;
  }

  /** Copies the whole database, page by page and with what its WAL holds, to a new file; tells how many pages of how many. */
  async copyTo(path: string, onPages?: (done: number, total: number) => void): Promise<void> {
    await backup(this.#handle, path, {
      progress: ({ totalPages, remainingPages }) =>
        onPages?.(totalPages - remainingPages, totalPages),
    });
  }

  close(): void {
    if (this.#handle.isOpen) this.#handle.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
