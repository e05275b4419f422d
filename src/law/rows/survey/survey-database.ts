import { Database } from '../../../sqlite/database.ts';
import { readTables } from '../../../sqlite/schema.ts';
import { spellingOf } from '../../../sqlite/spelling.ts';
import type { Finding, Place } from '../../place.ts';
import { originOf, type Bench } from '../bench.ts';
import { readsOf } from './blind.ts';
import { requireKnownCollations } from '../collation.ts';
import { encodingOf } from '../encoding.ts';
import { surveyLoose } from '../keyless/multiset.ts';
import { surveyTable } from './survey.ts';
import { spelledNames } from '../spelled-terms.ts';
import type { MergeTerms } from '../terms.ts';
import { refuseVirtualTables, viewsOf, type Lenses, type Shape, type View } from '../view.ts';

/** The pair of an upgrade: closed databases. */
export interface SurveyFiles {
  readonly before: string;
  readonly after: string;
}

export type SurveyTerms = Pick<MergeTerms, 'lenses' | 'bookkeeping' | 'rebuild' | 'disk'>;

export interface DatabaseSurvey {
  /** Of both shapes: columns and key sets of the old one, then what only the new one has (blind). */
  readonly findings: readonly Finding[];
  /** Tables whose later changes under the old release will not reach the new one again. */
  readonly oneWay: readonly Place[];
}

/**
 * Judges every place of a database by the pair alone, before any user came: what the upgrade left as it was, what
 * it rewrote, what only one shape has. Reads only. Throws `law/lens`, `law/unsupported-shape`.
 */
export function surveyDatabases(files: SurveyFiles, given: SurveyTerms): DatabaseSurvey {
  const encoding = encodingOf([files.before, files.after]);
  requireKnownCollations([files.before, files.after]);
  const db = Database.open(':memory:');
  const plain = Database.open(files.after, { readOnly: true });
  try {
    db.exec(`PRAGMA encoding = '${encoding}'`);
    db.attach('base', files.before, { readOnly: true });
    db.attach('origin', files.after, { readOnly: true });
    // A file without a name, which goes with the connection.
    db.exec(`ATTACH '' AS scratch`);
    const base = readTables(db, 'base');
    const origin = readTables(db, 'origin', base);
    const terms = spelledNames(given, spellingOf(base, origin));
    const skipped = new Set(terms.bookkeeping);
    refuseVirtualTables(base, new Set(Object.keys(terms.rebuild)));
    const { views, loose, unseen } = viewsOf({
      db,
      direction: 'back',
      wanted: base,
      other: origin,
      wantedSchema: 'base',
      otherSchema: 'origin',
      lenses: terms.lenses,
      skipped,
    });
    const { before, after } = files;
    const paths = { main: after, base: before, origin: after, latest: after, earlier: after };
    const pages = terms.disk === undefined ? null : { disk: terms.disk, paths };
    const bench: Bench = {
      db,
      pages,
      hasJournal: true,
      stored: new Map(),
      rows: { told: () => {} },
      confined: null,
      direction: 'back',
      base,
      origin,
      latest: origin,
      views,
      loose,
    };
    const seen = [
      ...views.flatMap((view) => surveyView(bench, view)),
      ...loose.flatMap((view) => surveyView(bench, view)),
    ];
    const lost = unseen.map((table): Finding => ({ ...blind(table.name), side: 'old' }));
    const added = newPlaces(origin, { plain, views: [...views, ...loose], skipped });
    return {
      findings: [...seen, ...lost, ...added],
      oneWay: [...oneWayTables(terms.lenses), ...unseen.map((table) => table.name)],
    };
  } finally {
    plain.close();
    db.close();
  }
}

function surveyView(bench: Bench, view: View): Finding[] {
  bench.db.exec(`CREATE TEMP VIEW ${originOf(view)} AS ${view.selectFrom('origin')}`);
  return view.key.length === 0 ? surveyLoose(bench, view) : surveyTable(bench, view);
}

/** Tables that a `select` makes for the old shape, with nothing to lead changes into the new one. */
export function oneWayTables(lenses: Lenses): Place[] {
  return Object.entries(lenses)
    .filter(([, { select, forth, triggers }]) => select !== undefined && !forth && !triggers)
    .map(([table]) => table);
}

interface Seen {
  readonly plain: Database;
  readonly views: readonly View[];
  readonly skipped: ReadonlySet<string>;
}

/** What users store there under the new release, the old one has no place for. */
function newPlaces(origin: Shape, { plain, views, skipped }: Seen): Finding[] {
  const reads = readsOf(plain, views, origin);
  return [...origin.values()]
    .filter((table) => table.kind === 'table' && !skipped.has(table.name))
    .flatMap((table) => {
      const read = reads.get(table.name);
      if (read === undefined) return [blind(table.name)];
      return table.columns
        .filter(
          ({ name, isGenerated, keyPosition }) =>
            !isGenerated && keyPosition === 0 && !read.has(name),
        )
        .map(({ name }) => blind(`${table.name}.${name}`));
    });
}

function blind(place: Place): Finding {
  return { place, faith: 'blind', sameCount: 0, differentCount: 0, provenMap: null };
}
