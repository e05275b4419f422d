import { quoteName } from '../../sqlite/names.ts';
import { bodyOf, storedColumnsOf, workingColumns } from '../rows/bench.ts';
import { sameStored } from '../rows/candidates.ts';
import { cell, cells, nameList, sameKey, sameRow } from '../rows/compare.ts';
import { exactKey, isUnique } from '../rows/delta.ts';
import { rowidAliasOf } from '../rows/image.ts';
import type { View } from '../rows/view.ts';
import { inState, own, working, workOf } from './names.ts';
import { requirement } from './requirement.ts';

/** Statements that find the keys under which `now` differs from `after`, and what the three states hold there. */
export function drawStatements(view: View): readonly string[] {
  const work = workOf(view);
  return [
    `CREATE TEMP VIEW ${work.after} AS ${view.selectFrom('after')}`,
    `CREATE TEMP VIEW ${work.now} AS ${view.selectFrom('now')}`,
    ...keyRequirements(view),
    `CREATE TEMP TABLE ${work.keys} (${workingColumns(view, view.key)})`,
    ...candidates(view),
    ...draw(view, { into: work.drawnNow, from: work.now }),
    ...draw(view, { into: work.drawnAfter, from: work.after }),
    ...drawBefore(view),
    ...sameTypes(view),
  ];
}

function keyRequirements(view: View): readonly string[] {
  if (view.raw !== null && isUnique(view.raw)) return [];
  const { after, now } = workOf(view);
  const nulls = view.key.map((column) => `${quoteName(column)} IS NULL`).join(' OR ');
  return [after, now].flatMap((name, n) =>
    requirement(
      `${view.table.name}: each row ${n === 0 ? 'right after the upgrade' : 'of now'} has a key of its own`,
      `NOT EXISTS (SELECT 1 FROM ${name} WHERE ${nulls})
       AND NOT EXISTS (SELECT 1 FROM ${name} GROUP BY ${exactKey(view)} HAVING count(*) > 1)`,
    ),
  );
}

/** Stored rows are compared where each row of the view is made from one of them, else the view's. */
function candidates(view: View): readonly string[] {
  const { raw } = view;
  const work = workOf(view);
  const side = {
    after: raw === null ? work.after : inState('after', raw.table.name),
    now: raw === null ? work.now : inState('now', raw.table.name),
    key: raw === null ? view.key : raw.key,
    isSame: raw === null ? sameRow('x', 'y', bodyOf(view)) : sameStored('x', 'y', raw.table),
  };
  const isAlone = `${cell('y', side.key[0] ?? '')} IS NULL`;
  return [
    `INSERT INTO ${work.keys} SELECT ${cells('x', side.key)} FROM ${side.now} AS x
      LEFT JOIN ${side.after} AS y ON ${sameKey('y', 'x', side.key)} WHERE ${isAlone} OR NOT ${side.isSame}`,
    `INSERT INTO ${work.keys} SELECT ${cells('x', side.key)} FROM ${side.after} AS x
      LEFT JOIN ${side.now} AS y ON ${sameKey('y', 'x', side.key)} WHERE ${isAlone}`,
  ];
}

interface Drawing {
  readonly into: string;
  readonly from: string;
}

function draw(view: View, { into, from }: Drawing): readonly string[] {
  const { keys } = workOf(view);
  // CROSS JOIN has SQLite begin with the keys.
  return [
    `CREATE TEMP TABLE ${into} (${workingColumns(view, view.columns)})`,
    `INSERT INTO ${into} (${nameList(view.columns)}) SELECT ${cells('x', view.columns)}
      FROM ${keys} AS k CROSS JOIN ${from} AS x ON ${sameKey('x', 'k', view.key)}`,
    indexed(view, into),
  ];
}

/** Whole rows of the old shape, and where each stood. */
function drawBefore(view: View): readonly string[] {
  const { keys, drawnBefore } = workOf(view);
  const stored = storedColumnsOf(view);
  const rowid = rowidAliasOf(view);
  return [
    `CREATE TEMP TABLE ${drawnBefore} (${own.rowid}, ${workingColumns(view, stored)})`,
    `INSERT INTO ${drawnBefore} SELECT ${rowid === null ? 'NULL' : `x.${rowid}`}, ${cells('x', stored)}
      FROM ${keys} AS k CROSS JOIN ${inState('before', view.table.name)} AS x ON ${sameKey('x', 'k', view.key)}`,
    indexed(view, drawnBefore),
  ];
}

/** An index by key of a working table. */
export function indexed(view: View, table: string): string {
  return `CREATE INDEX temp.${working('key of', table)} ON ${table} (${nameList(view.key)})`;
}

/** A key must be of the type that the old table stores. */
function sameTypes(view: View): readonly string[] {
  if (view.key.every((column) => view.plainColumns.has(column))) return [];
  const { keys, drawnNow, drawnAfter } = workOf(view);
  const isIn = (name: string): string =>
    `EXISTS (SELECT 1 FROM ${name} AS x WHERE ${sameKey('x', 'k', view.key)})`;
  return requirement(
    `${view.table.name}: keys are of the type that the old table stores`,
    `NOT EXISTS (SELECT 1 FROM ${keys} AS k WHERE NOT ${isIn(drawnNow)} AND NOT ${isIn(drawnAfter)})`,
  );
}
