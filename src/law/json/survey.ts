import type { BackstepError } from '../../fault/backstep-error.ts';
import type { Faith, Finding, Place } from '../place.ts';
import { readDocument } from './document.ts';
import { elementsOf, type KeyFields } from './keyed.ts';
import { isNothing } from './merge.ts';
import { placeOf, valueAt, withValueAt, type Path } from './path.ts';
import {
  isOneWay,
  noReversal,
  type DocumentReversal,
  type ExpressionEntry,
  type ReversalEntry,
} from './reversal.ts';
import { countLeaves, isObject, isSame, type Json } from './value.ts';
import { forthView, oldView, withoutNewPaths, withoutOldPaths } from './view.ts';
import { provenWords } from './words.ts';

export interface DocumentFinding extends Finding {
  /** Which shape has the place. */
  readonly side: 'both' | 'old' | 'new';
}

export interface DocumentSurvey {
  /** Every path of both shapes lies in exactly one of these. */
  readonly findings: readonly DocumentFinding[];
  /** Places whose later changes will not reach the new release again. */
  readonly oneWay: readonly Place[];
  /** Expressions that failed, and entries for which forth, then back, gives something else. */
  readonly problems: readonly SurveyProblem[];
  /** The old release knows no such file. */
  readonly isOnlyNew: boolean;
}

export interface SurveyProblem {
  readonly place: Place;
  readonly message: string;
}

export interface SurveyOptions {
  readonly name: string;
  readonly reversal?: DocumentReversal;
}

/**
 * Judges every place of a document by the pair alone: what the upgrade left as it was, what it rewrote,
 * what only one shape has. Throws BackstepError `document/*` where one of the two is no JSON.
 */
export async function surveyDocument(
  states: { readonly before: Uint8Array | null; readonly after: Uint8Array | null },
  { name, reversal = noReversal }: SurveyOptions,
): Promise<DocumentSurvey> {
  const before = rootOf(states.before, `${name} (before)`);
  const after = rootOf(states.after, `${name} (after)`);
  const entries = await surveyEntries(reversal.entries, { before, after, name });
  const identical = compare(
    withoutOldPaths(before, reversal),
    withoutNewPaths(after, reversal, [before]),
    [],
  );
  const findings = identical.map((pair) => judge(pair, name));
  return {
    findings: [...findings, ...entries.findings],
    oneWay: reversal.entries.filter(isOneWay).map((entry) => placeOf(name, entry.old)),
    problems: entries.problems,
    isOnlyNew: before === undefined && after !== undefined,
  };
}

/** One place as the two shapes have it. */
interface Candidate {
  readonly path: Path;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

function rootOf(bytes: Uint8Array | null, name: string): Json | undefined {
  return bytes === null ? undefined : readDocument(bytes, name).root;
}

/** The places of two documents, as deep as both are objects. */
function compare(before: Json | undefined, after: Json | undefined, path: Path): Candidate[] {
  if (before === undefined && after === undefined) return [];
  const isWhole = isSame(before, after) && !holdsNothing(before);
  if (isWhole || !isObject(before) || !isObject(after)) return [{ path, before, after }];
  const keys = new Set([...before.members.keys(), ...after.members.keys()]);
  if (keys.size === 0) return [{ path, before, after }];
  return [...keys].flatMap((key) =>
    compare(before.members.get(key), after.members.get(key), [...path, key]),
  );
}

function holdsNothing(value: Json | undefined): boolean {
  if (isNothing(value)) return true;
  return isObject(value) && [...value.members.values()].some(holdsNothing);
}

function judge({ path, before, after }: Candidate, name: string): DocumentFinding {
  const isEqual = isSame(before, after);
  const side = before === undefined ? 'new' : after === undefined ? 'old' : 'both';
  const faith: Faith = side !== 'both' ? 'blind' : isEqual ? 'faithful' : 'rewritten';
  const count = Math.max(countLeaves(before), countLeaves(after));
  return {
    place: placeOf(name, path),
    faith: isEqual && isNothing(before) ? 'unproven' : faith,
    side,
    sameCount: isEqual ? count : 0,
    differentCount: isEqual ? 0 : count,
    provenMap: null,
  };
}

interface Pair {
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  readonly name: string;
}

async function surveyEntries(
  entries: readonly ReversalEntry[],
  pair: Pair,
): Promise<{ findings: DocumentFinding[]; problems: SurveyProblem[] }> {
  const findings: DocumentFinding[] = [];
  const problems: SurveyProblem[] = [];
  for (const entry of entries) {
    const place = placeOf(pair.name, entry.old);
    const view = await oldView(entry, pair.after);
    if (!view.ok) problems.push(problemOf(place, view.fault));
    const before = valueAt(pair.before, entry.old);
    const after = view.ok ? view.value : undefined;
    findings.push(...surveyEntry(entry, { before, after, name: pair.name }));
    if (entry.way === 'expression') problems.push(...(await checkForth(entry, pair)));
  }
  return { findings, problems };
}

function surveyEntry(entry: ReversalEntry, { before, after, name }: Pair): DocumentFinding[] {
  if (before === undefined && after === undefined) {
    const nothing = { faith: 'unproven', side: 'both', sameCount: 0, differentCount: 0 } as const;
    return [{ place: placeOf(name, entry.old), ...nothing, provenMap: null }];
  }
  const fields =
    entry.key === null ? null : surveyFields({ before, after, name }, entry.old, entry.key);
  if (fields !== null) return fields;
  return [judge({ path: entry.old, before, after }, name)];
}

/** The fields of an array's elements, over the elements that both shapes have; null where none has a key. */
function surveyFields(pair: Pair, path: Path, key: KeyFields): DocumentFinding[] | null {
  const [older, newer] = [elementsOf(pair.before, key), elementsOf(pair.after, key)];
  if (older === null || newer === null || older.size + newer.size === 0) return null;
  const common = [...older].flatMap(([id, before]) => {
    const after = newer.get(id);
    return after === undefined ? [] : [{ before, after }];
  });
  const fields = new Set(
    [...older.values(), ...newer.values()].flatMap((element) => [...element.members.keys()]),
  );
  return [...fields].map((field) => {
    const pairs = common.map(({ before, after }) => ({
      before: before.members.get(field),
      after: after.members.get(field),
    }));
    return surveyField(placeOf(pair.name, [...path, field]), pairs);
  });
}

type FieldPair = Omit<Pair, 'name'>;

function surveyField(place: Place, pairs: readonly FieldPair[]): DocumentFinding {
  const sameCount = pairs.filter(({ before, after }) => isSame(before, after)).length;
  const isOld = pairs.some(({ before }) => before !== undefined);
  const isNew = pairs.some(({ after }) => after !== undefined);
  const side = isOld === isNew ? 'both' : isOld ? 'old' : 'new';
  const isEqual = sameCount === pairs.length;
  const faith = side === 'both' ? (isEqual ? 'faithful' : 'rewritten') : 'blind';
  return {
    place,
    faith: isOld || isNew ? faith : 'unproven',
    side,
    sameCount,
    differentCount: pairs.length - sameCount,
    provenMap: provenWords(pairs),
  };
}

/** Old to new to old must give back what was there. */
async function checkForth(entry: ExpressionEntry, pair: Pair): Promise<SurveyProblem[]> {
  const place = placeOf(pair.name, entry.old);
  if (entry.forth.length === 0 || pair.before === undefined || pair.after === undefined) return [];
  let document: Json | undefined = pair.after;
  for (const forth of entry.forth) {
    const view = await forthView(forth, pair.before);
    if (!view.ok) return [problemOf(place, view.fault)];
    const changed = withValueAt(document, forth.new, view.value);
    const target = placeOf(pair.name, forth.new);
    if (changed === null) return [{ place, message: `forth: there is no object around ${target}` }];
    document = changed.root;
  }
  const back = await oldView(entry, document);
  if (!back.ok) return [problemOf(place, back.fault)];
  if (isSame(back.value, valueAt(pair.before, entry.old))) return [];
  return [
    { place, message: 'forth, then back, does not give what stood there before the upgrade' },
  ];
}

function problemOf(place: Place, fault: BackstepError): SurveyProblem {
  return { place, message: fault.message };
}
