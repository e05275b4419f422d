import { isSame, type Json } from './value.ts';

export interface WordPair {
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/**
 * The one-to-one map, old word to new word, that explains every difference between the pairs; null where
 * there is none, where nothing differs, or where each word was seen once, which proves nothing.
 */
export function provenWords(pairs: readonly WordPair[]): Readonly<Record<string, string>> | null {
  if (pairs.every(({ before, after }) => isSame(before, after))) return null;
  const toNew = new Map<string, string>();
  const toOld = new Map<string, string>();
  for (const { before, after } of pairs) {
    if (before === undefined && after === undefined) continue;
    if (before?.kind !== 'string' || after?.kind !== 'string') return null;
    const isKnown = toNew.has(before.value) || toOld.has(after.value);
    if (isKnown && toNew.get(before.value) !== after.value) return null;
    toNew.set(before.value, after.value);
    toOld.set(after.value, before.value);
  }
  if (toNew.size === pairs.length) return null;
  return Object.fromEntries([...toNew].filter(([old, renewed]) => old !== renewed));
}
