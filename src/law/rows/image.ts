import { quoteName, quoteText } from '../../sqlite/names.ts';
import type { ParkReason } from '../place.ts';
import {
  bodyOf,
  changedBaseOf,
  changedLatestOf,
  changedOriginOf,
  deltaOf,
  imageOf,
  mergedOf,
  parkedCellsOf,
  parkedRowsOf,
  resultOf,
  storedColumnsOf,
  workingColumns,
  type Bench,
} from './bench.ts';
import { cell, cells, inParts, isJson, nameList, same, sameKey } from './compare.ts';
import { imageColumns } from './delta.ts';
import { isEmptied, isOverwritten, type Suspicion } from './damage.ts';
import { mergeFunction } from './documents.ts';
import type { Rules } from './rules.ts';
import type { View } from './view.ts';

/** What an image needs to know beyond the view. */
export interface ImagePlan {
  readonly rules: Rules;
  readonly suspicion: Suspicion;
  /** Columns of which some updated row changed a cell. */
  readonly changed: readonly string[];
}

/**
 * Fills `scratch."image:T"` with the rows that the result will hold under the changed keys, and parks
 * every changed cell and row that is not carried. Of a row that base has, the image of a table holds the key and the columns that changed.
 */
export function drawImages(bench: Bench, view: View, plan: ImagePlan): void {
  bench.db.exec(`CREATE TABLE ${imageOf(view)} (${imageColumns(view)})`);
  parkDeletions(bench, view, plan);
  parkClashes(bench, view);
  drawUpdates(bench, view, plan);
  drawInserts(bench, view, plan);
}

/** Takes rows of base anew from the result, which is base still but for rows that got another id. */
export function redrawBase({ db }: Bench, view: View): void {
  const base = changedBaseOf(view);
  const columns = db.columnsOf(`SELECT * FROM ${base}`);
  db.exec(`DELETE FROM ${base}`);
  db.exec(`INSERT INTO ${base} SELECT ${cells('b', columns)}
    FROM ${deltaOf(view)} AS d CROSS JOIN ${resultOf(view)} AS b ON ${sameKey('b', 'd', view.key)}`);
}

/** Makes the tables that a view's parked cells and rows go into. */
export function makeParkedTables({ db }: Bench, view: View): void {
  const key = workingColumns(view, view.key);
  db.exec(`CREATE TABLE ${mergedOf(view)} (${key}, "backstep column")`);
  db.exec(
    `CREATE TABLE ${parkedCellsOf(view)} (${key}, "backstep column", "backstep value", "backstep kept", "backstep why", "backstep detail")`,
  );
  db.exec(
    `CREATE TABLE ${parkedRowsOf(view)} ("backstep act", "backstep why", "backstep detail", ${workingColumns(view, view.columns)})`,
  );
}

/** Indexes them by key, once most of what goes into them is there. */
export function indexParkedTables({ db }: Bench, view: View): void {
  const key = nameList(view.key);
  for (const [schema, kind, columns] of [
    ['parked', 'cells', `${key}, "backstep column"`],
    ['parked', 'rows', key],
    ['scratch', 'merged', `${key}, "backstep column"`],
    ['scratch', 'image', key],
  ] as const) {
    const name = `${kind}:${view.table.name}`;
    db.exec(
      `CREATE INDEX ${schema}.${quoteName(`key of ${name}`)} ON ${quoteName(name)} (${columns})`,
    );
  }
}

function parkDeletions(bench: Bench, view: View, plan: ImagePlan): void {
  if (!plan.suspicion.deleted) return;
  bench.db.exec(`
    INSERT INTO ${parkedRowsOf(view)} ("backstep act", "backstep why", ${nameList(view.key)})
    SELECT 'delete', 'damage', ${nameList(view.key)} FROM ${deltaOf(view)} WHERE "backstep act" = 'delete'`);
  bench.db.exec(
    `UPDATE ${deltaOf(view)} SET "backstep act" = 'none' WHERE "backstep act" = 'delete'`,
  );
}

function parkClashes(bench: Bench, view: View): void {
  parkRows(bench, view, { where: `d."backstep act" = 'clash'`, why: 'rewritten' });
  bench.db.exec(
    `UPDATE ${deltaOf(view)} SET "backstep act" = 'none' WHERE "backstep act" = 'clash'`,
  );
}

interface Parking {
  readonly where: string;
  readonly why: ParkReason;
}

/** Parks whole rows of `latest`, named by their keys in the delta (alias d). */
function parkRows(bench: Bench, view: View, parking: Parking): void {
  bench.db.exec(`
    INSERT INTO ${parkedRowsOf(view)} ("backstep act", "backstep why", ${nameList(view.columns)})
    SELECT 'insert', '${parking.why}', ${cells('l', view.columns)}
    FROM ${deltaOf(view)} AS d JOIN ${changedLatestOf(view)} AS l ON ${sameKey('l', 'd', view.key)}
    WHERE ${parking.where}`);
}

/** Rows that base has: each changed cell is base's, the user's, or the two merged. */
function drawUpdates(bench: Bench, view: View, plan: ImagePlan): void {
  if (plan.changed.length === 0 && view.split === null) return;
  const rows = `
    FROM ${deltaOf(view)} AS d
      JOIN ${changedBaseOf(view)} AS b ON ${sameKey('b', 'd', view.key)}
      JOIN ${changedOriginOf(view)} AS o ON ${sameKey('o', 'd', view.key)}
      JOIN ${changedLatestOf(view)} AS l ON ${sameKey('l', 'd', view.key)}
    WHERE d."backstep act" = 'update'`;
  const drawn = view.split === null ? [...view.key, ...plan.changed] : storedColumnsOf(view);
  const values = drawn.map((column) =>
    plan.changed.includes(column) ? updatedCell(bench, view, { column, plan }) : cell('b', column),
  );
  bench.db.exec(`INSERT INTO ${imageOf(view)} ("backstep act", ${nameList(drawn)})
    SELECT 'update', ${values.join(', ')} ${rows}`);
  const suspects = bench.direction === 'forth' ? plan.changed : notTaken(bench, view, plan);
  for (const column of suspects) listCells(bench, view, { column, plan, rows });
}

/** Changed columns in which some image holds another value than latest: only there something was parked or merged. */
function notTaken({ db }: Bench, view: View, { changed }: ImagePlan): readonly string[] {
  return inParts(changed).flatMap((columns) => {
    const flags = columns.map(
      (column, n) => `max(NOT ${same(cell('i', column), cell('l', column))}) AS c${n}`,
    );
    const found = db.all(`SELECT ${flags.join(', ')} FROM ${imageOf(view)} AS i
      JOIN ${changedLatestOf(view)} AS l ON ${sameKey('l', 'i', view.key)} WHERE i."backstep act" = 'update'`)[0];
    return columns.filter((_column, n) => found?.[`c${n}`] === 1);
  });
}

interface CellList extends CellPlan {
  /** The updated rows, from FROM on. */
  readonly rows: string;
}

/**
 * Parks a column's changed cells that are not carried, and notes those that are merged. A cell that was changed into what
 * base has is in its place, whatever holds for it.
 */
function listCells(bench: Bench, view: View, { column, plan, rows }: CellList): void {
  const { db } = bench;
  const state = stateOf(bench, { column, plan });
  const [l, b, key] = [cell('l', column), cell('b', column), nameList(view.key)];
  const isApart = `${state.isChanged} AND NOT ${same(l, b)}`;
  const isParked = `${isApart} AND NOT ${state.isCarried} AND NOT ${state.isMerged}`;
  const isStale = `${isApart} AND ${state.isCarried} AND NOT ${state.isFaithful}`;
  const isMerged = `${state.isChanged} AND ${state.isMerged}`;
  const found = db.all(
    `SELECT max(${isParked}) AS parked, max(${isStale}) AS stale, max(${isMerged}) AS merged ${rows}`,
  )[0];
  const into = `INSERT INTO ${parkedCellsOf(view)} (${key}, "backstep column", "backstep value", "backstep kept", "backstep why")
    SELECT ${cells('d', view.key)}, ${quoteText(column)}`;
  if (found?.['parked'] === 1) db.exec(`${into}, ${l}, ${b}, ${state.why} ${rows} AND ${isParked}`);
  if (found?.['stale'] === 1 && bench.direction === 'forth') {
    db.exec(`${into}, ${b}, ${l}, 'stale' ${rows} AND ${isStale}`);
  }
  if (found?.['merged'] === 1) {
    db.exec(`INSERT INTO ${mergedOf(view)} SELECT ${cells('d', view.key)}, ${quoteText(column)}
      ${rows} AND ${isMerged}`);
  }
}

interface CellPlan {
  readonly column: string;
  readonly plan: ImagePlan;
}

/** SQL conditions over one cell of an updated row (b base, o origin, l latest). */
interface CellState {
  readonly isChanged: string;
  readonly isFaithful: string;
  readonly isCarried: string;
  readonly isMerged: string;
  /** SQL for the reason where the cell is parked. */
  readonly why: string;
}

function stateOf(bench: Bench, { column, plan }: CellPlan): CellState {
  const [b, o, l] = [cell('b', column), cell('o', column), cell('l', column)];
  const rule = plan.rules.of(column);
  const isDamage = damaged(column, plan.suspicion);
  const isAllowed = rule.allowed === null ? '1' : `(${l} IS NULL OR ${l} IN (${rule.allowed}))`;
  const isFaithful = same(o, b);
  const takesAll = bench.direction === 'forth' || rule.choice === 'as-is';
  const isJsonCell = `(${isJson(b)} AND ${isJson(o)} AND ${isJson(l)})`;
  return {
    isChanged: `NOT ${same(l, o)}`,
    isFaithful,
    isMerged: `(NOT ${isDamage} AND NOT ${isFaithful} AND ${isJsonCell})`,
    isCarried: `(NOT ${isDamage} AND ${isAllowed} AND ${takesAll ? '1' : isFaithful} AND ${takesAll ? `(${isFaithful} OR NOT ${isJsonCell})` : '1'})`,
    why: `CASE WHEN ${isDamage} THEN 'damage' WHEN NOT ${isAllowed} THEN 'refused' ELSE 'rewritten' END`,
  };
}

function damaged(column: string, suspicion: Suspicion): string {
  const tests = [
    ...(suspicion.emptied ? [isEmptied(column)] : []),
    ...(suspicion.overwritten ? [isOverwritten(column)] : []),
  ];
  return tests.length === 0 ? '0' : `(${tests.join(' OR ')})`;
}

function updatedCell(bench: Bench, view: View, cellPlan: CellPlan): string {
  const { column } = cellPlan;
  const state = stateOf(bench, cellPlan);
  const [b, o, l] = [cell('b', column), cell('o', column), cell('l', column)];
  const key = view.key.map((name) => `quote(${cell('d', name)})`).join(` || ', ' || `);
  const place = quoteText(`${view.table.name}.${column}`);
  return `CASE WHEN NOT ${state.isChanged} THEN ${b}
    WHEN ${state.isMerged} THEN ${mergeFunction}(${b}, ${o}, ${l}, ${place}, ${key})
    WHEN ${state.isCarried} THEN ${l} ELSE ${b} END`;
}

/** Rows that base does not have: whole, or parked whole. */
function drawInserts(bench: Bench, view: View, plan: ImagePlan): void {
  const { db } = bench;
  const parkReason = plan.rules.parksNewRows();
  if (parkReason !== null) {
    parkRows(bench, view, { where: `d."backstep act" IN ('insert', 'replace')`, why: parkReason });
    db.exec(`UPDATE ${deltaOf(view)} SET "backstep act" = CASE "backstep act" WHEN 'replace' THEN 'delete' ELSE 'none' END
      WHERE "backstep act" IN ('insert', 'replace')`);
    return;
  }
  parkUnmappedWords(bench, view, plan);
  db.exec(`
    INSERT INTO ${imageOf(view)} SELECT d."backstep act", NULL, ${newRowValues(view, plan)}
    FROM ${deltaOf(view)} AS d JOIN ${changedLatestOf(view)} AS l ON ${sameKey('l', 'd', view.key)}
    WHERE d."backstep act" IN ('insert', 'replace')`);
  for (const column of plan.rules.defaulted()) {
    db.exec(`
      INSERT INTO ${parkedCellsOf(view)} (${nameList(view.key)}, "backstep column", "backstep value", "backstep kept", "backstep why")
      SELECT ${cells('d', view.key)}, ${quoteText(column)}, ${cell('l', column)}, NULL, 'rewritten'
      FROM ${deltaOf(view)} AS d JOIN ${changedLatestOf(view)} AS l ON ${sameKey('l', 'd', view.key)}
      WHERE d."backstep act" IN ('insert', 'replace')`);
  }
}

/** A new row with a word that the wanted release has never stored is parked whole. */
function parkUnmappedWords(bench: Bench, view: View, plan: ImagePlan): void {
  const guarded = bodyOf(view).flatMap((column) => {
    const { allowed } = plan.rules.of(column);
    return allowed === null ? [] : [`(${cell('l', column)} NOT IN (${allowed}))`];
  });
  if (guarded.length === 0) return;
  const isStrange = `(${guarded.join(' OR ')})`;
  parkRows(bench, view, {
    where: `d."backstep act" IN ('insert', 'replace') AND ${isStrange}`,
    why: 'refused',
  });
  bench.db.exec(`
    UPDATE ${deltaOf(view)} AS d SET "backstep act" = CASE "backstep act" WHEN 'replace' THEN 'delete' ELSE 'none' END
    WHERE "backstep act" IN ('insert', 'replace') AND EXISTS (
      SELECT 1 FROM ${changedLatestOf(view)} AS l WHERE ${sameKey('l', 'd', view.key)} AND ${isStrange})`);
}

/** SQL values for one new row (alias l of `latest`), in the order of the stored columns. */
export function newRowValues(view: View, plan: ImagePlan): string {
  return storedColumnsOf(view)
    .map((column) => newCell(view, { column, plan }))
    .join(', ');
}

function newCell(view: View, { column, plan }: CellPlan): string {
  const isTaken = view.columns.includes(column) && !plan.rules.defaulted().includes(column);
  if (isTaken) return cell('l', column);
  const declared = view.table.columns.find((candidate) => candidate.name === column);
  return declared?.defaultSql ?? 'NULL';
}

/** A name by which the table's hidden rowid can be written, or null. */
export function rowidAliasOf(view: Pick<View, 'table'>): string | null {
  if (view.table.isWithoutRowid || view.table.hasIntegerKey) return null;
  const names = new Set(view.table.columns.map((column) => column.name.toLowerCase()));
  return ['rowid', '_rowid_', 'oid'].find((name) => !names.has(name)) ?? null;
}
