import { quoteText } from '../../sqlite/names.ts';
import type { Table } from '../../sqlite/schema.ts';
import { cell, nameList, valuesMatch } from '../rows/compare.ts';
import type { Rules } from '../rows/rules.ts';
import type { View } from '../rows/view.ts';
import { bringTriggers } from './bring.ts';
import { changeTriggers } from './change.ts';
import { followTriggers } from './follow.ts';
import { inState, own, working, storedNames } from './names.ts';
import { orphanTriggers } from './orphans.ts';
import type { Pair } from './pair.ts';
import { numbersTo } from './place.ts';
import { mending, stages, stepTrigger, unfollowedRows, type Reference } from './reference.ts';
import { requirement } from './requirement.ts';

/** Each round mends every dangling reference by one link of its chain. */
const maxRounds = 10_000;

const rounds = working('mending rounds');

/**
 * Statements that mend references which point nowhere in the result and did not before: the parent is brought from now
 * or, where its deletion or another value of it was carried but a child remains, that follows the declared action; else
 * the child is parked. As `rows/references.ts`, by triggers: a row in the table of rounds has every reference take its steps.
 */
export function referenceStatements(pair: Pair, rulesOf: (view: View) => Rules): readonly string[] {
  const references = referencesOf(pair, rulesOf);
  if (references.length === 0) return [];
  const asked = references.flatMap(({ steps }) =>
    stages.map((stage) => `INSERT INTO ${steps} VALUES (${quoteText(stage)})`),
  );
  return [
    ...unfollowedChildren(pair).map(
      (child) =>
        `CREATE TEMP TABLE ${unfollowedRows(child)} (${own.act}, ${own.why}, ${own.detail}, ${nameList(storedNames(child))})`,
    ),
    `CREATE TEMP TABLE ${mending} (stage TEXT, is_open INTEGER)`,
    `INSERT INTO ${mending} VALUES ('done', 1)`,
    ...references.flatMap(triggersOf),
    `CREATE TEMP TABLE ${rounds} (n)`,
    `CREATE TEMP TRIGGER ${working('mending round')} AFTER INSERT ON ${rounds}
      WHEN (SELECT is_open FROM ${mending}) = 1 BEGIN\nUPDATE ${mending} SET is_open = 0;\n${asked.join(';\n')};\nEND`,
    `INSERT INTO ${rounds} ${numbersTo(maxRounds)}`,
    ...requirement('every reference is mended', `(SELECT is_open FROM ${mending}) = 0`),
  ];
}

function referencesOf(
  { before, views }: Pair,
  rulesOf: (view: View) => Rules,
): readonly Reference[] {
  const viewOf = (table: Table): View | null =>
    views.find((view) => view.table.name === table.name) ?? null;
  return [...before.values()].flatMap((child) =>
    child.foreignKeys.flatMap((key, n): Reference[] => {
      const parent = before.get(key.parent);
      if (parent === undefined) return [];
      const name = `${child.name} ${n}`;
      const parentView = viewOf(parent);
      return [
        {
          child,
          parent,
          key,
          parentColumns: key.parentColumns.length > 0 ? key.parentColumns : parent.key,
          childView: viewOf(child),
          parentView,
          rules: parentView === null ? null : rulesOf(parentView),
          steps: working('steps', name),
          missing: working('missing parents', name),
          brought: working('brought', name),
          changed: working('changed parents', name),
        },
      ];
    }),
  );
}

/** Tables with references that are not followed row by row: those without a key, and those that stand as before. */
export function unfollowedChildren({ before, views }: Pair): readonly Table[] {
  const isFollowed = new Set(views.map(({ table }) => table.name));
  return [...before.values()].filter(
    ({ name, foreignKeys }) =>
      !isFollowed.has(name) && foreignKeys.some(({ parent }) => before.has(parent)),
  );
}

function triggersOf(reference: Reference): readonly string[] {
  const { steps, missing, key, parentView, rules } = reference;
  const values = key.columns.map((_column, n) => `v${n}`).join(', ');
  const canBring = parentView !== null && rules?.parksNewRows() === null;
  return [
    `CREATE TEMP TABLE ${steps} (step TEXT)`,
    `CREATE TEMP TABLE ${missing} (${values})`,
    stepTrigger(reference, 'find', [
      `DELETE FROM ${missing}`,
      findMissing(reference),
      `UPDATE ${mending} SET is_open = 1 WHERE EXISTS (SELECT 1 FROM ${missing})`,
      `UPDATE ${mending} SET stage = iif(EXISTS (SELECT 1 FROM ${missing}), '${canBring ? 'bring' : 'change'}', 'done')`,
    ]),
    ...(canBring ? bringTriggers(reference) : []),
    ...changeTriggers(reference),
    ...followTriggers(reference),
    ...orphanTriggers(reference),
  ];
}

/** The parent keys that children name and nobody holds, before's own danglers left out. */
function findMissing({ child, parent, key, parentColumns, missing }: Reference): string {
  const { columns } = key;
  const side = { alias: 'c', columns };
  const isSet = columns.map((column) => `${cell('c', column)} IS NOT NULL`).join(' AND ');
  return `INSERT INTO ${missing} SELECT DISTINCT ${columns.map((column) => cell('c', column)).join(', ')}
    FROM ${inState('main', child.name)} AS c
    WHERE ${isSet} AND NOT EXISTS (SELECT 1 FROM ${inState('main', parent.name)} AS p WHERE ${valuesMatch('p', parentColumns, side)})
      AND NOT (EXISTS (SELECT 1 FROM ${inState('before', child.name)} AS bc WHERE ${valuesMatch('bc', columns, side)})
        AND NOT EXISTS (SELECT 1 FROM ${inState('before', parent.name)} AS bp WHERE ${valuesMatch('bp', parentColumns, side)}))`;
}
