import { formatPath, valueAt, type Path } from '../path.ts';
import type { PairedDocument, ProposedEntries } from './proposal.ts';
import { isObject, type Json } from '../value.ts';

/** A place whose words the upgrade replaced by others, one for one, in every document that has it. */
export interface Renamed {
  readonly kind: 'words' | 'elements';
  readonly old: Path;
  readonly documents: ReadonlyMap<string, ProposedEntries>;
  readonly isProven: boolean;
  readonly evidence: string;
}

interface WordPair {
  readonly document: string;
  readonly before: string;
  readonly after: string;
}

/** Names, versions and times are rewritten one for one as well, and prove nothing. */
const word = /^\p{L}[\p{L}_-]{0,31}$/u;
const mostWords = 64;
/** So few words may each be seen once. */
const fewWords = 8;

/**
 * One-to-one maps of words that explain every difference at a place. Proven: two places at least show it, old words are
 * gone and new ones were not there before; else a guess.
 */
export function renamedWords(documents: readonly PairedDocument[]): Renamed[] {
  const paths = new Map(
    documents.flatMap(({ before }) =>
      textPaths(before, []).map((path) => [formatPath(path), path] as const),
    ),
  );
  return [...paths.values()].flatMap((path) => {
    const having = documents.filter(({ before }) => valueAt(before, path) !== undefined);
    const pairs = having.flatMap((document) => pairAt(document, path) ?? []);
    return pairs.length < having.length ? [] : (renamedAt(path, pairs) ?? []);
  });
}

function renamedAt(path: Path, pairs: readonly WordPair[]): Renamed | null {
  const words = wordsOf(pairs);
  if (words === null) return null;
  const entries: ProposedEntries = { [formatPath(path)]: { map: words.toOld } };
  const names = new Set(pairs.map(({ document }) => document));
  const { isProven, evidence } = words;
  const documents = new Map([...names].map((name) => [name, entries]));
  return { kind: 'words', old: path, documents, isProven, evidence };
}

/** A map of words, with what speaks for it. */
export interface FoundWords {
  /** New word → old word, those that stay included. */
  readonly toOld: Readonly<Record<string, string>>;
  readonly isProven: boolean;
  /** Every word that changed was seen twice, on average. */
  readonly isRepeated: boolean;
  readonly evidence: string;
}

/** Null where nothing differs, what differs is no words, or no one-to-one map explains it. */
export function wordsOf(
  pairs: readonly { readonly before: string; readonly after: string }[],
): FoundWords | null {
  const changed = pairs.filter(({ before, after }) => before !== after);
  const words = oneToOne(pairs);
  if (changed.length === 0 || words === null || words.size > mostWords) return null;
  const areWords = changed.every(({ before, after }) => word.test(before) && word.test(after));
  if (!areWords) return null;
  const [old, latest] = [new Set(words.keys()), new Set(words.values())];
  const isClean = changed.every(({ before, after }) => !latest.has(before) && !old.has(after));
  const kinds = new Set(changed.map(({ before }) => before)).size;
  const isRepeated = changed.length >= 2 * kinds;
  const isProven = isClean && changed.length > 1 && (kinds <= fewWords || isRepeated);
  const toOld = Object.fromEntries([...words].map(([before, after]) => [after, before]));
  const count = `${changed.length} of ${pairs.length} values`;
  const doubt = isClean ? 'once is no proof' : 'a word stands on both sides';
  const evidence = `${arrows(words)} in ${count}${isProven ? '' : `: a guess, ${doubt}`}`;
  return { toOld, isProven, isRepeated, evidence };
}

function arrows(words: ReadonlyMap<string, string>): string {
  return [...words]
    .filter(([old, latest]) => old !== latest)
    .map(([old, latest]) => `${old} → ${latest}`)
    .join(', ');
}

/** Null where one word stands for two, on either side. */
function oneToOne(
  pairs: readonly Omit<WordPair, 'document'>[],
): ReadonlyMap<string, string> | null {
  const toNew = new Map(pairs.map(({ before, after }) => [before, after]));
  const toOld = new Map(pairs.map(({ before, after }) => [after, before]));
  const isSo = pairs.every(
    ({ before, after }) => toNew.get(before) === after && toOld.get(after) === before,
  );
  return isSo ? toNew : null;
}

function pairAt({ name, before, after }: PairedDocument, path: Path): WordPair | null {
  const [old, latest] = [valueAt(before, path), valueAt(after, path)];
  if (old?.kind !== 'string' || latest?.kind !== 'string') return null;
  return { document: name, before: old.value, after: latest.value };
}

function textPaths(value: Json, path: Path): Path[] {
  if (value.kind === 'string') return path.includes('__proto__') ? [] : [path];
  if (!isObject(value)) return [];
  return [...value.members].flatMap(([key, member]) => textPaths(member, [...path, key]));
}
