import { Database } from '../../../sqlite/database.ts';
import { quoteName } from '../../../sqlite/names.ts';

/** Columns of parked tables that are none of the user's: what was done to a row or cell, and why. */
export type OwnColumn = 'act' | 'why' | 'detail' | 'column' | 'value' | 'kept';

const prefix = 'backstep ';

/**
 * Gives the own columns of every table in a file of parked values the names by which a person looks for them, `why` and
 * not `backstep why`; where the user's table has a column of that name, its own keeps the longer one. On a connection
 * of its own: a renaming has SQLite read everything again that is declared on it. Nothing is synced, and a crash leaves
 * a file to be thrown away.
 */
export function namePlainly(path: string): void {
  using db = Database.open(path);
  db.exec('PRAGMA synchronous = OFF');
  db.turnJournalOff('main');
  const tables = db.texts(`SELECT name FROM sqlite_schema WHERE type = 'table'`);
  for (const table of tables) {
    const columns = columnsIn(db, { schema: 'main', table });
    const taken = new Set(columns.map((column) => column.toLowerCase()));
    for (const column of columns.filter((name) => name.startsWith(prefix))) {
      const plain = column.slice(prefix.length);
      if (taken.has(plain)) continue;
      db.exec(
        `ALTER TABLE ${quoteName(table)} RENAME COLUMN ${quoteName(column)} TO ${quoteName(plain)}`,
      );
    }
  }
}

export interface ParkedPlace {
  readonly schema: string;
  readonly table: string;
}

/** How one of the own columns is written in a finished file of parked values: quoted. */
export function ownColumnIn(db: Database, place: ParkedPlace, column: OwnColumn): string {
  return quoteName(ownNameAmong(columnsIn(db, place), column));
}

/** The own column among a table's columns: under its longer name where the user's has the plain one. */
export function ownNameAmong(columns: readonly string[], column: OwnColumn): string {
  const long = `${prefix}${column}`;
  return columns.includes(long) ? long : column;
}

function columnsIn(db: Database, { schema, table }: ParkedPlace): string[] {
  return db.texts('SELECT name FROM pragma_table_info(?, ?)', table, schema);
}
