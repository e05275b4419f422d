import type { BackstepError } from '../../fault/backstep-error.ts';
import { valueAt, withValueAt, type Path } from './path.ts';
import {
  newPaths,
  type DocumentReversal,
  type Forth,
  type PathEntry,
  type ReversalEntry,
  type WordMap,
} from './reversal.ts';
import { isObject, jsonArray, jsonObject, jsonString, type Json } from './value.ts';

/** One place of a document as the other release would have it. */
export type Viewed =
  | { readonly ok: true; readonly value: Json | undefined; readonly isUnmapped: boolean }
  | { readonly ok: false; readonly fault: BackstepError };

/** The old place of an entry, seen in a document of the new release. */
export async function oldView(entry: ReversalEntry, newer: Json | undefined): Promise<Viewed> {
  if (newer === undefined) return { ok: true, value: undefined, isUnmapped: false };
  if (entry.way === 'path') return translated(valueAt(newer, entry.new), entry, 'toOld');
  const result = await entry.get.evaluate(newer);
  return result.ok ? { ...result, isUnmapped: false } : result;
}

/** The new place of a moved path, seen in a document of the old release. */
export function movedView(entry: PathEntry, older: Json | undefined): Viewed {
  return translated(valueAt(older, entry.old), entry, 'toNew');
}

export async function forthView(forth: Forth, older: Json | undefined): Promise<Viewed> {
  if (older === undefined) return { ok: true, value: undefined, isUnmapped: false };
  const result = await forth.expression.evaluate(older);
  return result.ok ? { ...result, isUnmapped: false } : result;
}

function translated(value: Json | undefined, entry: PathEntry, way: keyof WordMap): Viewed {
  if (entry.fields.size === 0) return translate(value, entry.words?.[way]);
  if (value?.kind !== 'array') return { ok: true, value, isUnmapped: false };
  const elements = value.items.map((item) => translatedElement(item, entry.fields, way));
  return {
    ok: true,
    value: jsonArray(elements.map(({ item }) => item)),
    isUnmapped: elements.some(({ isUnmapped }) => isUnmapped),
  };
}

/** An unknown word stays as it is. */
function translatedElement(
  item: Json,
  fields: PathEntry['fields'],
  way: keyof WordMap,
): { readonly item: Json; readonly isUnmapped: boolean } {
  if (!isObject(item)) return { item, isUnmapped: false };
  const members = new Map(item.members);
  let isUnmapped = false;
  for (const [field, words] of fields) {
    const view = translate(members.get(field), words[way]);
    if (!view.ok || view.value === undefined) continue;
    members.set(field, view.value);
    isUnmapped ||= view.isUnmapped;
  }
  return { item: jsonObject(members), isUnmapped };
}

function translate(
  value: Json | undefined,
  words: ReadonlyMap<string, string> | undefined,
): Viewed {
  if (words === undefined || value?.kind !== 'string')
    return { ok: true, value, isUnmapped: false };
  const word = words.get(value.value);
  return word === undefined
    ? { ok: true, value, isUnmapped: true }
    : { ok: true, value: jsonString(word), isUnmapped: false };
}

/** An old document without what the entries account for; the objects around stay. */
export function withoutOldPaths(
  older: Json | undefined,
  reversal: DocumentReversal,
): Json | undefined {
  return reversal.entries.reduce((rest, entry) => without(rest, entry.old), older);
}

/**
 * A new document without what the entries account for. Objects that held nothing else go with it, unless
 * one of the documents to keep to has an object there.
 */
export function withoutNewPaths(
  newer: Json | undefined,
  reversal: DocumentReversal,
  keep: readonly (Json | undefined)[] = [],
): Json | undefined {
  const isKept = (path: Path): boolean => keep.some((root) => isObject(valueAt(root, path)));
  let rest = newer;
  for (const path of reversal.entries.flatMap(newPaths)) {
    if (valueAt(rest, path) === undefined) continue;
    rest = without(rest, path);
    for (let end = path.length - 1; end > 0; end -= 1) {
      const parent = path.slice(0, end);
      if (!isEmptyObject(valueAt(rest, parent)) || isKept(parent)) break;
      rest = without(rest, parent);
    }
  }
  return rest;
}

function isEmptyObject(value: Json | undefined): boolean {
  return isObject(value) && value.members.size === 0;
}

function without(root: Json | undefined, path: Path): Json | undefined {
  return (withValueAt(root, path, undefined) ?? { root }).root;
}
