import { quoteName } from '../../sqlite/names.ts';
import type { Bench } from './bench.ts';

/** Takes every trigger out of the result, so that none fires while rows are placed; returns their SQL. */
export function takeTriggers({ db }: Pick<Bench, 'db'>): readonly string[] {
  const rows = db.all(
    `SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger' ORDER BY rowid`,
  );
  for (const row of rows) db.exec(`DROP TRIGGER main.${quoteName(String(row['name']))}`);
  return rows.map((row) => String(row['sql']));
}

/** Makes them again, in their old order. */
export function restoreTriggers({ db }: Pick<Bench, 'db'>, triggers: readonly string[]): void {
  for (const sql of triggers) db.exec(sql);
}
