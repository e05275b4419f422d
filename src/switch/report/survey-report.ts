import { z } from 'zod';
import { faiths, type Decision, type Faith, type Finding, type Place } from '../../law/place.ts';
import { documentRules, type Pair } from '../book.ts';
import { decisionRecord } from './outcome-record.ts';
import type { Settled } from '../settle-questions.ts';
import type { Surveyed } from '../survey-upgrade.ts';

/** What an upgrade did to one asset, as its report tells it. */
export interface AssetSurveyReport {
  /** How many places (columns, key sets, paths, files) there are of each. */
  readonly places: Readonly<Record<Faith, number>>;
  /** Places that it did not leave as they were. */
  readonly findings: readonly Finding[];
  readonly decisions: readonly Decision[];
  /** Table → column → new word → old word: maps that the data proved and the upgrade took. */
  readonly maps: Pair['maps'][string];
  /** Document → old path → entry: what the data suggested for documents and the upgrade took. */
  readonly documents: NonNullable<Pair['documents']>;
  readonly oneWay: readonly Place[];
  readonly notes: readonly string[];
}

/** By asset; `survey` of `upgrade --json`. */
export type SurveyReport = Readonly<Record<string, AssetSurveyReport>>;

const count = z.int().nonnegative();
const words = z.record(z.string(), z.string());

const findingRecord: z.ZodType<Finding> = z.object({
  place: z.string(),
  faith: z.enum(faiths),
  sameCount: count,
  differentCount: count,
  side: z.enum(['both', 'old', 'new']).exactOptional(),
  provenMap: words.nullable(),
});

/** The same, as a record holds it. */
export const surveyRecord: z.ZodType<SurveyReport> = z.record(
  z.string(),
  z.object({
    places: z.object({ faithful: count, rewritten: count, blind: count, unproven: count }),
    findings: z.array(findingRecord),
    decisions: z.array(decisionRecord),
    maps: z.record(z.string(), z.record(z.string(), words)),
    documents: documentRules.default({}),
    oneWay: z.array(z.string()),
    notes: z.array(z.string()),
  }),
);

export function surveyReport(surveys: readonly Surveyed[], settled: Settled): SurveyReport {
  return Object.fromEntries(
    surveys.map(({ asset, survey: { findings, oneWay, notes } }) => [
      asset,
      {
        places: countByFaith(findings),
        findings: findings.filter(({ faith }) => faith !== 'faithful'),
        decisions: settled.decisions[asset] ?? [],
        maps: settled.maps[asset] ?? {},
        documents: documentsOf(asset, settled),
        oneWay,
        notes,
      },
    ]),
  );
}

function documentsOf(asset: string, { documents }: Settled): Settled['documents'] {
  return Object.fromEntries(
    Object.entries(documents).filter(([name]) => name.startsWith(`${asset}/`)),
  );
}

function countByFaith(findings: readonly Finding[]): Record<Faith, number> {
  const counts = { faithful: 0, rewritten: 0, blind: 0, unproven: 0 };
  for (const { faith } of findings) counts[faith] += 1;
  return counts;
}
