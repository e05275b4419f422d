import type { AssetSurvey } from '../asset/asset.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import { nearest } from '../form/nearest.ts';
import type { Choice, Decision, Finding } from '../law/place.ts';
import { formatPlace } from '../law/reversal/place-name.ts';
import type { Reversal } from '../law/reversal/reversal.ts';
import type { Pair } from './book.ts';
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
}

/** `map`: take the map that the data proves. */
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
    const decided = new Set((said[asset] ?? []).map(({ place }) => place));
    return survey.findings
      .filter((finding) => isOpen(finding) && !decided.has(finding.place))
      .map((finding) => ({ asset, place: formatPlace({ asset, place: finding.place }), finding }))
      .filter(({ place }) => reversal?.decide[place] === undefined);
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

/** The answer that a question gets where nobody is asked: the map that the data proves where that is wanted, else `park`. */
export function unattendedAnswer({ finding }: Question, takesProvenMaps: boolean): Answer {
  return finding.provenMap !== null && takesProvenMaps ? 'map' : 'park';
}

/** What an upgrade's answers come to in its pair. */
export interface Settled {
  readonly maps: Pair['maps'];
  readonly decisions: DecisionsByAsset;
}

/** Writes answers down as maps and decisions, beside what was said before. */
export function settleQuestions(
  questions: readonly Question[],
  parts: {
    readonly answers: Answers;
    readonly said: DecisionsByAsset;
    readonly takesProvenMaps: boolean;
    /** ISO 8601, UTC. */
    readonly at: string;
  },
): Settled {
  const maps: Pair['maps'] = {};
  const decisions: Record<string, Decision[]> = Object.fromEntries(
    Object.entries(parts.said).map(([asset, list]) => [asset, [...list]]),
  );
  for (const question of questions) {
    const given = parts.answers.get(question.place);
    const answer = given ?? unattendedAnswer(question, parts.takesProvenMaps);
    if (answer === 'map') addMap(maps, question);
    else {
      const by = given === undefined ? 'default' : 'operator';
      const list = (decisions[question.asset] ??= []);
      const { place } = question.finding;
      list.push({ place, choice: answer, by, at: parts.at, evidence: evidenceOf(question) });
    }
  }
  return { maps, decisions };
}

/** New word → old word, by asset, table and column. */
function addMap(maps: Pair['maps'], { asset, finding }: Question): void {
  const [table, column] = finding.place.split('.');
  if (finding.provenMap === null || table === undefined || column === undefined) return;
  const tables = (maps[asset] ??= {});
  const columns = (tables[table] ??= {});
  columns[column] = { ...finding.provenMap };
}

function evidenceOf({ finding }: Question): string {
  const { differentCount, sameCount } = finding;
  return `${differentCount} of ${differentCount + sameCount} differ, and no rule says how they correspond`;
}
