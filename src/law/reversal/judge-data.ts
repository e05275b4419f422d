import { BackstepError } from '../../fault/backstep-error.ts';
import { renderPath, type Path } from '../../form/problem.ts';
import { Database } from '../../sqlite/database.ts';
import { quoteName } from '../../sqlite/names.ts';
import { readTables } from '../../sqlite/schema.ts';
import { foldName, isSameName, spellingOf, tableNamed } from '../../sqlite/spelling.ts';
import type { Finding } from '../place.ts';
import { cell, sameKey, sameRow } from '../rows/compare.ts';
import { spelledNames } from '../rows/spelled-terms.ts';
import {
  surveyDatabases,
  type DatabaseSurvey,
  type SurveyTerms,
} from '../rows/survey/survey-database.ts';
import type { Shape } from '../rows/view.ts';
import { finding, type ReversalFinding, type RuleCode } from './finding.ts';
import { positionOf, type Reversal } from './reversal.ts';
import { requiredColumn } from './required-column.ts';

/** The two states of one database, as closed files, and how the law is to read them. */
export interface DataPair {
  readonly reversal: Reversal;
  readonly asset: string;
  readonly before: string;
  readonly after: string;
  readonly terms: SurveyTerms;
}

/**
 * Compares what the select makes of `after` with `before`: the rows, the columns, and what nobody reads, with how much
 * of that users have changed `now` (null where that is not at hand).
 */
export function judgeData(pair: DataPair, now: string | null): ReversalFinding[] {
  const surveyed = surveyOrRefusal(pair);
  if (!('findings' in surveyed)) return [surveyed];
  const before = shapeOf(pair.before);
  const spelled = { ...pair, terms: spelledNames(pair.terms, spellingOf(before)) };
  const seen = surveyed.findings.flatMap((each) => judgePlace(spelled, { each, before, now }));
  return [...seen, ...oneWays(pair, surveyed)];
}

function surveyOrRefusal(pair: DataPair): DatabaseSurvey | ReversalFinding {
  try {
    return surveyDatabases(pair, pair.terms);
  } catch (error) {
    if (!isLawRefusal(error)) throw error;
    return at(pair, [], { rule: 'shape', message: error.message, hint: error.hint });
  }
}

/** True where the law does not take a table, or what a reversal says of it. */
export function isLawRefusal(error: unknown): error is BackstepError {
  return (
    error instanceof BackstepError &&
    (error.code === 'law/lens' || error.code === 'law/unsupported-shape')
  );
}

function shapeOf(file: string): Shape {
  const db = Database.open(file, { readOnly: true });
  try {
    return readTables(db, 'main');
  } finally {
    db.close();
  }
}

interface Judged {
  readonly each: Finding;
  /** The old release's tables. */
  readonly before: Shape;
  readonly now: string | null;
}

function judgePlace(pair: DataPair, judged: Judged): ReversalFinding[] {
  const { each, before } = judged;
  if (each.faith === 'blind') return blindPlace(pair, judged);
  if (each.faith !== 'rewritten') return [];
  const [table, column] = partsOf(each.place, before);
  const { sameCount, differentCount } = each;
  if (column === null) {
    const message = `${table}: ${differentCount} rows are in one of before and after alone, ${sameCount} in both`;
    const hint =
      'a join, a WHERE or a DISTINCT that leaves rows out? Rows of the upgrade’s own belong in neither list';
    const isWritten = pair.terms.lenses[table]?.select !== undefined;
    const rule = isWritten ? 'keys' : 'rewritten';
    return [at(pair, [table, 'select'], { rule, message, hint })];
  }
  const message = `${each.place}: differs from before in ${differentCount} of ${sameCount + differentCount} rows, though nobody changed it`;
  const hint =
    each.provenMap === null
      ? 'lead it back in `select:` or `map:`, or decide it: `decide: { … : park }`'
      : `the data proves a map: map: { ${column}: ${wordsOf(each.provenMap)} }`;
  return [at(pair, [table, 'map', column], { rule: 'rewritten', message, hint })];
}

/** As YAML writes a mapping on one line. */
function wordsOf(map: Readonly<Record<string, string>>): string {
  const words = Object.entries(map).map(
    ([to, from]) => `${JSON.stringify(to)}: ${JSON.stringify(from)}`,
  );
  return `{ ${words.join(', ')} }`;
}

/** A place that one of the two shapes lacks. */
function blindPlace(pair: DataPair, { each, before, now }: Judged): ReversalFinding[] {
  const [table, column] = partsOf(each.place, before);
  const old = before.get(table);
  const lost = old?.columns.find(({ name }) => name === column);
  if (old !== undefined && (column === null || lost !== undefined)) {
    const message = `${each.place}: nothing in the new release fills it; rows from before keep theirs`;
    const elsewhere = 'where the new release keeps it under another name, say so in `select:`';
    const required = lost === undefined ? null : requiredColumn(lost);
    const hint = required === null ? elsewhere : `${required}; ${elsewhere}`;
    return [at(pair, [table, 'select'], { rule: 'missing-column', message, hint })];
  }
  const counted = countedIn(pair.after, each.place) + changedIn(pair.after, now, each.place);
  const message = `${each.place}: no select reads it${counted}; what users write there is parked, and comes back with \`return\``;
  return [at(pair, [table], { rule: 'unread', message, hint: '' })];
}

/** How much the upgrade itself put there. */
function countedIn(file: string, place: string): string {
  const db = Database.open(file, { readOnly: true });
  try {
    const [table, column] = partsOf(place, readTables(db, 'main'));
    const what = column === null ? '*' : quoteName(column);
    const filled = db.count(`SELECT count(${what}) FROM ${quoteName(table)}`);
    return `, and ${filled} rows hold something right after the upgrade`;
  } finally {
    db.close();
  }
}

/** How many rows users changed there since. */
function changedIn(after: string, now: string | null, place: string): string {
  if (now === null) return '';
  const db = Database.open(':memory:');
  try {
    db.attach('origin', after, { readOnly: true });
    db.attach('latest', now, { readOnly: true });
    const shape = readTables(db, 'origin');
    const [name, column] = partsOf(place, shape);
    const table = tableNamed(shape, name);
    const isThere = tableNamed(readTables(db, 'latest'), name) !== undefined;
    if (table === undefined || table.key.length === 0 || !isThere) return '';
    const body = table.columns.flatMap((each) =>
      each.isGenerated || (column !== null && !isSameName(each.name, column)) ? [] : [each.name],
    );
    const [first] = table.key;
    const gone = cell('x', first ?? '');
    const changed = db.count(`SELECT count(*) FROM latest.${quoteName(name)} AS l
      LEFT JOIN origin.${quoteName(name)} AS x ON ${sameKey('x', 'l', table.key)}
      WHERE ${gone} IS NULL OR NOT ${sameRow('l', 'x', body)}`);
    return `; users have written ${changed} rows since`;
  } finally {
    db.close();
  }
}

/** `table.column` by the tables that there are, since names may hold dots. */
function partsOf(place: string, shape: Shape): readonly [table: string, column: string | null] {
  if (tableNamed(shape, place) !== undefined) return [place, null];
  const folded = foldName(place);
  const table = [...shape.keys()].find((name) => folded.startsWith(`${foldName(name)}.`));
  const cut = table?.length ?? place.indexOf('.');
  return cut < 0 ? [place, null] : [place.slice(0, cut), place.slice(cut + 1)];
}

function oneWays(pair: DataPair, { oneWay }: DatabaseSurvey): ReversalFinding[] {
  return oneWay.map((table) => {
    const message = `${table}: what users change under the old release will not reach the new one again`;
    const hint = 'write `forth:`, as expressions or as triggers';
    return at(pair, [table], { rule: 'one-way', message, hint });
  });
}

/** A finding at a key of the database's part, or at the nearest that is written. */
export function at(
  { reversal, asset }: Pick<DataPair, 'reversal' | 'asset'>,
  where: Path,
  said: { readonly rule: RuleCode; readonly message: string; readonly hint: string },
): ReversalFinding {
  const path = ['sqlite', asset, ...where];
  const { rule, message, hint } = said;
  return finding(rule, { ...positionOf(reversal, path), path: renderPath(path), message, hint });
}
