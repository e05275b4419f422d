import { isSqliteError } from '../../sqlite/database.ts';
import { quoteName } from '../../sqlite/names.ts';
import type { Bench } from './bench.ts';

/**
 * Makes in the result what was made in the schema of `latest` since `origin` and holds no rows of its own: views that can be
 * read there, indexes that refuse nothing, triggers that break no write, of tables that have the same columns there. It
 * is the last that is done to the result, so that no trigger fires. Returns what is left behind: `trigger noted`.
 */
export function carrySchema(bench: Bench): readonly string[] {
  return [...carryViews(bench), ...carryIndexes(bench), ...carryTriggers(bench)];
}

/** What `latest` alone has, or has otherwise than `origin`, by the order in which it was made. */
function madeSince({ db }: Bench, type: 'view' | 'index' | 'trigger'): readonly Made[] {
  const rows = db.all(
    `SELECT name, tbl_name AS target, sql FROM latest.sqlite_schema AS l
     WHERE type = ? AND sql IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM origin.sqlite_schema AS o
         WHERE o.type = l.type AND o.name = l.name COLLATE NOCASE AND o.sql = l.sql)
       AND NOT EXISTS (SELECT 1 FROM main.sqlite_schema AS m
         WHERE m.type = l.type AND m.name = l.name COLLATE NOCASE AND m.sql = l.sql)
     ORDER BY rowid`,
    type,
  );
  return rows.map(({ name, target, sql }) => ({
    name: String(name),
    target: String(target),
    sql: String(sql),
  }));
}

interface Made {
  readonly name: string;
  readonly target: string;
  readonly sql: string;
}

function carryViews(bench: Bench): readonly string[] {
  const { db } = bench;
  return madeSince(bench, 'view').flatMap((view) => {
    if (!isMade(bench, view)) return [`view ${view.name}`];
    if (db.compiles(`SELECT * FROM main.${quoteName(view.name)}`)) return [];
    db.exec(`DROP VIEW main.${quoteName(view.name)}`);
    return [`view ${view.name}`];
  });
}

/** One that is unique could refuse what the wanted release writes: it is left behind. */
function carryIndexes(bench: Bench): readonly string[] {
  const unique = `SELECT count(*) FROM pragma_index_list(?, 'latest') WHERE name = ? AND "unique"`;
  return madeSince(bench, 'index').flatMap((index) => {
    if (!isWanted(bench, index.target)) return [];
    const isUnique = bench.db.count(unique, index.target, index.name) > 0;
    return !isUnique && isMade(bench, index) ? [] : [`index ${index.name}`];
  });
}

function carryTriggers(bench: Bench): readonly string[] {
  const { db } = bench;
  return madeSince(bench, 'trigger').flatMap((trigger) => {
    if (!isWanted(bench, trigger.target)) return [];
    const target = `main.${quoteName(trigger.target)}`;
    const columns = columnsIn(bench, 'main', trigger.target);
    const left = [`trigger ${trigger.name}`];
    if (columns.join() !== columnsIn(bench, 'latest', trigger.target).join()) return left;
    const compiling = writesOf(target, columns).filter((write) => db.compiles(write));
    if (!isMade(bench, trigger)) return left;
    if (compiling.every((write) => db.compiles(write))) return [];
    db.exec(`DROP TRIGGER main.${quoteName(trigger.name)}`);
    return left;
  });
}

/** False where the result has something else under that name, or lacks what it names. */
function isMade({ db }: Bench, { sql }: Made): boolean {
  try {
    db.exec(sql);
    return true;
  } catch (error) {
    if (isSqliteError(error)) return false;
    throw error;
  }
}

/** A table or view of the result; what hangs on another one went with it. */
function isWanted({ db }: Bench, target: string): boolean {
  const named = `SELECT count(*) FROM main.sqlite_schema WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE`;
  return db.count(named, target) > 0;
}

/** Those that can be written, quoted. */
function columnsIn({ db }: Bench, state: string, target: string): readonly string[] {
  const names = 'SELECT name FROM pragma_table_xinfo(?, ?) WHERE hidden = 0 ORDER BY cid';
  return db.texts(names, target, state).map(quoteName);
}

/** Statements that have SQLite look at every trigger of a table; they are never run. */
function writesOf(target: string, columns: readonly string[]): readonly string[] {
  const nulls = columns.map(() => 'NULL').join(', ');
  const settings = columns.map((column) => `${column} = NULL`).join(', ');
  return [
    `INSERT INTO ${target} (${columns.join(', ')}) VALUES (${nulls})`,
    `UPDATE ${target} SET ${settings}`,
    `DELETE FROM ${target}`,
  ];
}
