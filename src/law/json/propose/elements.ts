import { elementsOf } from '../keyed.ts';
import { formatPath, valueAt, type Path } from '../path.ts';
import { isObject, isSame, type Json, type JsonArray, type JsonObject } from '../value.ts';
import type { PairedDocument, ProposedEntries } from './proposal.ts';
import { wordsOf, type FoundWords, type Renamed } from './renamed.ts';

/** An array of one document on both sides of an upgrade. */
interface PairedArray {
  readonly document: string;
  readonly before: JsonArray;
  readonly after: JsonArray;
}

/** An element that both sides have. */
interface PairedElement {
  readonly before: JsonObject;
  readonly after: JsonObject;
}

/** Names that programs give to what tells things apart. */
const keyName = /^(?:id|uuid|guid|key)$|(?:_id|Id|ID)$/;
const fewestElements = 2;

/**
 * Arrays that the upgrade rewrote, all of whose elements it kept: they merge element by element, and words of their fields
 * that others replaced are mapped. Always proven: what a field's values do not prove stays as it is told without a map.
 */
export function rewrittenArrays(documents: readonly PairedDocument[]): Renamed[] {
  const paths = new Map(
    documents.flatMap(({ before }) =>
      arrayPaths(before, []).map((path) => [formatPath(path), path] as const),
    ),
  );
  return [...paths.values()].flatMap((old) => {
    const having = documents.filter(({ before }) => valueAt(before, old) !== undefined);
    const arrays = having.flatMap((document) => arraysAt(document, old) ?? []);
    return arrays.length < having.length ? [] : (rewrittenAt(old, arrays) ?? []);
  });
}

function rewrittenAt(old: Path, arrays: readonly PairedArray[]): Renamed | null {
  if (arrays.every(({ before, after }) => isSame(before, after))) return null;
  const key = keyOf(arrays);
  if (key === null) return null;
  const elements = arrays.flatMap((array) => pairedBy(key, array) ?? []);
  if (elements.length < fewestElements) return null;
  const names = new Set(elements.flatMap(({ before }) => [...before.members.keys()]));
  const fields = [...names].flatMap((field): [string, FoundWords][] => {
    const words = field === key || field === '__proto__' ? null : wordsIn(field, elements);
    // A title is a word as well, now and then: words of a list come again.
    return words?.isProven === true && words.isRepeated ? [[field, words]] : [];
  });
  const maps = Object.fromEntries(fields.map(([field, { toOld }]) => [field, toOld]));
  const entry = fields.length === 0 ? { key } : { key, fields: maps };
  const entries: ProposedEntries = { [formatPath(old)]: entry };
  const told = fields.map(([field, { evidence }]) => `${field}: ${evidence}`);
  const apart = `${key} tells all ${elements.length} elements apart on both sides`;
  return {
    kind: 'elements',
    old,
    documents: new Map(arrays.map(({ document }) => [document, entries])),
    isProven: true,
    evidence: [apart, ...told].join('; '),
  };
}

/** The first field by which both sides of every array have the same elements. */
function keyOf(arrays: readonly PairedArray[]): string | null {
  const fields = new Set(
    arrays.flatMap(({ before }) =>
      before.items.flatMap((item) => (isObject(item) ? [...item.members.keys()] : [])),
    ),
  );
  const named = [...fields].filter((field) => keyName.test(field));
  const [first] = named
    .toSorted((one, other) => one.length - other.length)
    .filter((field) => arrays.every((array) => pairedBy(field, array) !== null));
  return first ?? null;
}

/** Null where a side has an element that the other lacks, or no keys, or another order. */
function pairedBy(key: string, { before, after }: PairedArray): PairedElement[] | null {
  const [older, newer] = [elementsOf(before, [key]), elementsOf(after, [key])];
  if (older === null || newer === null || older.size !== newer.size) return null;
  const ids = [...newer.keys()];
  const isOrdered = [...older.keys()].every((id, index) => id === ids[index]);
  if (!isOrdered) return null;
  return [...older].flatMap(([id, element]) => {
    const renewed = newer.get(id);
    return renewed === undefined ? [] : [{ before: element, after: renewed }];
  });
}

function wordsIn(field: string, elements: readonly PairedElement[]): FoundWords | null {
  const pairs: { before: string; after: string }[] = [];
  for (const { before, after } of elements) {
    const [old, latest] = [before.members.get(field), after.members.get(field)];
    if (old === undefined && latest === undefined) continue;
    if (old?.kind !== 'string' || latest?.kind !== 'string') return null;
    pairs.push({ before: old.value, after: latest.value });
  }
  return wordsOf(pairs);
}

function arraysAt({ name, before, after }: PairedDocument, path: Path): PairedArray | null {
  const [old, latest] = [valueAt(before, path), valueAt(after, path)];
  if (old?.kind !== 'array' || latest?.kind !== 'array') return null;
  return { document: name, before: old, after: latest };
}

function arrayPaths(value: Json, path: Path): Path[] {
  if (value.kind === 'array') return path.includes('__proto__') ? [] : [path];
  if (!isObject(value)) return [];
  return [...value.members].flatMap(([key, member]) => arrayPaths(member, [...path, key]));
}
