import { quoteName, quoteText } from '../../sqlite/names.ts';
import type { ParkReason } from '../place.ts';
import { bodyOf, storedColumnsOf, workingColumns } from '../rows/bench.ts';
import { cell, cells, nameList, same, sameKey } from '../rows/compare.ts';
import { isEmptied, isOverwritten, noSuspicion } from '../rows/damage.ts';
import { newRowValues } from '../rows/image.ts';
import type { Rules } from '../rows/rules.ts';
import type { View } from '../rows/view.ts';
import type { Suspected } from './changes.ts';
import { indexed } from './draw.ts';
import { own, workOf } from './names.ts';

export interface ImageTerms {
  readonly rules: Rules;
  readonly suspected: Suspected;
}

/**
 * Statements that draw the rows which the result will hold under the changed keys, and park every changed cell and row
 * that is not carried. JSON cells are not merged by path: where the upgrade rewrote one, the user's is parked whole.
 */
export function imageStatements(view: View, terms: ImageTerms): readonly string[] {
  const { image, cells: parkedCells, rows } = workOf(view);
  const key = workingColumns(view, view.key);
  return [
    `CREATE TEMP TABLE ${image} (${own.id} INTEGER PRIMARY KEY, ${own.act}, ${own.refused} INTEGER NOT NULL,
      ${own.rowid}, ${workingColumns(view, storedColumnsOf(view))})`,
    `CREATE TEMP TABLE ${parkedCells} (${key}, ${own.column}, ${own.value}, ${own.kept}, ${own.why}, ${own.detail})`,
    `CREATE TEMP TABLE ${rows} (${own.act}, ${own.why}, ${own.detail}, ${workingColumns(view, view.columns)})`,
    ...parkDeletions(view, terms),
    ...parkRows(view, { where: `d.${own.act} = 'clash'`, why: 'rewritten' }),
    ...drawUpdates(view, terms),
    ...drawInserts(view, terms),
    indexed(view, image),
    indexed(view, parkedCells),
    indexed(view, rows),
  ];
}

function parkDeletions(view: View, { suspected }: ImageTerms): readonly string[] {
  const { rows, delta } = workOf(view);
  const which = `${own.act} = 'delete' AND ${suspected.deleted}`;
  if (suspected.deleted === '0') return [];
  return [
    `INSERT INTO ${rows} (${own.act}, ${own.why}, ${nameList(view.key)})
      SELECT 'delete', 'damage', ${cells('d', view.key)} FROM ${delta} AS d WHERE ${which}`,
    `UPDATE ${delta} SET ${own.act} = 'none' WHERE ${which}`,
  ];
}

interface Parking {
  /** Condition over the delta (d) and the row of now (l). */
  readonly where: string;
  readonly why: ParkReason;
}

/** Parks whole rows of now; a row that they would have replaced is gone nevertheless. */
function parkRows(view: View, { where, why }: Parking): readonly string[] {
  const { rows, delta, drawnNow } = workOf(view);
  return [
    `INSERT INTO ${rows} (${own.act}, ${own.why}, ${nameList(view.columns)})
      SELECT 'insert', ${quoteText(why)}, ${cells('l', view.columns)}
      FROM ${delta} AS d JOIN ${drawnNow} AS l ON ${sameKey('l', 'd', view.key)} WHERE ${where}`,
    `UPDATE ${delta} AS d SET ${own.act} = CASE ${own.act} WHEN 'replace' THEN 'delete' ELSE 'none' END
      WHERE d.${own.act} IN ('insert', 'replace', 'clash') AND EXISTS (
        SELECT 1 FROM ${drawnNow} AS l WHERE ${sameKey('l', 'd', view.key)} AND ${where})`,
  ];
}

/** Rows that base has: each cell is base's or the user's. */
function drawUpdates(view: View, terms: ImageTerms): readonly string[] {
  const { image, delta, drawnBefore, drawnAfter, drawnNow, cells: parkedCells } = workOf(view);
  const stored = storedColumnsOf(view);
  const body = new Set(bodyOf(view));
  const rows = `FROM ${delta} AS d JOIN ${drawnBefore} AS b ON ${sameKey('b', 'd', view.key)}
      JOIN ${drawnAfter} AS o ON ${sameKey('o', 'd', view.key)}
      JOIN ${drawnNow} AS l ON ${sameKey('l', 'd', view.key)}
    WHERE d.${own.act} = 'update'`;
  const values = stored.map((column) => {
    if (!body.has(column)) return cell('b', column);
    const { isChanged, isCarried } = stateOf(column, terms);
    return `CASE WHEN ${isChanged} AND ${isCarried} THEN ${cell('l', column)} ELSE ${cell('b', column)} END`;
  });
  return [
    `INSERT INTO ${image} (${own.act}, ${own.refused}, ${own.rowid}, ${nameList(stored)})
      SELECT 'update', 0, b.${own.rowid}, ${values.join(', ')} ${rows} ORDER BY ${cells('d', view.key)}`,
    ...[...body].map((column) => {
      const { isChanged, isCarried, why } = stateOf(column, terms);
      return `INSERT INTO ${parkedCells}
        SELECT ${cells('d', view.key)}, ${quoteText(column)}, ${cell('l', column)}, ${cell('b', column)}, ${why}, NULL
        ${rows} AND ${isChanged} AND NOT ${isCarried} AND NOT ${same(cell('l', column), cell('b', column))}`;
    }),
  ];
}

/** SQL conditions over one cell of an updated row (b before, o after, l now). */
interface CellState {
  readonly isChanged: string;
  readonly isCarried: string;
  /** SQL for the reason where the cell is parked. */
  readonly why: string;
}

function stateOf(column: string, { rules, suspected }: ImageTerms): CellState {
  const [b, o, l] = [cell('b', column), cell('o', column), cell('l', column)];
  const rule = rules.of(column);
  const isDamage = `((${suspected.emptied} AND ${isEmptied(column)}) OR (${suspected.overwritten} AND ${isOverwritten(column)}))`;
  const isAllowed =
    rule.allowed === null ? '1' : `coalesce(${l} IS NULL OR ${l} IN (${rule.allowed}), 0)`;
  const isDocument = `(typeof(${l}) = 'text' AND substr(${l}, 1, 1) IN ('{', '['))`;
  const isTaken = rule.choice === 'as-is' ? `(${same(o, b)} OR NOT ${isDocument})` : same(o, b);
  return {
    isChanged: `NOT ${same(l, o)}`,
    isCarried: `(NOT ${isDamage} AND ${isAllowed} AND ${isTaken})`,
    why: `CASE WHEN ${isDamage} THEN 'damage' WHEN NOT ${isAllowed} THEN 'refused' ELSE 'rewritten' END`,
  };
}

/** Rows that base does not have: whole, or parked whole. */
function drawInserts(view: View, { rules }: ImageTerms): readonly string[] {
  const { image, delta, drawnNow, cells: parkedCells } = workOf(view);
  const isNew = `d.${own.act} IN ('insert', 'replace')`;
  const why = rules.parksNewRows();
  if (why !== null) return parkRows(view, { where: isNew, why });
  const stored = storedColumnsOf(view);
  const rows = `FROM ${delta} AS d JOIN ${drawnNow} AS l ON ${sameKey('l', 'd', view.key)} WHERE ${isNew}`;
  return [
    ...parkStrangeWords(view, rules),
    `INSERT INTO ${image} (${own.act}, ${own.refused}, ${nameList(stored)})
      SELECT d.${own.act}, 0, ${newValues(view, rules)} ${rows} ORDER BY ${cells('d', view.key)}`,
    ...rules.defaulted().map(
      (column) => `INSERT INTO ${parkedCells}
        SELECT ${cells('d', view.key)}, ${quoteText(column)}, ${cell('l', column)}, NULL, 'rewritten', NULL ${rows}`,
    ),
  ];
}

/** Values of one new row (l), in the order of the stored columns. */
export function newValues(view: View, rules: Rules): string {
  return newRowValues(view, { rules, suspicion: noSuspicion, changed: [] });
}

/** A new row with a word that the old release has never stored is parked whole. */
function parkStrangeWords(view: View, rules: Rules): readonly string[] {
  const guarded = bodyOf(view).flatMap((column) => {
    const { allowed } = rules.of(column);
    return allowed === null ? [] : [`l.${quoteName(column)} NOT IN (${allowed})`];
  });
  if (guarded.length === 0) return [];
  const where = `d.${own.act} IN ('insert', 'replace') AND (${guarded.join(' OR ')})`;
  return parkRows(view, { where, why: 'refused' });
}
