import type { Faith } from '../place.ts';
import { Merge, type Merged, type DecisionAt, type Triple } from './merge.ts';
import type { ElementStep, Path } from './path.ts';
import { compactText } from './write.ts';
import { isObject, isSame, jsonArray, jsonObject, type Json, type JsonObject } from './value.ts';

/** The fields that tell the elements of an array apart. */
export type KeyFields = readonly string[];

/**
 * Merges three arrays by the key of their elements, as rows of a table: elements in before's order, then
 * new ones in now's. An array without keys, or with one key twice, is one value.
 */
export function mergeKeyed(triple: Triple, key: KeyFields, decisionAt: DecisionAt): Merged {
  const merge = new Merge(decisionAt);
  const value = mergeElements(triple, key, merge);
  return { ...merge.found(), value };
}

function mergeElements(triple: Triple, key: KeyFields, merge: Merge): Json | undefined {
  const before = elementsOf(triple.before, key);
  const after = elementsOf(triple.after, key);
  const now = elementsOf(triple.now, key);
  if (before === null || after === null || now === null) return merge.place(triple, []);
  if (isSame(triple.after, triple.now)) return triple.before;
  const rows: Rows = { before, after, now };
  const faithOf = fieldFaith(rows);
  const merged = new Map<string, Json>();
  for (const id of new Set([...before.keys(), ...now.keys(), ...after.keys()])) {
    const element = mergeElement({ id, rows, key, faithOf, merge });
    if (element !== undefined) merged.set(id, element);
  }
  const order = orderOf(rows, merge);
  return jsonArray(order.flatMap((id) => merged.get(id) ?? []));
}

type Elements = ReadonlyMap<string, JsonObject>;
type Rows = Readonly<Record<keyof Triple, Elements>>;

/** Elements by the text of their key; null where the value is no array of elements with keys of their own. */
export function elementsOf(value: Json | undefined, key: KeyFields): Elements | null {
  if (value?.kind !== 'array') return null;
  const elements = new Map<string, JsonObject>();
  for (const item of value.items) {
    const id = isObject(item) ? idOf(item, key) : null;
    if (!isObject(item) || id === null || elements.has(id)) return null;
    elements.set(id, item);
  }
  return elements;
}

function idOf(element: JsonObject, key: KeyFields): string | null {
  const values = key.map((field) => element.members.get(field));
  const known = values.filter((value) => value !== undefined);
  return known.length === key.length ? compactText(jsonArray(known)) : null;
}

export function stepTo(element: JsonObject, key: KeyFields): ElementStep {
  return {
    element: key.flatMap((field) => {
      const value = element.members.get(field);
      return value === undefined ? [] : [[field, value] as const];
    }),
  };
}

interface ElementMerge {
  readonly id: string;
  readonly rows: Rows;
  readonly key: KeyFields;
  readonly faithOf: (field: string) => Faith;
  readonly merge: Merge;
}

function mergeElement(task: ElementMerge): Json | undefined {
  const { id, rows, key, merge } = task;
  const before = rows.before.get(id);
  const after = rows.after.get(id);
  const now = rows.now.get(id);
  const known = before ?? now ?? after;
  const path: Path = known === undefined ? [] : [stepTo(known, key)];
  const isNew = before === undefined && now !== undefined && !isSame(after, now);
  return isNew ? insert(now, path, task) : merge.place({ before, after, now }, path);
}

/**
 * A new element goes in with its faithful fields. A field that the old shape lacks is parked alone; one
 * that the upgrade rewrote parks the element, unless it was decided otherwise.
 */
function insert(
  element: JsonObject,
  path: Path,
  { faithOf, merge }: ElementMerge,
): Json | undefined {
  const kept = new Map<string, Json>();
  const left: [string, Json, 'blind' | 'rewritten'][] = [];
  for (const [field, value] of element.members) {
    const faith = faithOf(field);
    const choice =
      faith === 'blind' || faith === 'rewritten' ? merge.judge([...path, field]) : 'as-is';
    if (choice === 'park' && faith === 'rewritten') {
      merge.park({ path, value: element, why: 'rewritten' });
      return undefined;
    }
    if (choice === 'as-is') kept.set(field, value);
    else left.push([field, value, faith === 'blind' ? 'blind' : 'rewritten']);
    if (faith === 'unproven') merge.markUnproven([...path, field]);
  }
  for (const [field, value, why] of left) merge.park({ path: [...path, field], value, why });
  return merge.carry(undefined, jsonObject(kept), path);
}

/** Judges each field over the elements that both shapes have, as a column is judged over its rows. */
function fieldFaith({ before, after }: Rows): (field: string) => Faith {
  const faiths = new Map<string, Faith>();
  for (const [id, old] of before) {
    const renewed = after.get(id);
    if (renewed === undefined) continue;
    for (const field of new Set([...old.members.keys(), ...renewed.members.keys()])) {
      const isEqual = isSame(old.members.get(field), renewed.members.get(field));
      const faith = isEqual ? 'faithful' : old.members.has(field) ? 'rewritten' : 'blind';
      faiths.set(field, worse(faith, faiths.get(field)));
    }
  }
  return (field) => faiths.get(field) ?? 'unproven';
}

/** A field that only some old elements have is no blind one, but a rewritten one. */
function worse(one: Faith, other: Faith | undefined): Faith {
  return other === undefined || one === other ? one : 'rewritten';
}

/** The ids in the order of the result: before's, unless the user moved elements that the upgrade did not. */
function orderOf(rows: Rows, merge: Merge): string[] {
  const { before, after, now } = rows;
  const inBefore = [...before.keys(), ...[...now.keys()].filter((id) => !before.has(id))];
  if (isSameOrder(after, now)) return inBefore;
  const wanted = jsonArray([...now.values()]);
  if (!isSameOrder(before, after) && merge.judge([]) !== 'as-is') {
    merge.park({ path: [], value: wanted, why: 'rewritten' });
    return inBefore;
  }
  merge.carry(jsonArray([...before.values()]), wanted, []);
  return placedBehind([...now.keys()], [...before.keys()]);
}

function isSameOrder(left: Elements, right: Elements): boolean {
  const common = [...left.keys()].filter((id) => right.has(id));
  const same = [...right.keys()].filter((id) => left.has(id));
  return common.every((id, index) => id === same[index]);
}

/** `order` with the ids of `others` that it lacks, each behind the one it followed. */
function placedBehind(order: readonly string[], others: readonly string[]): string[] {
  const known = new Set(order);
  const behind = new Map<string | null, string[]>();
  let previous: string | null = null;
  for (const id of others) {
    if (known.has(id)) previous = id;
    else behind.set(previous, [...(behind.get(previous) ?? []), id]);
  }
  return [...(behind.get(null) ?? []), ...order.flatMap((id) => [id, ...(behind.get(id) ?? [])])];
}
