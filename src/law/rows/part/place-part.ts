import { BackstepError } from '../../../fault/backstep-error.ts';
import type { Disk } from '../../../host/disk.ts';
import { Database, isSqliteError } from '../../../sqlite/database.ts';
import { quoteName, quoteText } from '../../../sqlite/names.ts';
import { readTables, type Table } from '../../../sqlite/schema.ts';
import { tableNamed } from '../../../sqlite/spelling.ts';
import { nameList } from '../compare.ts';
import { rowidNameOf } from '../stored.ts';

/** Closed databases; `result` is made. */
export interface PartFiles {
  /** Where the named tables stand as they are wanted. */
  readonly merged: string;
  /** Where everything else does. */
  readonly latest: string;
  readonly result: string;
}

/**
 * `latest` with some tables, their indexes and triggers as `merged` has them. Throws `law/part` where a reference over
 * the border would point nowhere that did not before, or a view or trigger would no longer work.
 */
export function placePart(disk: Disk, files: PartFiles, tables: readonly string[]): void {
  disk.copy(files.latest, files.result);
  const db = Database.open(files.result);
  try {
    db.exec('PRAGMA synchronous = OFF');
    db.attach('merged', files.merged, { readOnly: true });
    const wanted = readTables(db, 'merged');
    const border = lookAt(db);
    db.transaction(() => {
      for (const name of tables) placeTable(db, tableNamed(wanted, name));
      requireBorder(border, lookAt(db));
    });
  } catch (error) {
    if (!isSqliteError(error)) throw error;
    throw refused(`${tables.join(', ')}: ${error.message}`, error);
  } finally {
    db.close();
  }
}

function placeTable(db: Database, table: Table | undefined): void {
  if (table === undefined) throw new Error('a part without its table');
  const name = quoteName(table.name);
  const sequence = sequenceOf(db, table);
  db.exec(`DROP TABLE IF EXISTS main.${name}`);
  db.exec(table.sql);
  const stored = table.columns.filter(({ isGenerated }) => !isGenerated).map((each) => each.name);
  const rowid = table.hasIntegerKey ? null : rowidNameOf(table);
  const columns = `${rowid === null ? '' : `${rowid}, `}${nameList(stored)}`;
  db.exec(`INSERT INTO main.${name} (${columns}) SELECT ${columns} FROM merged.${name}`);
  if (table.isAutoincrement) {
    db.exec(`DELETE FROM main.sqlite_sequence WHERE name = ${quoteText(table.name)}`);
    db.exec(
      `INSERT INTO main.sqlite_sequence (name, seq) SELECT ${quoteText(table.name)}, ${sequence}`,
    );
  }
  const beside = db.texts(
    `SELECT sql FROM merged.sqlite_schema WHERE tbl_name = ? AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY type`,
    table.name,
  );
  for (const sql of beside) db.exec(sql);
}

/** The highest id that either side has given out: none is given out again. */
function sequenceOf(db: Database, { name, isAutoincrement }: Table): string {
  if (!isAutoincrement) return '0';
  const schemas = ['main', 'merged'].filter((schema) =>
    db
      .texts(`SELECT name FROM ${schema}.sqlite_schema WHERE name = 'sqlite_sequence'`)
      .includes('sqlite_sequence'),
  );
  const highest = schemas.map((schema) =>
    db
      .texts(
        `SELECT CAST(coalesce(max(seq), 0) AS TEXT) FROM ${schema}.sqlite_sequence WHERE name = ? COLLATE NOCASE`,
        name,
      )
      .join(''),
  );
  return `max(${['0', '0', ...highest].join(', ')})`;
}

/** What holds over the border of tables. */
interface Border {
  /** Child and parent → rows of the child whose parent is not there. */
  readonly dangling: ReadonlyMap<string, number>;
  /** Views, and tables that can no longer be written since a trigger fails to compile. */
  readonly broken: ReadonlySet<string>;
}

function lookAt(db: Database): Border {
  const rows = db.all(
    `SELECT "table" || ' → ' || parent AS what, count(*) AS count
     FROM pragma_foreign_key_check(NULL, 'main') GROUP BY 1`,
  );
  const views = db.texts(`SELECT name FROM main.sqlite_schema WHERE type = 'view'`);
  return {
    dangling: new Map(rows.map((row) => [String(row['what']), Number(row['count'])])),
    broken: new Set([
      ...views.filter((view) => !db.compiles(`SELECT * FROM main.${quoteName(view)}`)),
      ...[...readTables(db, 'main').values()]
        .filter((table) => !isWritable(db, table))
        .map(({ name }) => name),
    ]),
  };
}

/** True where every trigger of a table compiles. */
function isWritable(db: Database, { name, kind, columns }: Table): boolean {
  if (kind !== 'table') return true;
  const table = `main.${quoteName(name)}`;
  const settings = columns
    .filter(({ isGenerated }) => !isGenerated)
    .map((column) => `${quoteName(column.name)} = ${quoteName(column.name)}`);
  return [
    `INSERT INTO ${table} DEFAULT VALUES`,
    `UPDATE ${table} SET ${settings.join(', ')}`,
    `DELETE FROM ${table}`,
  ].every((sql) => db.compiles(sql));
}

function requireBorder(before: Border, after: Border): void {
  for (const [what, count] of after.dangling) {
    const more = count - (before.dangling.get(what) ?? 0);
    if (more > 0) throw refused(`${more} rows would refer to what is not there (${what})`);
  }
  const broken = [...after.broken].find((name) => !before.broken.has(name));
  if (broken !== undefined) {
    throw refused(`${broken} reads or writes what the other shape does not have`);
  }
}

function refused(message: string, cause?: unknown): BackstepError {
  return new BackstepError('law/part', {
    message: `these tables cannot go back alone: ${message}`,
    hint: 'name the tables that belong to them as well, or roll the whole database back',
    cause,
  });
}
