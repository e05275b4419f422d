import { bookkeepingTables } from '../law/rows/bookkeeping.ts';
import { oneWayTables, type SurveyTerms } from '../law/rows/survey/survey-database.ts';
import type { MergeTerms } from '../law/rows/terms.ts';
import type { Reversal } from '../law/reversal/reversal.ts';
import type { AssetOf } from '../manifest/manifest.ts';
import { Database } from '../sqlite/database.ts';
import { readTables } from '../sqlite/schema.ts';
import { isSameName } from '../sqlite/spelling.ts';
import type { MergeRequest, UnitName } from './asset.ts';
import { decisionsOf } from './decided.ts';

/** A database as its manifest describes it. */
export interface DatabaseAsset {
  readonly asset: AssetOf<'sqlite'>;
  readonly unit: UnitName;
}

export function surveyTermsOf(asset: string, reversal: Reversal | null): SurveyTerms {
  const database = reversal?.databases[asset];
  const rebuild = Object.entries(database?.rebuild ?? {});
  return {
    lenses: database?.tables ?? {},
    bookkeeping: bookkeepingTables,
    rebuild: Object.fromEntries(
      rebuild.map(([name, statements]) => [name, statements.join(';\n')]),
    ),
  };
}

/** The terms of one merge; `base` is read for the names of its tables. */
export function mergeTermsOf(
  { asset }: DatabaseAsset,
  request: Pick<
    MergeRequest,
    'direction' | 'decisions' | 'reversal' | 'findings' | 'at' | 'enter' | 'onRows' | 'pause'
  >,
  base: string,
): MergeTerms {
  const tables = tablesOf(base);
  const written = Object.entries(asset.tables);
  const limits = tables.map((table) => [
    table,
    written.find(([name]) => isSameName(name, table))?.[1].carryLimit ?? asset.carryLimit,
  ]);
  return {
    ...surveyTermsOf(asset.name, request.reversal),
    direction: request.direction,
    ...(request.enter === undefined ? {} : { enter: request.enter }),
    ...(request.onRows === undefined ? {} : { onRows: request.onRows }),
    ...(request.findings === undefined ? {} : { findings: request.findings }),
    ...(request.pause === undefined ? {} : { pause: request.pause }),
    decisions: decisionsOf(asset.name, request),
    identity: asset.identity,
    carryLimits: Object.fromEntries(limits),
  };
}

/** Tables whose changes under the old release do not go forward again. */
export function oneWayOf(asset: string, reversal: Reversal | null): string[] {
  return oneWayTables(surveyTermsOf(asset, reversal).lenses);
}

function tablesOf(path: string): string[] {
  const db = Database.open(path, { isClosed: true });
  try {
    return [...readTables(db, 'main').keys()];
  } finally {
    db.close();
  }
}
