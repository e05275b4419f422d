import type { AssetSurvey } from '../asset/asset.ts';
import { entryLines } from '../law/json/propose/proposal.ts';
import type { Faith, Finding } from '../law/place.ts';
import type { Question, UpgradeSurvey } from '../switch/survey-upgrade.ts';
import { table } from './output.ts';

const faiths: readonly Faith[] = ['faithful', 'rewritten', 'blind', 'unproven'];

/** What an upgrade does to the state, for a person who has to say yes to it. */
export function surveyLines(survey: UpgradeSurvey): string[] {
  const { from, to, surveys, questions } = survey;
  const rows = surveys.map(({ asset, survey: found }) => [
    asset,
    ...faiths.map((faith) => String(countOf(found, faith))),
  ]);
  return [
    `what the upgrade from ${from} to ${to} does to each place (column, path or file):`,
    ...table([['asset', ...faiths], ...rows]),
    ...irreversibleLines(survey),
    ...questions.flatMap((question) => [
      '',
      `? ${questionLine(question)}`,
      ...offerLines(question),
    ]),
  ];
}

function countOf({ findings }: AssetSurvey, faith: Faith): number {
  return findings.filter((finding) => finding.faith === faith).length;
}

/** What a rollback at night, with nobody to ask, would not carry. */
function irreversibleLines({ surveys, questions }: UpgradeSurvey): string[] {
  const lines = surveys.flatMap(({ asset, survey }) => [
    ...placesLine(
      `${asset}: the old release has no place for, so a rollback parks it`,
      survey,
      'blind',
    ),
    ...placesLine(`${asset}: nothing was there to prove it`, survey, 'unproven'),
    ...survey.oneWay.map(
      (place) =>
        `${asset}: one way: what ${place} gets under the old release cannot go forward again`,
    ),
    ...survey.notes.map((note) => `${asset}: ${note}`),
  ]);
  const open = questions.length === 1 ? '1 place' : `${questions.length} places`;
  return [
    ...lines,
    questions.length === 0
      ? 'every place that the upgrade rewrote has a rule or a decision'
      : `${open} that no rule speaks of: without an answer changes there are parked by a rollback`,
  ];
}

const shownPlaces = 6;

function placesLine(says: string, { findings }: AssetSurvey, faith: Faith): string[] {
  const places = findings.filter((finding) => finding.faith === faith).map(({ place }) => place);
  if (places.length === 0) return [];
  const more = places.length > shownPlaces ? ` and ${places.length - shownPlaces} more` : '';
  return [`${says}: ${places.slice(0, shownPlaces).join(', ')}${more}`];
}

/** One place with what the pair of states says of it. */
export function questionLine({ place, finding, proposal }: Question): string {
  if (proposal !== null && proposal.kind !== 'words') return `${place}: ${proposal.evidence}`;
  return `${place}: rewritten in ${rowsOf(finding)}`;
}

function rowsOf({ differentCount, sameCount }: Finding): string {
  const count = (n: number): string => n.toLocaleString('en-US');
  return `${count(differentCount)} of ${count(differentCount + sameCount)} values`;
}

function offerLines(question: Question): string[] {
  const map = mapText(question);
  if (map === null) return [];
  const { proposal } = question;
  if (proposal === null) return [`  proposed: ${map} in ${rowsOf(question.finding)}`];
  const places = proposal.places.length > 1 ? ` (${proposal.places.length} documents)` : '';
  return [`  ${proposal.isProven ? 'proposed' : 'a guess'}: ${map}${places}`];
}

/** `done → completed`: old word, new word; `theme: ui.theme.mode` of a document. Null where the data suggests nothing. */
export function mapText({ finding, proposal }: Question): string | null {
  if (proposal !== null) {
    const [entries = {}] = Object.values(proposal.documents);
    return entryLines(entries).join(', ');
  }
  if (finding.provenMap === null || finding.place.includes('#')) return null;
  const words = Object.entries(finding.provenMap).map(([latest, old]) => `${old} → ${latest}`);
  return words.join(', ');
}
