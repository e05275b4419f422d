import { join } from 'node:path/posix';
import type { AssetHandler, AssetSurvey, Side, SurveyRequest } from '../../asset/asset.ts';
import type { Disk } from '../../host/disk.ts';
import { makeFolders } from '../../host/whole-file.ts';
import { renderPath, type Path } from '../../form/problem.ts';
import type { Finding } from '../../law/place.ts';
import { finding, type ReversalFinding, type RuleCode } from '../../law/reversal/finding.ts';
import { isDocumentRefusal } from '../../law/json/reversal.ts';
import { positionOf, type Reversal } from '../../law/reversal/reversal.ts';

/** One side of a pair, asset by asset. */
export interface PairSide {
  side(asset: string): Side;
}

/** The documents of a pair, and a folder for working files. */
export interface PairDocuments {
  readonly documents: readonly {
    readonly asset: AssetHandler;
    readonly before: PairSide;
    readonly after: PairSide;
  }[];
  readonly folder: string;
}

/** Judges the entries for documents on the documents of the pair. */
export async function checkDocuments(
  disk: Disk,
  reversal: Reversal,
  { documents, folder }: PairDocuments,
): Promise<ReversalFinding[]> {
  const findings: ReversalFinding[] = [];
  for (const { asset, before, after } of documents) {
    const scratch = join(folder, `survey-${asset.name}`);
    makeFolders(disk, scratch, 0o700);
    const sides = { before: before.side(asset.name), after: after.side(asset.name) };
    const surveyed = await surveyOrNothing(asset, { ...sides, reversal, scratch });
    findings.push(
      ...surveyed.notes.map((note) =>
        say(reversal, placeIn(note), { rule: 'document', message: note, hint: '' }),
      ),
      ...surveyed.findings.flatMap((each) => judgePlace(reversal, each)),
      ...surveyed.oneWay.map((place) => {
        const message = `${place}: what users change under the old release will not reach the new one again`;
        return say(reversal, place, { rule: 'one-way', message, hint: 'write `forth:`' });
      }),
    );
  }
  return findings;
}

/** An entry that cannot be used at all was told already. */
async function surveyOrNothing(asset: AssetHandler, request: SurveyRequest): Promise<AssetSurvey> {
  try {
    return await asset.survey(request);
  } catch (error) {
    if (isDocumentRefusal(error)) return { findings: [], oneWay: [], notes: [] };
    throw error;
  }
}

function judgePlace(
  reversal: Reversal,
  { place, faith, differentCount }: Finding,
): ReversalFinding[] {
  if (faith === 'rewritten') {
    const message = `${place}: differs from before${differentCount > 1 ? ` in ${differentCount} values` : ''}, though nobody changed it`;
    const hint = 'say where the old value stands in the new document, or decide the place';
    return [say(reversal, place, { rule: 'rewritten', message, hint })];
  }
  if (faith !== 'blind') return [];
  const message = `${place}: only one of the two releases has it; what users write there is parked`;
  return [say(reversal, place, { rule: 'unread', message, hint: '' })];
}

/** `asset/file#path: message` of a note, as far as it names a place. */
function placeIn(note: string): string {
  return note.slice(0, Math.max(0, note.indexOf(': ')));
}

function say(
  reversal: Reversal,
  place: string,
  said: { readonly rule: RuleCode; readonly message: string; readonly hint: string },
): ReversalFinding {
  const cut = place.indexOf('#');
  const path: Path =
    cut < 0 ? ['json', place] : ['json', place.slice(0, cut), place.slice(cut + 1)];
  const { rule, message, hint } = said;
  return finding(rule, { ...positionOf(reversal, path), path: renderPath(path), message, hint });
}
