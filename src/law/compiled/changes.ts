import { bodyOf, workingColumns } from '../rows/bench.ts';
import { anyOf, cell, cells, same, sameKey, sameRow } from '../rows/compare.ts';
import { isEmptied, isOverwritten, type CarryLimit } from '../rows/damage.ts';
import type { View } from '../rows/view.ts';
import { indexed } from './draw.ts';
import { inState, own, working, workOf } from './names.ts';

/** What decides about a table's changes beside its columns' rules. */
export interface ChangeTerms {
  /** Columns that make a row another thing when they differ. */
  readonly identity: readonly string[];
  readonly carryLimit: CarryLimit;
}

/** Statements that say what is done about each changed key (`Act` in `rows/delta.ts`), and what of it looks like damage. */
export function changeStatements(view: View, terms: ChangeTerms): readonly string[] {
  const { delta } = workOf(view);
  return [
    `CREATE TEMP TABLE ${delta} (${own.act} TEXT NOT NULL, ${workingColumns(view, view.key)})`,
    changedRows(view, terms),
    goneRows(view),
    indexed(view, delta),
    ...damageStatements(view, terms),
  ];
}

function changedRows(view: View, { identity }: ChangeTerms): string {
  const { delta, drawnNow, drawnAfter } = workOf(view);
  const isNew = `${cell('o', view.key[0] ?? '')} IS NULL`;
  const inBase = isInBefore(view, 'l');
  return `INSERT INTO ${delta}
    SELECT CASE WHEN ${isNew} THEN CASE WHEN ${inBase} THEN 'clash' ELSE 'insert' END
        WHEN NOT ${inBase} THEN 'insert'
        WHEN ${isAnotherThing(view, identity)} THEN 'replace' ELSE 'update' END, ${cells('l', view.key)}
    FROM ${drawnNow} AS l LEFT JOIN ${drawnAfter} AS o ON ${sameKey('o', 'l', view.key)}
    WHERE ${isNew} OR NOT ${sameRow('l', 'o', bodyOf(view))} ORDER BY ${cells('l', view.key)}`;
}

function goneRows(view: View): string {
  const { delta, drawnNow, drawnAfter } = workOf(view);
  return `INSERT INTO ${delta}
    SELECT CASE WHEN ${isInBefore(view, 'o')} THEN 'delete' ELSE 'none' END, ${cells('o', view.key)}
    FROM ${drawnAfter} AS o LEFT JOIN ${drawnNow} AS l ON ${sameKey('l', 'o', view.key)}
    WHERE ${cell('l', view.key[0] ?? '')} IS NULL`;
}

function isInBefore(view: View, alias: string): string {
  return `EXISTS (SELECT 1 FROM ${workOf(view).drawnBefore} AS b WHERE ${sameKey('b', alias, view.key)})`;
}

/** Declared identity, or a reused surrogate id: an integer key under which no other column is what it was. */
function isAnotherThing(view: View, identity: readonly string[]): string {
  const body = bodyOf(view);
  const declared = identity.map((column) => `(NOT ${same(cell('l', column), cell('o', column))})`);
  const agreements = body.map((column) => same(cell('l', column), cell('o', column)));
  const isReused =
    view.table.hasIntegerKey && body.length >= 2 ? [`(NOT ${anyOf(agreements)})`] : [];
  return anyOf([...declared, ...isReused]);
}

/** SQL that yields 1 where a kind of change is above the carry limit. */
export interface Suspected {
  readonly deleted: string;
  readonly emptied: string;
  readonly overwritten: string;
}

export function suspectedOf(view: View, { carryLimit }: ChangeTerms): Suspected {
  if (carryLimit.unattended === 'carry') return { deleted: '0', emptied: '0', overwritten: '0' };
  const ask = (kind: string): string => `(SELECT ${kind} FROM ${workOf(view).damage})`;
  return { deleted: ask('deleted'), emptied: ask('emptied'), overwritten: ask('overwritten') };
}

function damageStatements(view: View, { carryLimit }: ChangeTerms): readonly string[] {
  if (carryLimit.unattended === 'carry') return [];
  const { damage, delta, drawnAfter, drawnNow, after } = workOf(view);
  const body = bodyOf(view);
  const lost = working('lost', view.table.name);
  const isAbove = (count: string): string =>
    `${count} > ${carryLimit.rows} AND ${count} > ${carryLimit.share} * (SELECT count(*) FROM ${after})`;
  // Added up apart: SQLite takes no more than 2,000 columns into one sum.
  return [
    `CREATE TEMP TABLE ${lost} AS
      SELECT ${anyOf(body.map(isEmptied))} AS emptied, ${anyOf(body.map(isOverwritten))} AS overwritten
      FROM ${delta} AS d JOIN ${drawnAfter} AS o ON ${sameKey('o', 'd', view.key)}
        JOIN ${drawnNow} AS l ON ${sameKey('l', 'd', view.key)}
      WHERE d.${own.act} = 'update'`,
    `CREATE TEMP TABLE ${damage} AS
      SELECT ${isAbove('deleted')} AS deleted, ${isAbove('emptied')} AS emptied, ${isAbove('overwritten')} AS overwritten
      FROM (SELECT (SELECT count(*) FROM ${delta} WHERE ${own.act} = 'delete') AS deleted,
        coalesce(sum(emptied), 0) AS emptied, coalesce(sum(overwritten), 0) AS overwritten FROM ${lost})`,
  ];
}

/** Rows of the result that are named by keys of the delta. */
export function deletionStatement(view: View, acts: string): string {
  const { delta } = workOf(view);
  return `DELETE FROM ${inState('main', view.table.name)} AS t WHERE EXISTS (
    SELECT 1 FROM ${delta} AS d WHERE d.${own.act} IN (${acts}) AND ${sameKey('t', 'd', view.key)})`;
}
