import { quoteName, quoteText } from '../../sqlite/names.ts';
import type { Table } from '../../sqlite/schema.ts';
import { deltaOf, latestOf, type Bench } from './bench.ts';
import type { View } from './view.ts';

/**
 * Raises AUTOINCREMENT sequences above every key that was carried or parked, and to where `latest` has led them since
 * `origin`: none is given out again, not even one whose row came and went, or was parked by the pair before.
 */
export function raiseSequences(bench: Bench): void {
  for (const view of bench.views) {
    const home = view.split === null ? view.table : view.split.home;
    if (home?.isAutoincrement === true) raiseSequence(bench, view, home);
  }
}

function raiseSequence(bench: Bench, view: View, home: Table): void {
  const { db } = bench;
  const highest = `(SELECT coalesce(max(id), 0) FROM (${idsOf(view)} UNION ALL ${ledTo(bench, home)}))`;
  const name = quoteText(home.name);
  const isThere = `EXISTS (SELECT 1 FROM main.sqlite_sequence WHERE name = ${name})`;
  db.exec(`UPDATE main.sqlite_sequence SET seq = max(seq, ${highest}) WHERE name = ${name}`);
  db.exec(`
    INSERT INTO main.sqlite_sequence (name, seq) SELECT ${name}, ${highest}
    WHERE ${highest} > 0 AND NOT ${isThere}`);
}

/** The sequence of the table of that name, where it was raised since `origin`. */
function ledTo({ origin, latest }: Bench, { name }: Table): string {
  const [then, now] = [origin.get(name), latest.get(name)];
  if (then?.isAutoincrement !== true || now?.isAutoincrement !== true) return 'SELECT 0';
  const [was, is] = ['origin', 'latest'].map(
    (state) =>
      `coalesce((SELECT seq FROM ${state}.sqlite_sequence WHERE name = ${quoteText(name)} COLLATE NOCASE), 0)`,
  );
  return `SELECT iif(${is} > ${was}, ${is}, 0)`;
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
