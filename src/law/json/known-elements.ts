import { elementsOf, stepTo } from './keyed.ts';
import type { ParkedMove } from './layers.ts';
import { valueAt, type Path } from './path.ts';
import type { PathEntry, WordMap } from './reversal.ts';
import { isObject, isSame, jsonArray, jsonObject, type Json, type JsonObject } from './value.ts';

/** An array as the other release would have it, earlier and now, and the document as it is now. */
export interface SeenElements {
  readonly earlier: Json | undefined;
  readonly now: Json | undefined;
  readonly raw: Json | undefined;
  /** Towards which release it is seen. */
  readonly way: keyof WordMap;
}

/**
 * The elements of now without words that `fields` does not know: such a field keeps what it held, its word is parked; a new
 * element is parked whole. Null where elements cannot be told apart: one unknown word makes all of the array unknown.
 */
export function knownElements(
  entry: PathEntry,
  { earlier, now, raw, way }: SeenElements,
): { readonly value: Json; readonly parked: readonly ParkedMove[] } | null {
  if (entry.key === null || entry.fields.size === 0) return null;
  const [older, newer] = [elementsOf(earlier, entry.key), elementsOf(now, entry.key)];
  const stored = valueAt(raw, way === 'toOld' ? entry.new : entry.old);
  if (older === null || newer === null || stored?.kind !== 'array') return null;
  const parked: ParkedMove[] = [];
  const park = (inside: Path, value: Json): void => {
    const [path, newPath] = [
      [...entry.old, ...inside],
      [...entry.new, ...inside],
    ];
    parked.push({ path, newPath, value, why: 'unproven' });
  };
  const elements: Json[] = [];
  for (const [index, [id, element]] of [...newer].entries()) {
    const former = older.get(id);
    const step = stepTo(element, entry.key);
    const unknown = unknownFields(entry, way, { stored: stored.items[index], former });
    if (unknown.length > 0 && former === undefined) park([step], element);
    else elements.push(withFormer(element, former, unknown));
    if (former === undefined) continue;
    for (const [field, value] of unknown) park([step, field], value);
  }
  return { value: jsonArray(elements), parked };
}

function unknownFields(
  { fields }: PathEntry,
  way: keyof WordMap,
  {
    stored,
    former,
  }: { readonly stored: Json | undefined; readonly former: JsonObject | undefined },
): (readonly [string, Json])[] {
  if (!isObject(stored)) return [];
  return [...fields].flatMap(([field, words]) => {
    const value = stored.members.get(field);
    if (value?.kind !== 'string' || words[way].has(value.value)) return [];
    return isSame(former?.members.get(field), value) ? [] : [[field, value] as const];
  });
}

function withFormer(
  element: JsonObject,
  former: JsonObject | undefined,
  fields: readonly (readonly [string, Json])[],
): Json {
  const members = new Map(element.members);
  for (const [field] of fields) {
    const known = former?.members.get(field);
    if (known === undefined) members.delete(field);
    else members.set(field, known);
  }
  return jsonObject(members);
}
