import { quoteName } from '../../sqlite/names.ts';
import { cell, cells, nameList, sameKey, valuesMatch } from '../rows/compare.ts';
import { inState, own, workOf, storedNames } from './names.ts';
import { noteDelta, parkOrphans } from './orphans.ts';
import {
  enter,
  isAt,
  isOrphan,
  liveName,
  missingSide,
  stepTrigger,
  wasThere,
  type Reference,
} from './reference.ts';

/** The user deleted the parent, children that only the old release knows remain: as it would have done. */
export function followTriggers(reference: Reference): readonly string[] {
  const action = actionOf(reference);
  return [
    stepTrigger(reference, 'follow', [
      enter(
        'park',
        `NOT EXISTS (SELECT 1 FROM ${reference.missing} AS m WHERE ${wasThere(reference)})`,
      ),
      ...(action === null ? [] : [enter('act', `${isAt('follow')} AND ${action.condition}`)]),
      enter('reinstate', isAt('follow')),
    ]),
    ...(action === null
      ? []
      : [stepTrigger(reference, 'act', [...action.statements, enter('done')])]),
    stepTrigger(reference, 'reinstate', [...reinstate(reference), enter('done')]),
  ];
}

interface Action {
  readonly condition: string;
  readonly statements: readonly string[];
}

/** What the foreign key declares; null where it refuses the deletion. */
function actionOf(reference: Reference): Action | null {
  const { child, key } = reference;
  const which = (alias: string): string => isOrphan(reference, alias, wasThere(reference));
  const live = liveName(child);
  switch (key.onDelete) {
    case 'CASCADE':
      return {
        condition: '1',
        statements: [
          parkOrphans(reference, which('c')),
          ...noteDelta(reference, 'delete', which('c')),
          `DELETE FROM ${live} WHERE ${which(live)}`,
        ],
      };
    case 'SET NULL':
      return settingAction(reference, {
        condition: '1',
        values: key.columns.map(() => 'NULL'),
        which,
      });
    case 'SET DEFAULT':
      return settingAction(reference, { ...defaultsOf(reference), which });
    default:
      return null;
  }
}

interface Setting {
  readonly condition: string;
  readonly values: readonly string[];
  /** Which rows, by their table's name or alias. */
  readonly which: (alias: string) => string;
}

function settingAction(reference: Reference, { condition, values, which }: Setting): Action {
  const live = liveName(reference.child);
  const settings = reference.key.columns.map(
    (column, n) => `${quoteName(column)} = ${values[n] ?? 'NULL'}`,
  );
  return {
    condition,
    statements: [
      ...noteDelta(reference, 'update', which('c')),
      `UPDATE ${live} SET ${settings.join(', ')} WHERE ${which(live)}`,
    ],
  };
}

/** A child's declared defaults, where they are nothing or such a parent is there. */
export function defaultsOf({
  child,
  parent,
  key,
  parentColumns,
}: Reference): Omit<Setting, 'which'> {
  const values = key.columns.map(
    (column) => child.columns.find(({ name }) => name === column)?.defaultSql ?? 'NULL',
  );
  const isParent = parentColumns
    .map((column, n) => `${cell('p', column)} = (${values[n] ?? 'NULL'})`)
    .join(' AND ');
  const isFree = values.map((value) => `(${value}) IS NULL`).join(' OR ');
  const condition = `(${isFree} OR EXISTS (SELECT 1 FROM ${inState('main', parent.name)} AS p WHERE ${isParent}))`;
  return { condition, values };
}

/** Takes a deletion back and parks it, because a row that stays references what was deleted. */
function reinstate(reference: Reference): readonly string[] {
  const { parent, parentView, parentColumns, missing } = reference;
  const names = storedNames(parent);
  const rows = `FROM ${inState('before', parent.name)} AS b WHERE EXISTS (SELECT 1 FROM ${missing} AS m
    WHERE ${valuesMatch('b', parentColumns, missingSide(reference))})`;
  const insert = `INSERT INTO ${liveName(parent)} (${nameList(names)}) SELECT ${cells('b', names)} ${rows}`;
  if (parentView === null) return [insert];
  const { rows: parkedRows, delta } = workOf(parentView);
  const key = cells('b', parentView.key);
  return [
    insert,
    `INSERT INTO ${parkedRows} (${own.act}, ${own.why}, ${nameList(parentView.key)})
      SELECT 'delete', 'reference', ${key} ${rows}`,
    `DELETE FROM ${delta} WHERE EXISTS (SELECT 1 ${rows} AND ${sameKey('b', delta, parentView.key)})`,
    `INSERT INTO ${delta} SELECT 'none', ${key} ${rows}`,
  ];
}
