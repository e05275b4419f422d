import { quoteName } from '../../../sqlite/names.ts';
import type { Finding } from '../../place.ts';
import { baseOf, latestOf, originOf, type Bench } from '../bench.ts';
import { cell, cells, nameList } from '../compare.ts';
import type { View } from '../view.ts';

/**
 * Tables whose rows nothing identifies: what counts is how often a row stands there. The difference of two states is a
 * working table of row images, each with how many times it came (above 0) or went (below).
 */
export const differenceOf = (view: View): string =>
  `scratch.${quoteName(`difference:${view.table.name}`)}`;

/**
 * A row as text in SQL: every value with its type and all of its bytes, which quote() would cut at NUL. In calls of
 * few arguments, since tables have up to 2,000 columns.
 */
export function rowImage(alias: string, columns: readonly string[]): string {
  let parts = columns.map((column) => valueImage(cell(alias, column)));
  while (parts.length > 1) {
    const groups = Math.ceil(parts.length / 100);
    parts = Array.from(
      { length: groups },
      (_none, group) => `concat_ws('|', ${parts.slice(group * 100, group * 100 + 100).join(', ')})`,
    );
  }
  return parts[0] ?? `''`;
}

/** One value as text in SQL. */
export function valueImage(value: string): string {
  return `CASE typeof(${value}) WHEN 'null' THEN 'n' WHEN 'integer' THEN 'i' || ${value}
    WHEN 'real' THEN 'r' || printf('%!.17g', ${value}) ELSE substr(typeof(${value}), 1, 1) || hex(${value}) END`;
}

/** Row images of two sources side by side, with `times` how much oftener each stands in the first; equal ones left out. */
export function imagesApart(columns: readonly string[], first: string, second: string): string {
  const side = (from: string, step: string): string =>
    `SELECT ${rowImage('x', columns)} AS "backstep image", ${step} AS "backstep step", ${cells('x', columns)} FROM ${from} AS x`;
  return `SELECT "backstep image", sum("backstep step") AS "backstep times", ${nameList(columns)}
    FROM (${side(first, '1')} UNION ALL ${side(second, '-1')}) GROUP BY "backstep image" HAVING sum("backstep step") <> 0`;
}

/** Fills `differenceOf(view)` with what users did since the upgrade. */
export function findDifference({ db }: Bench, view: View): void {
  const { columns } = view;
  db.exec(
    `CREATE TABLE ${differenceOf(view)} ("backstep image" TEXT PRIMARY KEY, "backstep times" INTEGER, ${nameList(columns)})`,
  );
  db.exec(
    `INSERT INTO ${differenceOf(view)} ${imagesApart(columns, latestOf(view), originOf(view))}`,
  );
}

/** One finding for the table: without a key no row can be held against another one. */
export function surveyLoose({ db }: Bench, view: View): Finding[] {
  const rowsOf = (from: string): number => db.count(`SELECT count(*) FROM ${from}`);
  const [before, after] = [rowsOf(baseOf(view)), rowsOf(originOf(view))];
  const apart = db.count(`SELECT coalesce(sum(abs("backstep times")), 0)
    FROM (${imagesApart(view.columns, baseOf(view), originOf(view))})`);
  const place = view.table.name;
  const unseen = view.table.columns.filter(
    ({ name, isGenerated }) => !isGenerated && !view.columns.includes(name),
  );
  const none = { sameCount: 0, differentCount: 0, provenMap: null } as const;
  return [
    {
      place,
      faith: before + after === 0 ? 'unproven' : apart === 0 ? 'faithful' : 'rewritten',
      sameCount: (before + after - apart) / 2,
      differentCount: apart,
      provenMap: null,
    },
    ...unseen.map(({ name }): Finding => ({
      place: `${place}.${name}`,
      faith: 'blind',
      side: 'old',
      ...none,
    })),
  ];
}
