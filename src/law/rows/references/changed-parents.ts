import { quoteName, quoteText } from '../../../sqlite/names.ts';
import { baseOf, deltaOf, parkedCellsOf, resultOf, type Bench } from '../bench.ts';
import { cell, cells, nameList, sameKey, valuesMatch } from '../compare.ts';
import { refusalOf } from '../conflict.ts';
import {
  defaultsOf,
  missing,
  missingSide,
  noteDelta,
  viewOf,
  type Reference,
} from './reference.ts';
import type { View } from '../view.ts';

/** The values that parents had (v0, v1 …) and have now (n0, n1 …). */
const changed = 'scratch."changed parents"';

/**
 * A parent is still there, under another value that a user gave it, and a child names the old one: as the old release
 * would have done. Where its key refuses that, or a constraint does, the parent keeps its old value and the new one is
 * parked. False where no parent of a missing one is there any more.
 */
export function followChange(bench: Bench, reference: Reference): boolean {
  const view = viewOf(bench, reference.parent);
  if (view === undefined || !findChanged(bench, reference, view)) return false;
  const settings = settingsOf(bench, reference);
  if (settings === null || !setChildren(bench, reference, settings))
    keepOld(bench, reference, view);
  return true;
}

/** False where nothing was found: always, where it is the values of its key that tell which row a parent is. */
function findChanged({ db }: Bench, reference: Reference, view: View): boolean {
  const { parentColumns } = reference;
  if (parentColumns.every((column) => view.key.includes(column))) return false;
  const values = parentColumns.map(
    (column, n) => `${cell('b', column)} AS v${n}, ${cell('p', column)} AS n${n}`,
  );
  db.exec(`DROP TABLE IF EXISTS ${changed}`);
  db.exec(`CREATE TABLE ${changed} AS SELECT ${values.join(', ')}
    FROM ${missing} AS m JOIN ${baseOf(view)} AS b ON ${valuesMatch('b', parentColumns, missingSide(reference))}
    JOIN ${resultOf(view)} AS p ON ${sameKey('p', 'b', view.key)}`);
  return db.count(`SELECT count(*) FROM ${changed}`) > 0;
}

/** What the key declares, as settings of a child's row; null where it refuses the change. */
function settingsOf(bench: Bench, reference: Reference): string | null {
  const { columns, onUpdate } = reference.key;
  switch (onUpdate) {
    case 'CASCADE':
      return columns
        .map(
          (column, n) =>
            `${quoteName(column)} = (SELECT x.n${n} FROM ${changed} AS x WHERE ${isOf(reference, 'c')})`,
        )
        .join(', ');
    case 'SET NULL':
      return columns.map((column) => `${quoteName(column)} = NULL`).join(', ');
    case 'SET DEFAULT':
      return defaultsOf(bench, reference);
    default:
      return null;
  }
}

/** True where a child's row names the old value of a changed parent (alias x). */
function isOf({ key }: Reference, child: string): string {
  return valuesMatch(child, key.columns, {
    alias: 'x',
    columns: key.columns.map((_, n) => `v${n}`),
  });
}

/** False where a constraint refuses them: then nothing was set. */
function setChildren(bench: Bench, reference: Reference, settings: string): boolean {
  const { db } = bench;
  const { child } = reference;
  // What tells which row it is would change with it: such a row is another one afterwards.
  if (viewOf(bench, child)?.key.some((column) => reference.key.columns.includes(column)))
    return false;
  const which = `EXISTS (SELECT 1 FROM ${changed} AS x WHERE ${isOf(reference, 'c')})`;
  db.exec('SAVEPOINT children');
  try {
    noteDelta(bench, child, { act: 'update', which });
    db.exec(`UPDATE main.${quoteName(child.name)} AS c SET ${settings} WHERE ${which}`);
    return true;
  } catch (error) {
    refusalOf(bench, error);
    db.exec('ROLLBACK TO children');
    return false;
  } finally {
    db.exec('RELEASE children');
  }
}

/** The parents get their old values back; nobody else has these, since a child misses them. */
function keepOld(bench: Bench, reference: Reference, view: View): void {
  const { db } = bench;
  const { parentColumns } = reference;
  const side = { alias: 'x', columns: parentColumns.map((_, n) => `v${n}`) };
  const rows = `FROM ${changed} AS x JOIN ${baseOf(view)} AS b ON ${valuesMatch('b', parentColumns, side)}
    JOIN ${resultOf(view)} AS p ON ${sameKey('p', 'b', view.key)}`;
  const settable = parentColumns.filter((column) => !view.key.includes(column));
  for (const column of settable) {
    db.exec(`INSERT INTO ${parkedCellsOf(view)} (${nameList(view.key)}, "backstep column", "backstep value", "backstep kept", "backstep why")
      SELECT ${cells('p', view.key)}, ${quoteText(column)}, ${cell('p', column)}, ${cell('b', column)}, 'reference' ${rows}
        AND ${cell('p', column)} IS NOT ${cell('b', column)}`);
  }
  const settings = settable
    .map((column) => `${quoteName(column)} = ${cell('b', column)}`)
    .join(', ');
  db.exec(
    `INSERT OR REPLACE INTO ${deltaOf(view)} SELECT 'update', ${cells('p', view.key)} ${rows}`,
  );
  db.exec(`UPDATE ${resultOf(view)} AS p SET ${settings} FROM ${changed} AS x, ${baseOf(view)} AS b
    WHERE ${valuesMatch('b', parentColumns, side)} AND ${sameKey('p', 'b', view.key)}`);
}
