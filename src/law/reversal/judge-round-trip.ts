import { Database, isConstraintError } from '../../sqlite/database.ts';
import { quoteName } from '../../sqlite/names.ts';
import { readTables, type Table } from '../../sqlite/schema.ts';
import type { ParkedCount } from '../place.ts';
import { mergeDatabases, type MergeReport } from '../rows/merge.ts';
import { surveyDatabases } from '../rows/survey/survey-database.ts';
import type { MergeTerms } from '../rows/terms.ts';
import { wordsIn } from './column-words.ts';
import type { ReversalFinding } from './finding.ts';
import { at, type DataPair } from './judge-data.ts';
import { withKeptWords } from './kept-words.ts';

/**
 * Tries the way forth on copies below `folder` (empty, thrown away by the caller): every row of the old release is
 * taken out and put in again, then each row's body is given to another row. What the new release then holds must show
 * the old one exactly that, and hold no word that it never stored.
 */
export async function judgeRoundTrip(pair: DataPair, folder: string): Promise<ReversalFinding[]> {
  if (!leadsForth(pair)) return [];
  const file = (name: string): string => `${folder}/${name}.db`;
  const travelling = { ...pair, terms: { ...pair.terms, lenses: withKeptWords(pair) } };
  await alter(pair.before, file('emptied'), emptyTables);
  const emptied = file('emptied');
  const without = { base: pair.after, origin: pair.before, latest: emptied };
  const [gone, there] = [file('without'), file('again')];
  const first = await forth(travelling, { ...without, result: gone });
  const again = { base: gone, origin: emptied, latest: pair.before };
  const second = await forth(travelling, { ...again, result: there });
  const refilled = judgeTrip(pair, {
    made: there,
    wanted: pair.before,
    parked: parkedIn(first, second),
  });
  const wrongWords = strangeWords(pair, there);
  const updated = await judgeUpdates(pair, file);
  return [...refilled, ...wrongWords, ...updated];
}

function leadsForth({ terms }: DataPair): boolean {
  return Object.values(terms.lenses).some(
    ({ select, forth: written, triggers, map }) =>
      written !== undefined ||
      triggers !== undefined ||
      (map !== undefined && select === undefined),
  );
}

/** The bodies of the rows change places, so that every row is updated with values that stood there before. */
async function judgeUpdates(
  pair: DataPair,
  file: (name: string) => string,
): Promise<ReversalFinding[]> {
  const turned = file('turned');
  if (!(await alter(pair.before, turned, turnBodies))) return [];
  const states = { base: pair.after, origin: pair.before, latest: turned };
  const report = await forth(pair, { ...states, result: file('updated') });
  const parked = parkedIn(report);
  return judgeTrip(pair, { made: file('updated'), wanted: turned, parked });
}

function forth(
  { terms }: DataPair,
  files: Record<'base' | 'origin' | 'latest' | 'result', string>,
): Promise<MergeReport> {
  const merging: MergeTerms = {
    ...terms,
    direction: 'forth',
    decisions: [],
    identity: {},
    carryLimits: {},
    // Derived data is made anew at the end of a run, and is no part of what is compared.
    rebuild: Object.fromEntries(Object.keys(terms.rebuild).map((name) => [name, 'SELECT 1'])),
  };
  const beside = { parked: `${files.result}.parked`, scratch: `${files.result}.scratch` };
  return mergeDatabases({ ...files, ...beside }, merging);
}

function parkedIn(...reports: readonly MergeReport[]): readonly ParkedCount[] {
  return reports.flatMap(({ outcome }) => outcome.parked);
}

interface Trip {
  /** The new release's state that was made. */
  readonly made: string;
  /** What the old release must be shown. */
  readonly wanted: string;
  readonly parked: readonly ParkedCount[];
}

function judgeTrip(pair: DataPair, { made, wanted, parked }: Trip): ReversalFinding[] {
  const { findings } = surveyDatabases({ before: wanted, after: made }, pair.terms);
  const own = ownDifferences(pair);
  const differing = findings
    .map((each) => ({ ...each, differentCount: each.differentCount - (own.get(each.place) ?? 0) }))
    .filter(({ faith, differentCount }) => faith === 'rewritten' && differentCount > 0);
  const refused = parked.filter(({ why }) => why === 'refused' || why === 'reference');
  return [
    ...differing.map(({ place, sameCount, differentCount }) => {
      const table = place.split('.')[0] ?? place;
      const message = `${place}: of ${sameCount + differentCount} rows that went forth and back, ${differentCount} are not what they were`;
      const hint = '`forth:` must store what `select:` (or `map:`) reads';
      return at(pair, [table, 'forth'], { rule: 'round-trip', message, hint });
    }),
    ...refused.map(({ what, count }) => {
      const table = what.split('.')[0] ?? what;
      const message = `${what}: ${count} rows of the old release cannot be stored in the new one: a constraint refuses them`;
      const hint =
        '`forth:` must give the new columns values that their CHECK, NOT NULL, UNIQUE and references allow';
      return at(pair, [table, 'forth'], { rule: 'round-trip', message, hint });
    }),
  ];
}

/**
 * What the upgrade itself made, took away or rewrote, by place: its rows go on no trip, and what it rewrote without a rule
 * that leads back is decided, not led.
 */
function ownDifferences(pair: DataPair): ReadonlyMap<string, number> {
  const { findings } = surveyDatabases(pair, pair.terms);
  return new Map(findings.map(({ place, differentCount }) => [place, differentCount]));
}

/** Words that only the way forth has stored. */
function strangeWords(pair: DataPair, made: string): ReversalFinding[] {
  const db = Database.open(':memory:');
  try {
    db.attach('after', pair.after, { readOnly: true });
    db.attach('made', made, { readOnly: true });
    const skipped = new Set(pair.terms.bookkeeping);
    return [...readTables(db, 'after').values()]
      .filter(({ name, kind }) => kind === 'table' && !skipped.has(name))
      .flatMap((table) => strangeWordsOf(pair, db, table));
  } finally {
    db.close();
  }
}

function strangeWordsOf(pair: DataPair, db: Database, table: Table): ReversalFinding[] {
  return table.columns.flatMap(({ name }) => {
    const known = wordsIn(db, `after.${quoteName(table.name)}`, name);
    if (known === null) return [];
    const stored = db.texts(
      `SELECT DISTINCT ${quoteName(name)} FROM made.${quoteName(table.name)} WHERE typeof(${quoteName(name)}) = 'text'`,
    );
    return stored
      .filter((word) => !known.has(word))
      .map((word) => {
        const message = `${table.name}.${name}: forth stores ${JSON.stringify(word)}, which the new release has never stored`;
        const hint = 'lead the old word to one of the new release, in `map:` or in `forth:`';
        return at(pair, [table.name, 'forth'], { rule: 'forth-word', message, hint });
      });
  });
}

/** A copy that `change` has altered, without triggers; false where a constraint of its own refused. */
async function alter(
  from: string,
  to: string,
  change: (db: Database, tables: readonly Table[], source: string) => void,
): Promise<boolean> {
  const source = Database.open(from, { readOnly: true });
  try {
    await source.copyTo(to);
  } finally {
    source.close();
  }
  const db = Database.open(to);
  try {
    db.exec('PRAGMA synchronous = OFF');
    for (const name of db.texts(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`)) {
      db.exec(`DROP TRIGGER ${quoteName(name)}`);
    }
    const tables = [...readTables(db, 'main').values()].filter(({ kind }) => kind === 'table');
    db.attach('source', from, { readOnly: true });
    change(db, tables, 'source');
    return true;
  } catch (error) {
    if (isConstraintError(error)) return false;
    throw error;
  } finally {
    db.close();
  }
}

function emptyTables(db: Database, tables: readonly Table[]): void {
  for (const { name } of tables) db.exec(`DELETE FROM main.${quoteName(name)}`);
}

/**
 * Each row's columns outside its key go to the row of the next key, the last one's to the first. Unique columns stay: a
 * ring of them is no change that a person makes.
 */
function turnBodies(db: Database, tables: readonly Table[], source: string): void {
  for (const table of tables) {
    const { name, key, columns } = table;
    const stored = columns.filter(({ isGenerated }) => !isGenerated).map((column) => column.name);
    const unique = uniqueColumns(db, table);
    const body = stored.filter((column) => !key.includes(column) && !unique.has(column));
    if (key.length === 0 || body.length === 0) continue;
    const kept = stored.filter((column) => !body.includes(column));
    const ranked = `SELECT *, row_number() OVER (ORDER BY ${list(key)}) AS "rank of it", count(*) OVER () AS "count of it"
      FROM ${source}.${quoteName(name)}`;
    db.exec(`DELETE FROM main.${quoteName(name)};
      INSERT INTO main.${quoteName(name)} (${list(kept)}, ${list(body)})
      SELECT ${list(kept, 'k.')}, ${list(body, 'b.')} FROM (${ranked}) AS k JOIN (${ranked}) AS b
      ON b."rank of it" = k."rank of it" % k."count of it" + 1`);
  }
}

function list(columns: readonly string[], alias = ''): string {
  return columns.map((column) => `${alias}${quoteName(column)}`).join(', ');
}

/** Columns of unique indexes; an expression in one may read any of the table's. */
function uniqueColumns(db: Database, { name, columns }: Table): ReadonlySet<string> {
  const rows = db.all(
    `SELECT i.name AS name FROM pragma_index_list(?) AS l, pragma_index_info(l.name) AS i WHERE l."unique" = 1`,
    name,
  );
  const hasExpression = rows.some((row) => row['name'] === null);
  return new Set(
    hasExpression ? columns.map((each) => each.name) : rows.map((row) => String(row['name'])),
  );
}
