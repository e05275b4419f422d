import type { Host } from '../host/host.ts';
import type { DocumentProposal, PairedDocument } from '../law/json/propose/proposal.ts';
import { pairedDocument, proposalsFor } from '../law/json/propose/propose.ts';
import { surveyDocument } from '../law/json/survey.ts';
import { patternOf } from '../manifest/kinds/json.ts';
import { isSecret } from '../manifest/kinds/secret.ts';
import type { AssetOf } from '../manifest/manifest.ts';
import type { AssetSurvey, SurveyRequest } from './asset.ts';
import { bytesOf, reversalOf } from './json-unit.ts';
import { troubleOf } from './json-check.ts';

/** What the upgrade did to each document, and what that suggests. One that does not parse is noted and left out. */
export async function surveyDocuments(
  { disk }: Host,
  asset: Pick<AssetOf<'json'>, 'name' | 'files' | 'secret'>,
  request: SurveyRequest,
): Promise<AssetSurvey> {
  const units = [...new Set([...request.before.keys(), ...request.after.keys()])].sort();
  const surveys: AssetSurvey[] = [];
  const groups = new Map<string, PairedDocument[]>();
  for (const unit of units) {
    const name = `${asset.name}/${unit}`;
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
      const written = request.reversal?.documents[name] ?? {};
      const paired = pairedDocument(name, { before, after }, written);
      const group = `${asset.name}/${patternOf(asset, unit) ?? unit}`;
      if (paired !== null) groups.set(group, [...(groups.get(group) ?? []), paired]);
    }
  }
  return {
    findings: surveys.flatMap((survey) => survey.findings),
    proposals: (await proposalsOf(groups)).filter((each) => !tellsSecret(asset, each)),
    oneWay: surveys.flatMap((survey) => survey.oneWay),
    notes: surveys.flatMap((survey) => survey.notes),
  };
}

async function proposalsOf(
  groups: ReadonlyMap<string, readonly PairedDocument[]>,
): Promise<DocumentProposal[]> {
  const proposals: DocumentProposal[] = [];
  for (const [group, documents] of groups)
    proposals.push(...(await proposalsFor(group, documents)));
  return proposals;
}

/** Maps of words are values, and those of what is declared secret are never shown. */
function tellsSecret(
  { name, secret }: Pick<AssetOf<'json'>, 'name' | 'secret'>,
  { kind, places }: DocumentProposal,
): boolean {
  if (kind === 'moved') return false;
  const own = places.map((place) => place.slice(name.length + 1));
  return own.some(
    (place) => isSecret(place, secret) || secret.some((each) => isSecret(each, [place])),
  );
}
