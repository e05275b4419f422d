import { quoteName, quoteText } from '../../../sqlite/names.ts';
import type { Place } from '../../place.ts';
import type { Bench } from '../bench.ts';

/** A column of the new shape alone that says of rows who may see them, and that users have set since the upgrade. */
export interface ExposingColumn {
  readonly place: Place;
  /** Rows on which it was set: the old release shows them. */
  readonly rows: number;
  /** Rows that the table has now. */
  readonly total: number;
}

/** What such columns are called, or begin or end with. */
const words = /deleted|hidden|private|archived|tenant|expire/iu;

/**
 * Columns whose loss may show what was to be seen no longer: the old release knows nothing of a deletion that only marks a
 * row. Reads the cells that were parked because no view looks at them, of tables that the old shape has.
 */
export function exposingColumns({ db, base, latest }: Bench): ExposingColumn[] {
  const kind = 'blind cells:';
  const parked = db.texts(
    `SELECT name FROM parked.sqlite_schema WHERE type = 'table' AND name LIKE ? || '%' ORDER BY name`,
    kind,
  );
  return parked.flatMap((cells) => {
    const name = cells.slice(kind.length);
    if (!base.has(name) || !latest.has(name)) return [];
    const from = `parked.${quoteName(cells)}`;
    const columns = db.texts(`SELECT DISTINCT "backstep column" FROM ${from} ORDER BY 1`);
    const total = db.count(`SELECT count(*) FROM latest.${quoteName(name)}`);
    return columns
      .filter((column) => words.test(column))
      .map((column) => {
        const rows =
          db.count(`SELECT count(*) FROM ${from} WHERE "backstep column" = ${quoteText(column)}
          AND "backstep value" IS NOT NULL AND CAST("backstep value" AS TEXT) NOT IN ('', '0', 'false')`);
        return { place: `${name}.${column}`, rows, total };
      })
      .filter(({ rows }) => rows > 0);
  });
}
