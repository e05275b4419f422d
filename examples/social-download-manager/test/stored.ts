import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DataFolder } from './running.ts';

/** How long to wait, in milliseconds, for a release that is writing. */
const timeout = 60_000;

/** Opens the folder's database for a while, as another program would. */
export function withDatabase<T>(folder: DataFolder, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(join(folder.path, 'sdm.db'), { timeout });
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** The rows that a statement finds, without changing anything. */
export function query(folder: DataFolder, statement: string): readonly unknown[] {
  const database = new DatabaseSync(join(folder.path, 'sdm.db'), { readOnly: true, timeout });
  try {
    return database
      .prepare(statement)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}

/** Every file of the folder with a hash of its bytes, its mode and its time. */
export function contents(folder: DataFolder): readonly string[] {
  return readdirSync(folder.path, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const path = join(folder.path, name);
      const stats = statSync(path);
      if (stats.isDirectory()) return `${name} ${stats.mode}`;
      const hash = createHash('sha256').update(readFileSync(path)).digest('hex');
      return `${name} ${stats.mode} ${stats.mtimeMs} ${hash}`;
    });
}

/** A JSON file of the folder. */
export function readJson(folder: DataFolder, name: string): unknown {
  return JSON.parse(readFileSync(join(folder.path, name), 'utf8'));
}

/** All tables and indexes as they were made, without what a rename or a layout leaves in their text. */
export function schemaOf(folder: DataFolder): readonly string[] {
  const statements = query(
    folder,
    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name",
  );
  return statements.map((row) => String(Object(row).sql).replaceAll(/["\s]+/g, ' '));
}
