import { readFileSync, writeFileSync } from 'node:fs';
import type { Database } from '../database/open.ts';

/** Empties the titles of the oldest downloads that have one; returns how many. */
export function blankTitles(database: Database, count: number): number {
  return database.run(
    `UPDATE download_history SET title = ''
     WHERE id IN (SELECT id FROM download_history WHERE title <> '' ORDER BY id LIMIT :count)`,
    { count },
  );
}

/** Deletes the oldest downloads from the history; returns how many. The files stay. */
export function deleteRows(database: Database, count: number): number {
  return database.run(
    'DELETE FROM download_history WHERE id IN (SELECT id FROM download_history ORDER BY id LIMIT :count)',
    { count },
  );
}

/** Cuts a JSON file off in the middle, in place, as a careless writer would; returns how many bytes are left. */
export function breakJson(path: string): number {
  const bytes = readFileSync(path);
  const half = bytes.subarray(0, Math.ceil(bytes.length / 2));
  writeFileSync(path, half);
  return half.length;
}
