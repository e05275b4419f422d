import { quoteName, quoteText } from '../../sqlite/names.ts';
import { cell, cells, sameKey, valuesMatch, type Columns } from '../rows/compare.ts';
import type { View } from '../rows/view.ts';
import { defaultsOf } from './follow.ts';
import { inState, workOf } from './names.ts';
import { noteDelta } from './orphans.ts';
import { enter, isAt, liveName, missingSide, stepTrigger, type Reference } from './reference.ts';

/** No name of a user's table: subqueries of what is written see its own name beside these. */
const was = quoteName('backstep changed');
const before = quoteName('backstep was');

/**
 * A parent is still there, under another value that a user gave it, and a child names the old one: as the old release
 * would have done; where its key refuses that, the parent keeps its old value. A constraint that refuses it ends the script.
 */
export function changeTriggers(reference: Reference): readonly string[] {
  const { changed, parentView: view, parentColumns } = reference;
  const isIdentity = view === null || parentColumns.every((column) => view.key.includes(column));
  if (isIdentity) return [stepTrigger(reference, 'change', [enter('follow')])];
  const values = parentColumns.map((_column, n) => `v${n}, n${n}`);
  const isThere = `EXISTS (SELECT 1 FROM ${changed})`;
  return [
    `CREATE TEMP TABLE ${changed} (${values.join(', ')})`,
    stepTrigger(reference, 'change', [
      `DELETE FROM ${changed}`,
      `INSERT INTO ${changed} SELECT ${parentColumns.map((column) => `${cell('b', column)}, ${cell('p', column)}`).join(', ')}
        FROM ${reference.missing} AS m JOIN ${inState('before', reference.parent.name)} AS b
          ON ${valuesMatch('b', parentColumns, missingSide(reference))}
        JOIN ${inState('main', reference.parent.name)} AS p ON ${sameKey('p', 'b', view.key)}`,
      enter('follow', `NOT ${isThere}`),
      ...setChildren(reference),
      ...keepOld(reference, view),
      enter('done', isAt('change')),
    ]),
  ];
}

interface Setting {
  /** Whether the key's action can be followed. */
  readonly condition: string;
  /** One for each of the key's columns. */
  readonly values: readonly string[];
}

/** What the key declares, for a row of children by the quoted name of its table; null where it refuses the change. */
function settingOf(reference: Reference, live: string): Setting | null {
  const { key, childView, changed } = reference;
  if (childView?.key.some((column) => key.columns.includes(column)) === true) return null;
  switch (key.onUpdate) {
    case 'CASCADE': {
      const match = valuesMatch(live, key.columns, oldSide(reference));
      const values = key.columns.map(
        (_column, n) => `(SELECT ${was}.n${n} FROM ${changed} AS ${was} WHERE ${match})`,
      );
      return { condition: '1', values };
    }
    case 'SET NULL':
      return { condition: '1', values: key.columns.map(() => 'NULL') };
    case 'SET DEFAULT':
      return defaultsOf(reference);
    default:
      return null;
  }
}

/** The old values of changed parents, as a side to compare with. */
function oldSide({ key }: Reference): Columns {
  return { alias: was, columns: key.columns.map((_column, n) => `v${n}`) };
}

function setChildren(reference: Reference): readonly string[] {
  const { key, child, changed } = reference;
  const live = liveName(child);
  const setting = settingOf(reference, live);
  if (setting === null) return [];
  const isNext = `${isAt('change')} AND ${setting.condition}`;
  const which = (alias: string): string =>
    `EXISTS (SELECT 1 FROM ${changed} AS ${was} WHERE ${valuesMatch(alias, key.columns, oldSide(reference))}) AND ${isNext}`;
  const settings = key.columns.map(
    (column, n) => `${quoteName(column)} = ${setting.values[n] ?? ''}`,
  );
  return [
    ...noteDelta(reference, 'update', which('c')),
    `UPDATE ${live} SET ${settings.join(', ')} WHERE ${which(live)}`,
    enter('done', isNext),
  ];
}

/** The parents get their old values back; nobody else has these, since a child misses them. */
function keepOld(reference: Reference, view: View): readonly string[] {
  const { parent, parentColumns, changed } = reference;
  const { cells: parkedCells, delta } = workOf(view);
  const live = liveName(parent);
  const match = valuesMatch('b', parentColumns, oldSide(reference));
  const rows = `FROM ${changed} AS ${was} JOIN ${inState('before', parent.name)} AS b ON ${match}
    JOIN ${inState('main', parent.name)} AS p ON ${sameKey('p', 'b', view.key)}`;
  const settable = parentColumns.filter((column) => !view.key.includes(column));
  const settings = settable.map((column) => `${quoteName(column)} = ${cell(before, column)}`);
  return [
    ...settable.map(
      (column) => `INSERT INTO ${parkedCells}
        SELECT ${cells('p', view.key)}, ${quoteText(column)}, ${cell('p', column)}, ${cell('b', column)}, 'reference', NULL ${rows}
        WHERE ${cell('p', column)} IS NOT ${cell('b', column)} AND ${isAt('change')}`,
    ),
    `DELETE FROM ${delta} WHERE ${isAt('change')} AND EXISTS (SELECT 1 ${rows} WHERE ${sameKey('p', delta, view.key)})`,
    `INSERT INTO ${delta} SELECT 'update', ${cells('p', view.key)} ${rows} WHERE ${isAt('change')}`,
    `UPDATE ${live} SET ${settings.join(', ')} FROM ${changed} AS ${was}, ${inState('before', parent.name)} AS ${before}
      WHERE ${valuesMatch(before, parentColumns, oldSide(reference))} AND ${sameKey(before, live, view.key)} AND ${isAt('change')}`,
  ];
}
