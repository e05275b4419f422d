import { quoteName, quoteText } from '../../sqlite/names.ts';
import type { Table } from '../../sqlite/schema.ts';
import { deltaOf, latestOf, type Bench } from './bench.ts';
import type { View } from './view.ts';

/** Raises AUTOINCREMENT sequences above every key that was carried or parked: none is given out again. */
export function raiseSequences(bench: Bench): void {
  for (const view of bench.views) {
    const home = view.split === null ? view.table : view.split.home;
    if (home?.isAutoincrement === true) raiseSequence(bench, view, home);
  }
}

function raiseSequence({ db }: Bench, view: View, home: Table): void {
  const highest = `(SELECT coalesce(max(id), 0) FROM (${idsOf(view)}))`;
  const name = quoteText(home.name);
  const isThere = `EXISTS (SELECT 1 FROM main.sqlite_sequence WHERE name = ${name})`;
  db.exec(`UPDATE main.sqlite_sequence SET seq = max(seq, ${highest}) WHERE name = ${name}`);
  db.exec(`
    INSERT INTO main.sqlite_sequence (name, seq) SELECT ${name}, ${highest}
    WHERE ${highest} > 0 AND NOT ${isThere}`);
}

/** The ids that changed; where another key tells the rows apart, all that latest has. */
function idsOf(view: View): string {
  const id = quoteName(view.table.key[0] ?? '');
  if (view.key[0] === view.table.key[0]) {
    return `SELECT ${id} AS id FROM ${deltaOf(view)} WHERE "backstep act" <> 'delete'`;
  }
  const isShown = view.columns.includes(view.table.key[0] ?? '');
  return isShown ? `SELECT ${id} AS id FROM ${latestOf(view)}` : 'SELECT 0 AS id';
}
