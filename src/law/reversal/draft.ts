import { Database } from '../../sqlite/database.ts';
import { quoteName } from '../../sqlite/names.ts';
import { readTables, type Table } from '../../sqlite/schema.ts';
import type { Finding } from '../place.ts';
import { surveyDatabases, type SurveyTerms } from '../rows/survey-database.ts';
import type { Shape, TableLens, Triggers } from '../rows/view.ts';
import { findHome, findRenames, type Rename } from './evidence.ts';

/** What the data of a pair tells about one old table, for a reversal file. */
export interface TableDraft {
  readonly table: string;
  /** The new table that holds it; null where none does. */
  readonly home: string | null;
  readonly renames: readonly Rename[];
  /** Old columns by name, in their order, with the new column that each is read from; null: nothing holds it. */
  readonly columns: readonly { readonly old: string; readonly latest: string | null }[];
  readonly key: readonly string[];
  /** Old column → new word → old word, as the data proves it. */
  readonly map: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What a person has to say; one line each. */
  readonly holes: readonly string[];
  /** Why it was written so; one line each. */
  readonly evidence: readonly string[];
}

/** The two states of one database, closed files. */
export interface DraftedPair {
  readonly before: string;
  readonly after: string;
  readonly terms: Pick<SurveyTerms, 'bookkeeping'>;
}

/** Drafts every table that is not the same by name and meaning on both sides; empty where nothing has to be said. */
export function draftDatabase(pair: DraftedPair): TableDraft[] {
  const db = Database.open(':memory:');
  try {
    db.attach('base', pair.before, { readOnly: true });
    db.attach('origin', pair.after, { readOnly: true });
    const [old, latest] = [readTables(db, 'base'), readTables(db, 'origin')];
    const skipped = new Set(pair.terms.bookkeeping);
    const drafts = [...old.values()]
      .filter(({ kind, name }) => kind === 'table' && !skipped.has(name))
      .map((table) => draftTable(db, table, { old, latest }));
    return withFindings(pair, drafts).filter(saysSomething);
  } finally {
    db.close();
  }
}

interface Shapes {
  readonly old: Shape;
  readonly latest: Shape;
}

function draftTable(db: Database, table: Table, { old, latest }: Shapes): TableDraft {
  const home = findHome(db, table, { old, latest });
  const key = table.key.length > 0 ? table.key : uniqueKeyOf(db, table);
  const stored = table.columns.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name);
  const none = { table: table.name, renames: [], columns: [], key, map: {}, evidence: [] };
  if (home === null) {
    const rows = db.count(`SELECT count(*) FROM base.${quoteName(table.name)}`);
    const hole = `no table of the new release holds these ${rows} rows; they stand as before, and changes go nowhere`;
    return { ...none, home: null, holes: latest.has(table.name) ? [] : [hole] };
  }
  if (key.length === 0) {
    const hole =
      'no primary key and no unique columns: name the columns that tell rows apart, `key: [ … ]`';
    return { ...none, home: home.table.name, holes: [hole] };
  }
  const known = new Set(home.table.columns.map(({ name }) => name));
  const lost = key.filter((column) => !known.has(column));
  if (lost.length > 0) {
    const hole = `${lost.join(', ')}: the new release has no such column, and it tells the rows apart; write the \`select:\``;
    return { ...none, home: home.table.name, holes: [hole] };
  }
  const renames = findRenames(db, { table, home: home.table, key });
  const columns = stored.map((name) => ({
    old: name,
    latest: known.has(name) ? name : (renames.find((each) => each.old === name)?.latest ?? null),
  }));
  const holes = columns
    .filter((column) => column.latest === null)
    .map(
      ({ old: name }) =>
        `${name}: no column of the new release holds its values; say in \`select:\` where they are now`,
    );
  const evidence = [
    ...home.evidence,
    ...renames.map(
      ({ old: name, latest: other, rows }) =>
        `${other} holds what ${name} held, in ${rows} of ${rows} rows`,
    ),
  ];
  return { ...none, home: home.table.name, renames, columns, holes, evidence };
}

/** The columns of a unique index without expressions, where no key is declared. */
function uniqueKeyOf(db: Database, { name }: Table): readonly string[] {
  const indexes = db.texts(
    `SELECT name FROM pragma_index_list(?, 'base') WHERE "unique" = 1 AND partial = 0`,
    name,
  );
  const lists = indexes.map((index) =>
    db.all(`SELECT name FROM pragma_index_info(?, 'base')`, index).map((row) => row['name']),
  );
  const found = lists.find((columns) => columns.every((column) => typeof column === 'string'));
  return (found ?? []).map(String);
}

/** The lens that a draft stands for. */
export function lensOf(draft: TableDraft): TableLens | null {
  const { home, columns, key, map } = draft;
  if (home === null || columns.length === 0) return null;
  if (!needsSelect(draft)) return { key, map };
  const triggers = triggersOf(draft);
  const forth = triggers === null ? { forth: forthOf(draft) } : { triggers };
  return { key, map, select: selectLines(draft).join(' '), ...forth };
}

/** New column → old column, for what was renamed. */
export function forthOf({
  renames,
}: Pick<TableDraft, 'renames'>): Readonly<Record<string, string>> {
  return Object.fromEntries(renames.map(({ latest, old }) => [latest, quoteIfNeeded(old)]));
}

/** Bodies of INSTEAD OF triggers where the table itself has another name; null where it has not. */
export function triggersOf({ table, home, columns, key }: TableDraft): Triggers | null {
  if (home === null || home === table) return null;
  const target = quoteIfNeeded(home);
  const held = columns.flatMap(({ old, latest }) => (latest === null ? [] : [{ old, latest }]));
  const names = held.map(({ latest }) => quoteIfNeeded(latest)).join(', ');
  const values = held.map(({ old }) => `NEW.${quoteIfNeeded(old)}`).join(', ');
  const sets = held
    .filter(({ old }) => !key.includes(old))
    .map(({ old, latest }) => `${quoteIfNeeded(latest)} = NEW.${quoteIfNeeded(old)}`);
  const isIt = held
    .filter(({ old }) => key.includes(old))
    .map(({ old, latest }) => `${quoteIfNeeded(latest)} = OLD.${quoteIfNeeded(old)}`)
    .join(' AND ');
  return {
    insert: `INSERT INTO ${target} (${names}) VALUES (${values});`,
    update:
      sets.length === 0 ? 'SELECT 1;' : `UPDATE ${target} SET ${sets.join(', ')} WHERE ${isIt};`,
    delete: `DELETE FROM ${target} WHERE ${isIt};`,
  };
}

/** True where names differ, so that a SELECT has to say them. */
export function needsSelect({
  table,
  home,
  columns,
}: Pick<TableDraft, 'table' | 'home' | 'columns'>): boolean {
  return home !== table || columns.some(({ old, latest }) => latest !== null && latest !== old);
}

/** The SELECT of a draft, over the new table, in lines of a readable length. */
export function selectLines({ home, columns }: Pick<TableDraft, 'home' | 'columns'>): string[] {
  const results = columns.flatMap(({ old, latest }) => {
    if (latest === null) return [];
    return [
      latest === old ? quoteIfNeeded(old) : `${quoteIfNeeded(latest)} AS ${quoteIfNeeded(old)}`,
    ];
  });
  const lines = ['SELECT'];
  for (const [index, result] of results.entries()) {
    const part = index === results.length - 1 ? result : `${result},`;
    const last = lines.at(-1) ?? '';
    if (last.length + part.length > longestLine) lines.push(`  ${part}`);
    else lines[lines.length - 1] = `${last} ${part}`;
  }
  return [...lines, `FROM ${quoteIfNeeded(home ?? '')}`];
}

const longestLine = 100;

/** A name as a person writes it: bare where that can be read in one way only. */
export function quoteIfNeeded(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : quoteName(name);
}

const reserved = new Set(
  `add all alter and as between by case check collate commit constraint create cross default delete distinct drop else
   escape except exists foreign from full group having in index inner insert intersect into is isnull join left limit
   natural not notnull null on or order outer primary references right select set table then to transaction union unique
   update using values when where`.split(/\s+/),
);

/** What the survey finds once the names are told: maps that the data proves, and columns that it does not explain. */
function withFindings(pair: DraftedPair, drafts: readonly TableDraft[]): TableDraft[] {
  const lenses = Object.fromEntries(
    drafts.flatMap((draft) => {
      const lens = lensOf(draft);
      return lens === null ? [] : [[draft.table, lens]];
    }),
  );
  const readable = drafts.filter(({ table }) => lenses[table] !== undefined);
  const keyless = drafts.flatMap(({ table, home, columns }) =>
    home !== null && columns.length === 0 ? [table] : [],
  );
  const { findings } = surveyDatabases(pair, {
    bookkeeping: [...pair.terms.bookkeeping, ...keyless],
    lenses,
    rebuild: virtualTables(pair),
  });
  return drafts.map((draft) =>
    readable.includes(draft) ? withTableFindings(draft, findings) : draft,
  );
}

/** The survey asks how derived tables are made anew; a draft says nothing of them. */
function virtualTables({ before }: DraftedPair): Record<string, string> {
  const db = Database.open(before, { readOnly: true });
  try {
    const tables = [...readTables(db, 'main').values()].filter(({ kind }) => kind === 'virtual');
    return Object.fromEntries(tables.map(({ name }) => [name, '']));
  } finally {
    db.close();
  }
}

function withTableFindings(draft: TableDraft, findings: readonly Finding[]): TableDraft {
  const map: Record<string, Readonly<Record<string, string>>> = {};
  const [holes, evidence] = [[...draft.holes], [...draft.evidence]];
  for (const { old } of draft.columns) {
    const found = findings.find(({ place }) => place === `${draft.table}.${old}`);
    if (found?.faith !== 'rewritten') continue;
    const { differentCount, sameCount, provenMap } = found;
    const rows = differentCount + sameCount;
    if (provenMap === null) {
      holes.push(
        `${old}: the upgrade rewrote ${differentCount} of ${rows} rows and no one-to-one map explains it; say how it is read, or decide it`,
      );
    } else {
      map[old] = provenMap;
      evidence.push(`${old}: the map explains all ${differentCount} of ${rows} rows that differ`);
    }
  }
  return { ...draft, map, holes, evidence };
}

function saysSomething({ holes, map, table, home, columns }: TableDraft): boolean {
  const isNamed = home !== null && needsSelect({ table, home, columns });
  return holes.length > 0 || Object.keys(map).length > 0 || isNamed;
}
