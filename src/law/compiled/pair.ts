import { Database, isSqliteError } from '../../sqlite/database.ts';
import { readTables, type Table } from '../../sqlite/schema.ts';
import { spellingOf } from '../../sqlite/spelling.ts';
import type { Finding } from '../place.ts';
import { readsOf } from '../rows/survey/blind.ts';
import { encodingOf } from '../rows/encoding.ts';
import { surveyDatabases } from '../rows/survey/survey-database.ts';
import { spelledTerms } from '../rows/spelled-terms.ts';
import type { MergeTerms } from '../rows/terms.ts';
import { refuseVirtualTables, viewsOf, type Shape, type View } from '../rows/view.ts';
import { unseenOf, type Unseen } from './unseen.ts';

/** What decides about a reversal beside the pair. */
export type PairTerms = Omit<MergeTerms, 'direction' | 'enter'>;

/** The pair's two closed databases. */
export interface PairFiles {
  readonly before: string;
  readonly after: string;
}

/** What the pair alone tells: nothing of it changes with what users do. */
export interface Pair {
  readonly before: Shape;
  readonly after: Shape;
  readonly views: readonly View[];
  /** Views of tables whose rows nothing identifies. */
  readonly loose: readonly View[];
  /** Names of tables that stand as before, since the new shape lacks them. */
  readonly standing: readonly string[];
  readonly unseen: readonly Unseen[];
  readonly findings: readonly Finding[];
  /** With names as the two shapes spell them. */
  readonly terms: PairTerms;
  /** Triggers of the old shape, in their order. */
  readonly triggers: readonly { readonly name: string; readonly sql: string }[];
  /** Tables of the old shape of which SQLite can check the references. */
  readonly children: readonly Table[];
  readonly strictTables: ReadonlySet<string>;
}

/** Reads the pair; writes nothing. Throws `law/lens`, `law/unsupported-shape`. */
export function readPair(files: PairFiles, given: PairTerms): Pair {
  const encoding = encodingOf([files.before, files.after]);
  using db = Database.open(':memory:');
  using plain = Database.open(files.after, { readOnly: true });
  db.exec(`PRAGMA encoding = '${encoding}'`);
  db.attach('before', files.before, { readOnly: true });
  db.attach('after', files.after, { readOnly: true });
  const before = readTables(db, 'before');
  const after = readTables(db, 'after', before);
  const terms = spelledTerms(given, spellingOf(before, after));
  refuseVirtualTables(before, new Set(Object.keys(terms.rebuild)));
  const skipped = new Set(terms.bookkeeping);
  const findings = terms.findings ?? surveyDatabases(files, terms).findings;
  const { views, loose, unseen } = viewsOf({
    db,
    direction: 'back',
    wanted: before,
    other: after,
    wantedSchema: 'before',
    otherSchema: 'after',
    lenses: terms.lenses,
    skipped,
  });
  const followed = [...after.values()].filter(
    ({ kind, name }) => kind === 'table' && !skipped.has(name),
  );
  return {
    before,
    after,
    views,
    loose,
    standing: unseen.map((table) => table.name),
    unseen: unseenOf(followed, readsOf(plain, [...views, ...loose], after)),
    findings,
    terms,
    triggers: triggersOf(db),
    children: [...before.values()].filter((table) => isChecked(db, table)),
    strictTables: new Set(
      db.texts(`SELECT name FROM pragma_table_list WHERE schema = 'before' AND strict`),
    ),
  };
}

function triggersOf(db: Database): Pair['triggers'] {
  return db
    .all(`SELECT name, sql FROM before.sqlite_schema WHERE type = 'trigger' ORDER BY rowid`)
    .map((row) => ({ name: String(row['name']), sql: String(row['sql']) }));
}

/** False where a parent is missing or not unique, which SQLite answers with an error. */
function isChecked(db: Database, { name, foreignKeys }: Table): boolean {
  if (foreignKeys.length === 0) return false;
  try {
    db.count(`SELECT count(*) FROM pragma_foreign_key_check(?, 'before')`, name);
    return true;
  } catch (error) {
    if (isSqliteError(error)) return false;
    throw error;
  }
}
