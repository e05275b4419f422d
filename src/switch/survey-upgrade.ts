import type { AssetSurvey } from '../asset/asset.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import { nearest } from '../form/nearest.ts';
import type { DocumentProposal } from '../law/json/propose/proposal.ts';
import type { Choice, Finding } from '../law/place.ts';
import { formatPlace, parsePlace } from '../law/reversal/place-name.ts';
import type { Reversal } from '../law/reversal/reversal.ts';
import type { DecisionsByAsset } from './decided.ts';
import type { OnProgress } from './report/events.ts';
import { stateAssets, type Ground } from './ground.ts';
import type { StagedAsset } from './stage/staged.ts';
import type { CapturedState } from './stage/states.ts';
import { freshFolder, type Workspace } from './stage/workspace.ts';

/** What an upgrade did to one asset before any user came. */
export interface Surveyed {
  readonly asset: string;
  readonly survey: AssetSurvey;
}

/** A place that the upgrade rewrote and that no rule and no decision speaks of. */
export interface Question {
  readonly asset: string;
  /** As `--decide` names it: `history.download_history.status`. */
  readonly place: string;
  readonly finding: Finding;
  /** What the data suggests for it, where it is a place of documents. */
  readonly proposal: DocumentProposal | null;
}

/** `map`: take what the data suggests. */
export type Answer = Choice | 'map';

/** What a person is asked before the commit record of an upgrade. */
export interface UpgradeSurvey {
  readonly from: string;
  readonly to: string;
  readonly surveys: readonly Surveyed[];
  readonly questions: readonly Question[];
}

/** By the question's place. A question without an answer takes its unattended default. */
export type Answers = ReadonlyMap<string, Answer>;

/**
 * Answers an upgrade's questions, with nothing of it committed. Throws `interrupted` where a person gives up:
 * the run then takes itself back.
 */
export type DecideUpgrade = (survey: UpgradeSurvey) => Promise<Answers>;

/** Compares every asset as it was with the migrated copy. Reads only. */
export async function surveyAssets(
  ground: Ground,
  workspace: Workspace,
  parts: {
    readonly before: CapturedState;
    readonly assets: readonly StagedAsset[];
    readonly reversal: Reversal | null;
    readonly onProgress: OnProgress;
  },
): Promise<Surveyed[]> {
  const surveys: Surveyed[] = [];
  for (const [done, { name, wanted }] of parts.assets.entries()) {
    const asset = stateAssets(ground).find((each) => each.name === name);
    if (asset === undefined) continue;
    parts.onProgress({ asset: name, step: 'survey', done, total: parts.assets.length });
    const scratch = freshFolder(ground.host.disk, workspace.work, 'survey', name);
    const sides = { before: parts.before.side(name), after: wanted };
    const survey = await asset.survey({ ...sides, reversal: parts.reversal, scratch });
    surveys.push({ asset: name, survey });
  }
  return surveys;
}

/** The places that nothing decides yet. Throws `reversal/decision` for a decision about a place that is not there. */
export function questionsOf(
  surveys: readonly Surveyed[],
  { said, reversal }: { readonly said: DecisionsByAsset; readonly reversal: Reversal | null },
): Question[] {
  requireKnown(surveys, said);
  return surveys.flatMap(({ asset, survey }) => {
    const decided = new Set([
      ...(said[asset] ?? []).map(({ place }) => place),
      ...Object.keys(reversal?.decide ?? {}).flatMap((full) => placeWithin(asset, full)),
    ]);
    const proposed = proposedQuestions(asset, survey, decided);
    const asked = new Set(proposed.flatMap(({ proposal }) => proposal?.places ?? []));
    const open = survey.findings.filter(
      (finding) => isOpen(finding) && !decided.has(finding.place) && !asked.has(finding.place),
    );
    const rest = open.map((finding) => questionOf(asset, finding));
    return [...proposed, ...rest];
  });
}

function placeWithin(asset: string, full: string): string[] {
  const found = parsePlace(full);
  return found?.asset === asset ? [found.place] : [];
}

function questionOf(asset: string, finding: Finding): Question {
  return { asset, place: formatPlace({ asset, place: finding.place }), finding, proposal: null };
}

/** One question a proposal, however many documents it is about; documents that were decided about are left out of it. */
function proposedQuestions(
  asset: string,
  { findings, proposals = [] }: AssetSurvey,
  decided: ReadonlySet<string>,
): Question[] {
  return proposals.flatMap((proposal) => {
    const isDecided = (place: string): boolean => [...decided].some((each) => touches(place, each));
    const places = proposal.places.filter((place) => !isDecided(place));
    if (places.length === 0) return [];
    const documents = Object.fromEntries(
      Object.entries(proposal.documents).filter(([name]) =>
        places.some((place) => place.startsWith(`${name}#`)),
      ),
    );
    const known = findings.filter(({ place }) => places.includes(place));
    const differentCount = known.filter(({ faith }) => faith !== 'faithful').length;
    const finding: Finding = {
      place: proposal.place,
      faith: proposal.kind === 'moved' ? 'blind' : 'rewritten',
      side: proposal.kind === 'moved' ? 'old' : 'both',
      sameCount: known.length - differentCount,
      differentCount: Math.max(differentCount, places.length - known.length),
      provenMap: null,
    };
    const { place } = proposal;
    return [{ asset, place, finding, proposal: { ...proposal, places, documents } }];
  });
}

function isOpen({ faith, place }: Finding): boolean {
  return faith === 'rewritten' && place.includes('.');
}

/** A misspelled decision would be kept, and mean nothing. */
function requireKnown(surveys: readonly Surveyed[], said: DecisionsByAsset): void {
  const known = surveys.flatMap(({ asset, survey }) =>
    survey.findings.map(({ place }) => formatPlace({ asset, place })),
  );
  const written = Object.entries(said).flatMap(([asset, decisions]) =>
    decisions.map(({ place }) => formatPlace({ asset, place })),
  );
  const unknown = written.find((place) => !known.some((each) => touches(each, place)));
  if (unknown === undefined) return;
  const near = nearest(unknown, known);
  throw new BackstepError('reversal/decision', {
    message: `--decide ${unknown}: no asset has such a place`,
    hint: near === null ? 'see the places with `backstep plan --upgrade`' : `did you mean ${near}?`,
  });
}

/** One lies within the other, or they are one. */
function touches(one: string, other: string): boolean {
  const isWithin = (inner: string, outer: string): boolean => {
    const divider = outer.includes('#') ? /^(?:$|[.[])/ : /^(?:$|#)/;
    return inner.startsWith(outer) && divider.test(inner.slice(outer.length));
  };
  return isWithin(one, other) || isWithin(other, one);
}

/** The answer that a question gets where nobody is asked: what the data proves where that is wanted, else `park`. */
export function unattendedAnswer(question: Question, takesProvenMaps: boolean): Answer {
  return isProven(question) && takesProvenMaps ? 'map' : 'park';
}

/** True where the data leaves no other reading; a map of the elements of an array has no form in which it could be taken. */
export function isProven({ proposal, finding }: Question): boolean {
  const isColumn = finding.provenMap !== null && !finding.place.includes('#');
  return proposal?.isProven ?? isColumn;
}
