import { quoteName, quoteText } from '../../sqlite/names.ts';
import type { View } from '../rows/view.ts';
import { own, workOf } from './names.ts';
import type { Pair } from './pair.ts';

/**
 * Statements that set AUTOINCREMENT sequences: before's, the highest key that was carried or parked, or where now.db has
 * led it since after.db, so that none is given out again.
 */
export function sequenceStatements({
  views,
  after,
}: Pick<Pair, 'views' | 'after'>): readonly string[] {
  const led = (name: string): boolean => after.get(name)?.isAutoincrement === true;
  return views
    .filter(({ table }) => table.isAutoincrement)
    .flatMap((view) => sequenceOf(view, led(view.table.name)));
}

function sequenceOf(view: View, isLed: boolean): readonly string[] {
  const name = quoteText(view.table.name);
  const old = `(SELECT seq FROM before.sqlite_sequence WHERE name = ${name})`;
  const [was, is] = ['after', 'now'].map(
    (state) =>
      `coalesce((SELECT seq FROM ${state}.sqlite_sequence WHERE name = ${name} COLLATE NOCASE), 0)`,
  );
  const led = isLed ? `, CASE WHEN ${is} > ${was} THEN ${is} ELSE 0 END` : '';
  const highest = `max(coalesce(${old}, 0), (SELECT coalesce(max(id), 0) FROM (${idsOf(view)}))${led})`;
  return [
    `DELETE FROM main.sqlite_sequence WHERE name = ${name}`,
    `INSERT INTO main.sqlite_sequence (name, seq) SELECT ${name}, ${highest}
      WHERE ${highest} > 0 OR ${old} IS NOT NULL`,
  ];
}

/** The ids that changed; where another key tells the rows apart, all that now has. */
function idsOf(view: View): string {
  const { delta, now } = workOf(view);
  const id = quoteName(view.table.key[0] ?? '');
  if (view.key[0] === view.table.key[0]) {
    return `SELECT d.${id} AS id FROM ${delta} AS d WHERE d.${own.act} <> 'delete'`;
  }
  const isShown = view.columns.includes(view.table.key[0] ?? '');
  return isShown ? `SELECT n.${id} AS id FROM ${now} AS n` : 'SELECT 0 AS id';
}
