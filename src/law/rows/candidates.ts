import { quoteName } from '../../sqlite/names.ts';
import type { Column, Table } from '../../sqlite/schema.ts';
import { affinityOf, workingColumns, type Bench } from './bench.ts';
import { cell, cells, sameKey } from './compare.ts';
import type { View } from './view.ts';

/**
 * Makes a working table of the keys under which the stored rows behind a view differ between origin and latest: no
 * other row of the view can. Null, with nothing made, where a view row may depend on more than one stored row.
 *
 * Comparing stored rows costs a tenth of comparing what a view computes from them.
 */
export function findCandidates({ db }: Bench, view: View, name: string): string | null {
  const { raw } = view;
  if (raw === null) return null;
  const candidates = `scratch.${quoteName(`${name}:${view.table.name}`)}`;
  const [latest, origin] = ['latest', 'origin'].map(
    (schema) => `${schema}.${quoteName(raw.table.name)}`,
  );
  const first = raw.key[0] ?? '';
  db.exec(`CREATE TABLE ${candidates} (${workingColumns(view, view.key)})`);
  db.exec(`INSERT INTO ${candidates} SELECT ${cells('x', raw.key)}
    FROM ${latest} AS x LEFT JOIN ${origin} AS y ON ${sameKey('y', 'x', raw.key)}
    WHERE ${cell('y', first)} IS NULL OR NOT ${sameStored('x', 'y', raw.table)}`);
  db.exec(`INSERT INTO ${candidates} SELECT ${cells('x', raw.key)}
    FROM ${origin} AS x LEFT JOIN ${latest} AS y ON ${sameKey('y', 'x', raw.key)}
    WHERE ${cell('y', first)} IS NULL`);
  return candidates;
}

/** True where two rows of one table hold the same, by value and type. */
export function sameStored(a: string, b: string, { columns }: Pick<Table, 'columns'>): string {
  const stored = columns.filter(({ isGenerated }) => !isGenerated);
  const values = (alias: string): string =>
    stored.map(({ name }) => `${cell(alias, name)} COLLATE BINARY`).join(', ');
  const loose = stored.filter(isLoose);
  const types = (alias: string): string =>
    loose.map(({ name }) => `typeof(${cell(alias, name)})`).join(', ');
  const sameValues = `(${values(a)}) IS (${values(b)})`;
  return loose.length === 0
    ? `(${sameValues})`
    : `(${sameValues} AND (${types(a)}) IS (${types(b)}))`;
}

/**
 * Values that are equal and of two types, 1 and 1.0, stand only in a column without affinity; any other makes them
 * one. (-2^63 as a real number is the exception, which no test of types is worth.)
 */
function isLoose({ type }: Column): boolean {
  return affinityOf(type) === '';
}
