import { quoteName, quoteText } from '../../sqlite/names.ts';
import { deltaOf, type Bench } from './bench.ts';

/** Raises AUTOINCREMENT sequences above every key that was carried or parked: none is given out again. */
export function raiseSequences(bench: Bench): void {
  for (const view of bench.views) {
    if (!view.table.isAutoincrement) continue;
    const key = quoteName(view.key[0] ?? '');
    const name = quoteText(view.table.name);
    const highest = `(SELECT coalesce(max(${key}), 0) FROM ${deltaOf(view)} WHERE act <> 'delete')`;
    const isThere = `EXISTS (SELECT 1 FROM main.sqlite_sequence WHERE name = ${name})`;
    bench.db.exec(`
      UPDATE main.sqlite_sequence SET seq = max(seq, ${highest}) WHERE name = ${name}`);
    bench.db.exec(`
      INSERT INTO main.sqlite_sequence (name, seq) SELECT ${name}, ${highest}
      WHERE ${highest} > 0 AND NOT ${isThere}`);
  }
}
