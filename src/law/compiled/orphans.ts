import { quoteName, quoteText } from '../../sqlite/names.ts';
import { cell, cells, nameList, sameKey } from '../rows/compare.ts';
import { inState, own, workOf, storedNames } from './names.ts';
import {
  enter,
  isOrphan,
  liveName,
  stepTrigger,
  unfollowedRows,
  type Reference,
} from './reference.ts';

/** The parent cannot be had: new children are parked whole, changed ones get before's reference back. */
export function orphanTriggers(reference: Reference): readonly string[] {
  const live = liveName(reference.child);
  return [
    stepTrigger(reference, 'park', [
      ...takeReferenceBack(reference),
      parkOrphans(reference, isOrphan(reference, 'c')),
      ...noteDelta(reference, 'none', isOrphan(reference, 'c')),
      `DELETE FROM ${live} WHERE ${isOrphan(reference, live)}`,
      enter('done'),
    ]),
  ];
}

function takeReferenceBack(reference: Reference): readonly string[] {
  const { child, childView: view, key } = reference;
  if (view === null) return [];
  const { delta, cells: parkedCells } = workOf(view);
  const [live, before] = [liveName(child), inState('before', child.name)];
  const isUpdated = (alias: string): string => `EXISTS (SELECT 1 FROM ${delta} AS d
    WHERE d.${own.act} = 'update' AND ${sameKey('d', alias, view.key)})`;
  // The table that is written has no alias, so that of what it was must be no name of a table.
  const was = quoteName('backstep was');
  const settings = key.columns.map((column) => `${quoteName(column)} = ${cell(was, column)}`);
  return [
    ...key.columns
      .filter((name) => !view.key.includes(name))
      .map(
        (column) => `INSERT INTO ${parkedCells}
          SELECT ${cells('c', view.key)}, ${quoteText(column)}, ${cell('c', column)}, ${cell('b', column)}, 'reference', NULL
          FROM ${inState('main', child.name)} AS c JOIN ${before} AS b ON ${sameKey('b', 'c', view.key)}
          WHERE ${isUpdated('c')} AND ${isOrphan(reference, 'c')}`,
      ),
    `UPDATE ${live} SET ${settings.join(', ')} FROM ${before} AS ${was}
      WHERE ${sameKey(was, live, view.key)} AND ${isUpdated(was)} AND ${isOrphan(reference, live)}`,
  ];
}

/** Copies children of the result (alias c) to the parked rows, before they are taken out. */
export function parkOrphans({ child, childView }: Reference, which: string): string {
  const columns = childView?.columns ?? storedNames(child);
  const into = childView === null ? unfollowedRows(child) : workOf(childView).rows;
  return `INSERT INTO ${into} (${own.act}, ${own.why}, ${nameList(columns)})
    SELECT 'insert', 'reference', ${cells('c', columns)} FROM ${inState('main', child.name)} AS c WHERE ${which}`;
}

/** Records that children of the result (alias c) are no longer as before had them. */
export function noteDelta(
  { child, childView: view }: Reference,
  act: string,
  which: string,
): readonly string[] {
  if (view === null) return [];
  const { delta } = workOf(view);
  const children = `FROM ${inState('main', child.name)} AS c WHERE ${which}`;
  return [
    `DELETE FROM ${delta} WHERE EXISTS (SELECT 1 ${children} AND ${sameKey('c', delta, view.key)})`,
    `INSERT INTO ${delta} SELECT ${quoteText(act)}, ${cells('c', view.key)} ${children}`,
  ];
}
