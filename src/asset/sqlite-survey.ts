import { join } from 'node:path/posix';
import type { Host } from '../host/host.ts';
import { surveyDatabases } from '../law/rows/survey/survey-database.ts';
import type { AssetSurvey, SurveyRequest } from './asset.ts';
import { workingFile } from './sqlite-file.ts';
import { surveyTermsOf, type DatabaseAsset } from './sqlite-terms.ts';

/** What the upgrade did to a database. A database that only one release has is blind as a whole. */
export function surveySqlite(
  { disk }: Host,
  { asset, unit }: DatabaseAsset,
  request: SurveyRequest,
): AssetSurvey {
  const { before: left, after: right, reversal, scratch } = request;
  const before = workingFile(disk, left, { unit, path: join(scratch, 'before.db') });
  const after = workingFile(disk, right, { unit, path: join(scratch, 'after.db') });
  if (before === null || after === null) {
    const isInOne = before !== null || after !== null;
    const blind = { faith: 'blind', sameCount: 0, differentCount: 0, provenMap: null } as const;
    return { findings: isInOne ? [{ place: unit, ...blind }] : [], oneWay: [], notes: [] };
  }
  const surveyed = surveyDatabases(
    { before, after },
    { ...surveyTermsOf(asset.name, reversal), disk },
  );
  return { ...surveyed, notes: [] };
}
