import type { Disk } from '../host/disk.ts';
import type { ParkedPath } from '../law/rows/documents.ts';
import { Database } from '../sqlite/database.ts';
import { quoteName } from '../sqlite/names.ts';

/**
 * Adds the parked paths of JSON cells to the database of parked values (table `json_paths`), 0600. A database
 * without any row is removed; false then.
 */
export function keepParked(disk: Disk, path: string, parkedPaths: readonly ParkedPath[]): boolean {
  const hasRows = writePaths(path, parkedPaths);
  if (hasRows) disk.chmod(path, 0o600);
  else disk.removeFile(path);
  return hasRows;
}

function writePaths(path: string, parkedPaths: readonly ParkedPath[]): boolean {
  const db = Database.open(path);
  try {
    if (parkedPaths.length > 0) {
      db.exec('CREATE TABLE json_paths ("place", "key", "value", "why")');
      const add = db.repeated('INSERT INTO json_paths VALUES (?, ?, ?, ?)');
      db.transaction(() => {
        for (const { place, key, value, why } of parkedPaths) add(place, key, value, why);
      });
      return true;
    }
    const tables = db.texts(`SELECT name FROM sqlite_schema WHERE type = 'table'`);
    return tables.some(
      (table) => db.count(`SELECT EXISTS (SELECT 1 FROM ${quoteName(table)})`) > 0,
    );
  } finally {
    db.close();
  }
}
