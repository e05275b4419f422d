import type { Host } from '../host/host.ts';
import { surveyDocument } from '../law/json/survey.ts';
import type { AssetSurvey, SurveyRequest } from './asset.ts';
import { bytesOf, reversalOf } from './json-unit.ts';
import { troubleOf } from './json-check.ts';

/** What the upgrade did to each document. One that does not parse is noted and left out. */
export async function surveyDocuments(
  { disk }: Host,
  asset: string,
  request: SurveyRequest,
): Promise<AssetSurvey> {
  const units = [...new Set([...request.before.keys(), ...request.after.keys()])].sort();
  const surveys: AssetSurvey[] = [];
  for (const unit of units) {
    const name = `${asset}/${unit}`;
    const before = bytesOf(disk, request.before.get(unit));
    const after = bytesOf(disk, request.after.get(unit));
    const troubles = [before, after].flatMap((bytes) =>
      bytes === null ? [] : (troubleOf(bytes, name) ?? []),
    );
    if (troubles.length > 0) surveys.push({ findings: [], oneWay: [], notes: troubles });
    else {
      const options = { name, reversal: reversalOf(request.reversal, name) };
      const { findings, oneWay, problems } = await surveyDocument({ before, after }, options);
      const notes = problems.map(({ place, message }) => `${place}: ${message}`);
      surveys.push({ findings, oneWay, notes });
    }
  }
  return {
    findings: surveys.flatMap((survey) => survey.findings),
    oneWay: surveys.flatMap((survey) => survey.oneWay),
    notes: surveys.flatMap((survey) => survey.notes),
  };
}
