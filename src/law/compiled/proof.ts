import { quoteText } from '../../sqlite/names.ts';
import type { Table } from '../../sqlite/schema.ts';
import { bodyOf } from '../rows/bench.ts';
import { sameStored } from '../rows/candidates.ts';
import { anyOf, cell, same, sameKey } from '../rows/compare.ts';
import type { View } from '../rows/view.ts';
import { inState, own, workOf } from './names.ts';
import { requirement } from './requirement.ts';

/** Statements that fail where a row or a cell is neither as it should be nor parked. Run before data is made anew. */
export function proofStatements(view: View): readonly string[] {
  const { delta } = workOf(view);
  const [live, before] = [view.table.name, view.table.name].map((name, n) =>
    inState(n === 0 ? 'main' : 'before', name),
  );
  const isTouched = (alias: string): string =>
    `EXISTS (SELECT 1 FROM ${delta} AS d WHERE ${sameKey('d', alias, view.key)})`;
  const name = view.table.name;
  return [
    ...requirement(
      `${name}: rows that nobody changed are as before`,
      `NOT EXISTS (SELECT 1 FROM ${before} AS b LEFT JOIN ${live} AS r ON ${sameKey('r', 'b', view.key)}
        WHERE (${cell('r', view.key[0] ?? '')} IS NULL OR NOT ${sameStored('r', 'b', view.table)}) AND NOT ${isTouched('b')})
      AND NOT EXISTS (SELECT 1 FROM ${live} AS r WHERE NOT EXISTS (
        SELECT 1 FROM ${before} AS b WHERE ${sameKey('b', 'r', view.key)}) AND NOT ${isTouched('r')})`,
    ),
    ...requirement(`${name}: every changed row is carried or parked`, changedRows(view)),
    ...partsOf(bodyOf(view)).flatMap((columns) =>
      requirement(
        `${name} (${columns.join(', ')}): every changed cell is carried or parked`,
        changedCells(view, columns),
      ),
    ),
  ];
}

/** So many columns are looked at in one pass. */
const partLength = 50;

function partsOf(columns: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(columns.length / partLength) }, (_none, part) =>
    columns.slice(part * partLength, (part + 1) * partLength),
  );
}

/** Rows that only now has are in the result or parked; rows that only the upgrade's state has are not there, or parked. */
function changedRows(view: View): string {
  const { drawnNow, drawnAfter, rows } = workOf(view);
  const isIn = (table: string, alias: string): string =>
    `EXISTS (SELECT 1 FROM ${table} AS y WHERE ${sameKey('y', alias, view.key)})`;
  const live = inState('main', view.table.name);
  return `NOT EXISTS (SELECT 1 FROM ${drawnNow} AS x
      WHERE NOT ${isIn(drawnAfter, 'x')} AND NOT ${isIn(live, 'x')} AND NOT ${isIn(rows, 'x')})
    AND NOT EXISTS (SELECT 1 FROM ${drawnAfter} AS x
      WHERE NOT ${isIn(drawnNow, 'x')} AND ${isIn(live, 'x')} AND NOT ${isIn(rows, 'x')})`;
}

function changedCells(view: View, columns: readonly string[]): string {
  const { drawnNow, drawnAfter, rows, cells } = workOf(view);
  const isThere = `${cell('r', view.key[0] ?? '')} IS NOT NULL`;
  const isLost = (column: string): string => `(NOT ${same(cell('l', column), cell('o', column))}
      AND NOT (${isThere} AND ${same(cell('r', column), cell('l', column))})
      AND NOT EXISTS (SELECT 1 FROM ${cells} AS p
        WHERE ${sameKey('p', 'l', view.key)} AND p.${own.column} = ${quoteText(column)}))`;
  return `NOT EXISTS (SELECT 1 FROM ${drawnAfter} AS o JOIN ${drawnNow} AS l ON ${sameKey('l', 'o', view.key)}
      LEFT JOIN ${inState('main', view.table.name)} AS r ON ${sameKey('r', 'l', view.key)}
    WHERE ${anyOf(columns.map(isLost))}
      AND NOT EXISTS (SELECT 1 FROM ${rows} AS p WHERE ${sameKey('p', 'l', view.key)}))`;
}

/** Statements that fail where a reference dangles that did not before. */
export function danglingStatements(children: readonly Table[]): readonly string[] {
  return children.flatMap(({ name }) => {
    const danglers = (schema: string): string =>
      `(SELECT count(*) FROM pragma_foreign_key_check(${quoteText(name)}, '${schema}'))`;
    return requirement(
      `${name}: no reference dangles that did not before`,
      `${danglers('main')} <= ${danglers('before')}`,
    );
  });
}

/** Statements that fail where a file that is attached, or the result, is not sound: older shells check all of them. */
export function soundnessStatements(
  how: 'integrity_check' | 'quick_check',
  reason: string,
): readonly string[] {
  return requirement(reason, `(SELECT group_concat(${how}) FROM pragma_${how}(1)) = 'ok'`);
}
