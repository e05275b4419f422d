import { quoteName } from '../../../sqlite/names.ts';
import type { ForeignKey, Table } from '../../../sqlite/schema.ts';
import { deltaOf, type Bench } from '../bench.ts';
import { cells, type Columns } from '../compare.ts';
import type { View } from '../view.ts';

/** One foreign key of the wanted shape. */
export interface Reference {
  readonly child: Table;
  readonly parent: Table;
  readonly key: ForeignKey;
  readonly parentColumns: readonly string[];
}

/** The values v0, v1 … that children name and no parent has. */
export const missing = 'scratch."missing parents"';

/** The values of the table of missing parents, as a side to compare with. */
export function missingSide(reference: Reference): Columns {
  return { alias: 'm', columns: reference.key.columns.map((_, n) => `v${n}`) };
}

/** Null where a table is not followed row by row. */
export function viewOf(bench: Bench, table: Table): View | undefined {
  return bench.views.find((view) => view.split === null && view.table.name === table.name);
}

/** Records that rows of the result (alias c) are no longer as base had them. */
export function noteDelta(
  bench: Bench,
  table: Table,
  note: { readonly act: string; readonly which: string },
): void {
  const view = viewOf(bench, table);
  if (view === undefined) return;
  bench.db.exec(`INSERT OR REPLACE INTO ${deltaOf(view)}
    SELECT '${note.act}', ${cells('c', view.key)} FROM main.${quoteName(table.name)} AS c WHERE ${note.which}`);
}

/** Settings that give a child its declared defaults, null where no such parent is there. */
export function defaultsOf(
  { db }: Bench,
  { child, parent, key, parentColumns }: Reference,
): string | null {
  const values = key.columns.map(
    (column) => child.columns.find(({ name }) => name === column)?.defaultSql ?? 'NULL',
  );
  const isParent = parentColumns
    .map((column, n) => `p.${quoteName(column)} = (${values[n] ?? 'NULL'})`)
    .join(' AND ');
  const isFree = values.map((value) => `(${value}) IS NULL`).join(' OR ');
  const isThere = db.count(
    `SELECT ${isFree} OR EXISTS (SELECT 1 FROM main.${quoteName(parent.name)} AS p WHERE ${isParent})`,
  );
  if (isThere === 0) return null;
  return key.columns.map((column, n) => `${quoteName(column)} = ${values[n] ?? 'NULL'}`).join(', ');
}
