import type { Decision } from '../law/place.ts';
import type { RecordedDecision } from '../law/reversal/decisions.ts';
import type { Pair } from './book.ts';
import type { DecisionsByAsset } from './decided.ts';
import { unattendedAnswer, type Answers, type Question } from './survey-upgrade.ts';

/** What an upgrade's answers come to in its pair. */
export interface Settled {
  readonly maps: Pair['maps'];
  readonly documents: NonNullable<Pair['documents']>;
  readonly decisions: DecisionsByAsset;
  /** What was taken from the data, for the record beside the decisions. */
  readonly taken: Readonly<Record<string, readonly RecordedDecision[]>>;
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
  const [maps, documents]: [Pair['maps'], Settled['documents']] = [{}, {}];
  const decisions: Record<string, Decision[]> = Object.fromEntries(
    Object.entries(parts.said).map(([asset, list]) => [asset, [...list]]),
  );
  const taken: Record<string, RecordedDecision[]> = {};
  for (const question of questions) {
    const given = parts.answers.get(question.place);
    const answer = given ?? unattendedAnswer(question, parts.takesProvenMaps);
    const { asset, finding, proposal } = question;
    const places = proposal?.places ?? [finding.place];
    const told = { at: parts.at, evidence: evidenceOf(question) };
    if (answer === 'map') {
      addMap(maps, question);
      addEntries(documents, question);
      const by = given === undefined ? 'data' : 'operator';
      const list = (taken[asset] ??= []);
      list.push(...places.map((place) => ({ place, choice: 'map' as const, by, ...told })));
    } else {
      const by = given === undefined ? 'default' : 'operator';
      const list = (decisions[asset] ??= []);
      list.push(...places.map((place) => ({ place, choice: answer, by, ...told })));
    }
  }
  return { maps, documents, decisions, taken };
}

function addEntries(documents: Settled['documents'], { proposal }: Question): void {
  for (const [name, entries] of Object.entries(proposal?.documents ?? {})) {
    documents[name] = { ...documents[name], ...entries };
  }
}

/** New word → old word, by asset, table and column. */
function addMap(maps: Pair['maps'], { asset, finding, proposal }: Question): void {
  const [table, column] = finding.place.split('.');
  if (
    proposal !== null ||
    finding.provenMap === null ||
    table === undefined ||
    column === undefined
  )
    return;
  const tables = (maps[asset] ??= {});
  const columns = (tables[table] ??= {});
  columns[column] = { ...finding.provenMap };
}

function evidenceOf({ finding, proposal }: Question): string {
  if (proposal !== null) return proposal.evidence;
  const { differentCount, sameCount } = finding;
  const isMapped = finding.provenMap !== null;
  const count = `${differentCount} of ${differentCount + sameCount} differ`;
  return isMapped
    ? `${count}, and one map of words explains all of them`
    : `${count}, and no rule says how they correspond`;
}
