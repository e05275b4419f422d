import { quoteName } from '../../../sqlite/names.ts';
import type { Place } from '../../place.ts';
import type { Bench } from '../bench.ts';
import { sameKey } from '../compare.ts';

/** A column of the new shape alone that got another value in nearly every row since the upgrade. */
export interface LazyColumn {
  readonly place: Place;
  readonly changed: number;
  /** Rows that there were right after the upgrade. */
  readonly rows: number;
}

/** Fewer rows prove nothing. */
const minRows = 10;
/** Users seldom touch all that there is; a migration that goes on while the release runs does. */
const minShare = 0.9;

/**
 * Columns that look as if the new release were still migrating, row by row, as rows are used: what it writes there may
 * be made of what stood in the old columns. Reads the cells that were parked because no view looks at them.
 */
export function lazyColumns({ db, origin }: Bench): LazyColumn[] {
  const kind = 'blind cells:';
  const parked = db.texts(
    `SELECT name FROM parked.sqlite_schema WHERE type = 'table' AND name LIKE ? || '%' ORDER BY name`,
    kind,
  );
  return parked.flatMap((cells) => {
    const table = origin.get(cells.slice(kind.length));
    if (table === undefined) return [];
    const state = `origin.${quoteName(table.name)}`;
    const rows = db.count(`SELECT count(*) FROM ${state}`);
    if (rows < minRows) return [];
    const counts = db.all(`
      SELECT "backstep column" AS "column", count(*) AS changed FROM parked.${quoteName(cells)} AS p
      WHERE EXISTS (SELECT 1 FROM ${state} AS o WHERE ${sameKey('o', 'p', table.key)})
      GROUP BY 1 HAVING count(*) >= ${minShare} * ${rows} ORDER BY 1`);
    return counts.map((count) => ({
      place: `${table.name}.${String(count['column'])}`,
      changed: Number(count['changed']),
      rows,
    }));
  });
}
