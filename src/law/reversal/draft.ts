import { Database } from '../../sqlite/database.ts';
import { quoteName } from '../../sqlite/names.ts';
import { readTables, type Table } from '../../sqlite/schema.ts';
import type { Finding } from '../place.ts';
import { surveyDatabases, type SurveyTerms } from '../rows/survey/survey-database.ts';
import type { Shape } from '../rows/view.ts';
import { draftDerived } from './draft-derived.ts';
import { lensOf, needsSelect, quoteIfNeeded } from './draft-lens.ts';
import { around, findInside, objectOf, pathOf, type Inside } from './evidence-json.ts';
import { findHome, findRenames } from './evidence.ts';

/** Where the values of an old column are now. */
export interface DraftedColumn {
  readonly old: string;
  /** The new column of its own; null where there is none. */
  readonly latest: string | null;
  /** SQL over the new row that yields it; null where nothing does. */
  readonly read: string | null;
}

/** What the data of a pair tells about one old table, for a reversal file. */
export interface TableDraft {
  readonly table: string;
  /** The new table that holds it; null where none does. */
  readonly home: string | null;
  /** Old columns by name, in their order. */
  readonly columns: readonly DraftedColumn[];
  /** New column → SQL over the old row, for what does not stand under its own name. */
  readonly forth: Readonly<Record<string, string>>;
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
    const old = readTables(db, 'base');
    const latest = readTables(db, 'origin', old);
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
  const none = { table: table.name, columns: [], key, map: {}, forth: {}, evidence: [] };
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
  const told = tellColumns(db, { table, home: home.table, key });
  const evidence = [...home.evidence, ...told.evidence];
  return { ...none, home: home.table.name, ...told, evidence };
}

interface Told {
  readonly table: Table;
  readonly home: Table;
  readonly key: readonly string[];
}

/** By name, by a column that holds the same in every row, and by a key within the JSON of one. */
function tellColumns(
  db: Database,
  told: Told,
): Pick<TableDraft, 'columns' | 'forth' | 'holes' | 'evidence'> {
  const { table, home } = told;
  const names = new Set(home.columns.map(({ name }) => name));
  const stored = table.columns.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name);
  const renames = findRenames(db, told);
  const renamed = new Map(renames.map(({ old, latest }) => [old, latest]));
  const lost = stored.filter((name) => !names.has(name) && !renamed.has(name));
  // A table of another name is written by triggers, which would have to take the JSON apart again.
  const inside = home.name === table.name ? findInside(db, { ...told, lost }) : [];
  const within = new Map(inside.map((each) => [each.old, each]));
  const columns = stored.map((old): DraftedColumn => {
    const latest = names.has(old) ? old : (renamed.get(old) ?? null);
    if (latest !== null) return { old, latest, read: quoteIfNeeded(latest) };
    const part = within.get(old);
    if (part === undefined) return { old, latest, read: null };
    return {
      old,
      latest,
      read: `json_extract(${quoteIfNeeded(part.latest)}, ${pathOf(part.key)})`,
    };
  });
  const objects = tellObjects(db, home, inside);
  const holes = columns
    .filter(({ read }) => read === null)
    .map(
      ({ old }) =>
        `${old}: no column of the new release holds its values; say in \`select:\` where they are now`,
    );
  const forth = Object.fromEntries(renames.map(({ latest, old }) => [latest, quoteIfNeeded(old)]));
  const evidence = [...renames, ...inside].map((each) => {
    const where =
      'key' in each ? `${each.latest}, under ${JSON.stringify(each.key)},` : each.latest;
    return `${where} holds what ${each.old} held, in ${each.rows} of ${each.rows} rows`;
  });
  return {
    columns,
    forth: { ...forth, ...objects.forth },
    holes: [...holes, ...objects.holes],
    evidence,
  };
}

/** How the objects that hold old columns are made of an old row. */
function tellObjects(
  db: Database,
  home: Table,
  inside: readonly Inside[],
): Pick<TableDraft, 'forth' | 'holes'> {
  const objects = [...Map.groupBy(inside, ({ latest }) => latest)].map(([latest, parts]) => {
    const beside = around(db, home, parts);
    const holes = beside.others.map(
      (key) =>
        `${latest}: rows made under the old release get no ${JSON.stringify(key)}; say in \`forth:\` what stands there`,
    );
    return { latest, sql: objectOf(parts, beside, quoteIfNeeded), holes };
  });
  return {
    forth: Object.fromEntries(objects.map(({ latest, sql }) => [latest, sql])),
    holes: objects.flatMap(({ holes }) => holes),
  };
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
    rebuild: derivedTables(pair),
  });
  return drafts.map((draft) =>
    readable.includes(draft) ? withTableFindings(draft, findings) : draft,
  );
}

/** Every derived table, so that the survey passes over them. */
function derivedTables({ before, after }: DraftedPair): Record<string, string> {
  const { rebuild, unknown } = draftDerived([before, after]);
  return { ...rebuild, ...Object.fromEntries(unknown.map((name) => [name, ''])) };
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
