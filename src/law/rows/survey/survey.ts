import { quoteName } from '../../../sqlite/names.ts';
import type { Finding } from '../../place.ts';
import { agreementOf, type Agreement } from './agreement.ts';
import { baseOf, bodyOf, originOf, type Bench } from '../bench.ts';
import { cell, sameKey } from '../compare.ts';
import type { View } from '../view.ts';

/** A word column has at most so many distinct values … */
const maxWords = 64;
/** … and each stands, on average, on at least so many rows. */
const minRowsPerWord = 10;

/**
 * Compares `base` with `origin` seen in base's shape: which columns did the upgrade leave alone?
 * One finding a column outside the key, one for the key set itself (place: the table's name).
 */
export function surveyTable(bench: Bench, view: View): Finding[] {
  const agreement = agreementOf(bench, view);
  return [
    surveyKeys(bench, view, agreement),
    ...bodyOf(view).map((column) => surveyColumn(bench, view, { column, agreement })),
    ...blindColumns(view),
  ];
}

function surveyKeys({ db }: Bench, view: View, { common }: Agreement): Finding {
  const before = db.count(`SELECT count(*) FROM ${baseOf(view)}`);
  const after = db.count(`SELECT count(*) FROM ${originOf(view)}`);
  const differentCount = before + after - 2 * common;
  const isEmpty = before === 0 && after === 0;
  return {
    place: view.table.name,
    faith: isEmpty ? 'unproven' : differentCount === 0 ? 'faithful' : 'rewritten',
    sameCount: common,
    differentCount,
    provenMap: null,
  };
}

interface Surveyed {
  readonly column: string;
  readonly agreement: Agreement;
}

function surveyColumn(bench: Bench, view: View, { column, agreement }: Surveyed): Finding {
  const { common, different } = agreement;
  const differentCount = different.get(column) ?? 0;
  return {
    place: `${view.table.name}.${column}`,
    faith: common === 0 ? 'unproven' : differentCount === 0 ? 'faithful' : 'rewritten',
    sameCount: common - differentCount,
    differentCount,
    provenMap: differentCount === 0 ? null : provenMap(bench, view, column),
  };
}

/** Columns of the old table that the new shape does not have. */
function blindColumns(view: View): Finding[] {
  const unseen = view.table.columns.filter(
    (column) => !column.isGenerated && !view.columns.includes(column.name),
  );
  return unseen.map((column) => ({
    place: `${view.table.name}.${column.name}`,
    faith: 'blind',
    side: 'old',
    sameCount: 0,
    differentCount: 0,
    provenMap: null,
  }));
}

/** New word → old word where the data shows one old word for each new one and the other way round. */
function provenMap(bench: Bench, view: View, column: string): Record<string, string> | null {
  const pairs = bench.db.all(`
    SELECT ${wordOf(cell('o', column))} AS latest, ${wordOf(cell('b', column))} AS old, count(*) AS rows
    FROM ${baseOf(view)} AS b JOIN ${originOf(view)} AS o ON ${sameKey('o', 'b', view.key)}
    GROUP BY ${groupExactly('o', column)}, ${groupExactly('b', column)} LIMIT ${maxWords + 1}`);
  const rows = pairs.reduce((sum, pair) => sum + Number(pair['rows']), 0);
  if (pairs.length > maxWords || rows < pairs.length * minRowsPerWord) return null;
  const map = new Map<string, string>();
  for (const { latest, old } of pairs) {
    if (latest === null && old === null) continue;
    if (typeof latest !== 'string' || typeof old !== 'string' || map.has(latest)) return null;
    map.set(latest, old);
  }
  if (new Set(map.values()).size !== map.size) return null;
  return Object.fromEntries([...map].filter(([latest, old]) => latest !== old));
}

/** A word as it is; 0 for what is none, since not every integer fits a number of JavaScript. */
function wordOf(value: string): string {
  return `CASE typeof(${value}) WHEN 'text' THEN ${value} WHEN 'null' THEN NULL ELSE 0 END`;
}

function groupExactly(alias: string, column: string): string {
  return `typeof(${alias}.${quoteName(column)}), ${alias}.${quoteName(column)} COLLATE BINARY`;
}
