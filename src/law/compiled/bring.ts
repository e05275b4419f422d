import { storedColumnsOf, workingColumns } from '../rows/bench.ts';
import { cells, nameList, sameKey, valuesMatch } from '../rows/compare.ts';
import { newValues } from './image.ts';
import { inState, own, workOf } from './names.ts';
import { enter, isAt, liveName, missingSide, stepTrigger, type Reference } from './reference.ts';

/** Inserts the missing parents that now has, rows of the upgrade that a carried row needs; all of them or none. */
export function bringTriggers(reference: Reference): readonly string[] {
  const { parent, parentView: view, rules, brought, missing, parentColumns } = reference;
  if (view === null || rules === null) return [];
  const { now, rows, delta } = workOf(view);
  const live = liveName(parent);
  const isThere = (alias: string): string =>
    `EXISTS (SELECT 1 FROM ${inState('main', parent.name)} AS p WHERE ${sameKey('p', alias, view.key)})`;
  const isWhole = `EXISTS (SELECT 1 FROM ${brought})
    AND NOT EXISTS (SELECT 1 FROM ${brought} AS k WHERE k.${own.refused} OR NOT ${isThere('k')})`;
  return [
    `CREATE TEMP TABLE ${brought} (${own.refused}, ${workingColumns(view, view.key)})`,
    stepTrigger(reference, 'bring', [
      `DELETE FROM ${brought}`,
      `INSERT INTO ${brought} SELECT ${isThere('l')}, ${cells('l', view.key)} FROM ${missing} AS m
        JOIN ${now} AS l ON ${valuesMatch('l', parentColumns, missingSide(reference))}
        WHERE NOT EXISTS (SELECT 1 FROM ${rows} AS k WHERE ${sameKey('k', 'l', view.key)})`,
      `INSERT OR IGNORE INTO ${live} (${nameList(storedColumnsOf(view))})
        SELECT ${newValues(view, rules)} FROM ${brought} AS k JOIN ${now} AS l ON ${sameKey('l', 'k', view.key)}
        WHERE NOT EXISTS (SELECT 1 FROM ${brought} AS x WHERE x.${own.refused})`,
      enter('done', isWhole),
      `DELETE FROM ${delta} WHERE ${isAt('done')} AND EXISTS (
        SELECT 1 FROM ${brought} AS k WHERE ${sameKey('k', delta, view.key)})`,
      `INSERT INTO ${delta} SELECT 'insert', ${cells('k', view.key)} FROM ${brought} AS k
        WHERE ${isAt('done')}`,
      `DELETE FROM ${live} WHERE ${isAt('bring')}
        AND NOT EXISTS (SELECT 1 FROM ${brought} AS x WHERE x.${own.refused})
        AND EXISTS (SELECT 1 FROM ${brought} AS k WHERE ${sameKey('k', live, view.key)})`,
      enter('change', isAt('bring')),
    ]),
  ];
}
