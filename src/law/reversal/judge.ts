import type { SurveyTerms } from '../rows/survey/survey-database.ts';
import { finding, inOrder, type ReversalFinding } from './finding.ts';
import { at, isLawRefusal, judgeData, type DataPair } from './judge-data.ts';
import { judgeDocuments } from './judge-documents.ts';
import { judgeFormats } from './judge-formats.ts';
import { judgeRoundTrip } from './judge-round-trip.ts';
import { judgeStatements } from './judge-statements.ts';
import { lintReversal } from './lint.ts';
import type { Reversal } from './reversal.ts';
import { schemaClone } from './schema-clone.ts';

/** A database of which both states are at hand. All files are closed databases, and only read. */
export interface JudgedDatabase {
  readonly asset: string;
  readonly before: string;
  readonly after: string;
  /** What users made of it; null where that is not at hand. */
  readonly now: string | null;
  readonly terms: SurveyTerms;
  /** An empty folder for copies, thrown away by the caller; null where there is no room for them. */
  readonly scratch: string | null;
  /** True where its rows are not to be read: SQLite judges on the two shapes alone. */
  readonly isShapeOnly?: boolean;
}

/**
 * Judges a reversal in three tiers: its words; SQLite, on the two shapes without rows; and the data, where both states
 * of a database are at hand. `text` is the file as it was read. What an earlier tier refuses is not run in a later one.
 */
export async function judgeReversal(
  reversal: Reversal,
  text: string,
  databases: readonly JudgedDatabase[],
): Promise<ReversalFinding[]> {
  const findings = [
    ...emptiness(reversal),
    ...lintReversal(reversal, text),
    ...judgeDocuments(reversal),
  ];
  for (const database of databases) {
    findings.push(...(await judgeDatabase(reversal, text, database)));
  }
  return inOrder(findings);
}

function emptiness({ databases, documents, decide }: Reversal): ReversalFinding[] {
  const isEmpty =
    Object.keys(documents).length === 0 &&
    Object.keys(decide).length === 0 &&
    Object.values(databases).every(
      ({ tables, rebuild }) => Object.keys(tables).length + Object.keys(rebuild).length === 0,
    );
  if (!isEmpty) return [];
  const message = 'says nothing beyond its releases';
  const hint =
    'leave the file out where no shape or meaning changed; `backstep reversal draft` writes a first one';
  return [finding('empty', { line: 1, column: 1, path: '', message, hint })];
}

async function judgeDatabase(
  reversal: Reversal,
  text: string,
  database: JudgedDatabase,
): Promise<ReversalFinding[]> {
  const { asset } = database;
  const [before, after] = [schemaClone(database.before), schemaClone(database.after)];
  try {
    const refused = judgeStatements({ reversal, text, asset, before, after });
    const isRefused = refused.some(({ severity }) => severity === 'error');
    if (isRefused || database.isShapeOnly === true) return refused;
    return [...refused, ...(await judgeRows({ reversal, ...database }, database))];
  } finally {
    before.close();
    after.close();
  }
}

async function judgeRows(
  pair: DataPair,
  { now, after, scratch }: JudgedDatabase,
): Promise<ReversalFinding[]> {
  const found = judgeData(pair, now);
  if (found.some(({ rule }) => rule === 'shape')) return found;
  const formats = judgeFormats(pair, now ?? after);
  const trip = scratch === null ? [untried(pair)] : await tryTrip(pair, scratch);
  return [...found, ...formats, ...trip];
}

/** What going back takes, going forth may not: a virtual table that only the new release has. */
async function tryTrip(pair: DataPair, scratch: string): Promise<ReversalFinding[]> {
  try {
    return await judgeRoundTrip(pair, scratch);
  } catch (error) {
    if (!isLawRefusal(error)) throw error;
    const message = `on the way forth: ${error.message}`;
    return [at(pair, [], { rule: 'shape', message, hint: error.hint })];
  }
}

function untried(pair: DataPair): ReversalFinding {
  const message = `${pair.asset}: the way forth and back was not tried: its copies need more room than there is`;
  return at(pair, [], { rule: 'untried', message, hint: 'make room, and run the command again' });
}
