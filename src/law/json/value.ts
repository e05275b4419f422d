/**
 * A JSON value that keeps what JavaScript's own values lose: the source text of numbers, the order of
 * keys, keys such as `__proto__` and `1`. An absent value is `undefined`, which is not `null`.
 */
export type Json = JsonNull | JsonBoolean | JsonNumber | JsonString | JsonArray | JsonObject;

export interface JsonNull {
  readonly kind: 'null';
}

export interface JsonBoolean {
  readonly kind: 'boolean';
  readonly value: boolean;
}

/** `text` is a number as RFC 8259 writes it; 1, 1.0 and 1e0 are three values. */
export interface JsonNumber {
  readonly kind: 'number';
  readonly text: string;
}

/** `value` may hold lone surrogates; they are written as escapes. */
export interface JsonString {
  readonly kind: 'string';
  readonly value: string;
}

export interface JsonArray {
  readonly kind: 'array';
  readonly items: readonly Json[];
}

export interface JsonObject {
  readonly kind: 'object';
  readonly members: ReadonlyMap<string, Json>;
}

/** Deepest nesting that is read or made; SQLite's JSON functions stop at the same. */
export const maxDepth = 1000;

export const jsonNull: JsonNull = { kind: 'null' };

export function jsonBoolean(value: boolean): JsonBoolean {
  return { kind: 'boolean', value };
}

export function jsonString(value: string): JsonString {
  return { kind: 'string', value };
}

export function jsonNumber(text: string): JsonNumber {
  return { kind: 'number', text };
}

export function jsonArray(items: readonly Json[]): JsonArray {
  return { kind: 'array', items };
}

export function jsonObject(members: Iterable<readonly [string, Json]>): JsonObject {
  return { kind: 'object', members: new Map(members) };
}

export function isObject(value: Json | undefined): value is JsonObject {
  return value?.kind === 'object';
}

/** Equal in type and value: numbers by source text, objects by key whatever their order, arrays in order. */
export function isSame(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true;
  if (left === undefined || right === undefined) return false;
  if (left.kind === 'number') return right.kind === 'number' && left.text === right.text;
  if (left.kind === 'array') return right.kind === 'array' && areSameItems(left.items, right.items);
  if (isObject(left)) return isObject(right) && areSameMembers(left.members, right.members);
  if (left.kind === 'null') return right.kind === 'null';
  return right.kind === left.kind && left.value === right.value;
}

function areSameItems(left: readonly Json[], right: readonly Json[]): boolean {
  return left.length === right.length && left.every((item, index) => isSame(item, right[index]));
}

function areSameMembers(left: JsonObject['members'], right: JsonObject['members']): boolean {
  if (left.size !== right.size) return false;
  for (const [key, value] of left) if (!isSame(value, right.get(key))) return false;
  return true;
}

/** How many scalars and empty containers a value holds; an absent value holds none. */
export function countLeaves(value: Json | undefined): number {
  if (value === undefined) return 0;
  const parts =
    value.kind === 'array' ? value.items : isObject(value) ? [...value.members.values()] : [];
  if (parts.length === 0) return 1;
  return parts.reduce((total, part) => total + countLeaves(part), 0);
}
