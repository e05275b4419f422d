import type { Database } from '../../sqlite/database.ts';
import { quoteName } from '../../sqlite/names.ts';

/** A column of words has at most so many … */
export const maxWords = 64;
/** … and each stands, on average, on at least so many rows. */
const minRowsPerWord = 10;

/** The words of a column of words; null where it is none. */
export function wordsIn(db: Database, from: string, column: string): ReadonlySet<string> | null {
  const name = quoteName(column);
  const rows = db.all(
    `SELECT ${name} AS word, count(*) AS rows FROM ${from} WHERE ${name} IS NOT NULL
     GROUP BY typeof(${name}), ${name} COLLATE BINARY LIMIT ${maxWords + 1}`,
  );
  const total = rows.reduce((sum, { rows: count }) => sum + Number(count), 0);
  const isWords = rows.length > 0 && rows.every(({ word }) => typeof word === 'string');
  if (!isWords || rows.length > maxWords || total < rows.length * minRowsPerWord) return null;
  return new Set(rows.map(({ word }) => String(word)));
}
