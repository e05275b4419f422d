import { valueAt, withValueAt, type Path } from './path.ts';
import {
  isObject,
  jsonArray,
  jsonBoolean,
  jsonNull,
  jsonNumber,
  jsonObject,
  jsonString,
  type Json,
} from './value.ts';
import { fc } from '../../../test/chance.ts';

/** Keys that have broken a merge somewhere. */
export const awkwardKeys = [
  '',
  '__proto__',
  'constructor',
  'toString',
  'a.b',
  'a',
  'b',
  '0',
  '1',
  '$',
  '$schema',
  '"',
  ']',
  'é',
  '\u0000',
  '\ud800',
  'length',
  '~',
  '/',
  ' ',
] as const;

const numberTexts = [
  '0',
  '-0',
  '0.0',
  '1',
  '1.0',
  '1e0',
  '1E+0',
  '10',
  '9007199254740991',
  '9007199254740993',
  '-9007199254740993',
  '0.1',
  '0.30000000000000004',
  '1e400',
  '123456789012345678901234567890',
] as const;

const strings = [
  '',
  'a',
  'null',
  '1',
  '\ud800',
  '\udc00\ud800',
  '\u0000',
  '"\\/',
  '\u2028',
  '😀',
  ' ',
] as const;

/** A key: one of the awkward ones most of the time. */
export function keys(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...awkwardKeys) },
    fc.string({ maxLength: 4, unit: 'binary' }),
  );
}

export function scalars(): fc.Arbitrary<Json> {
  return fc.oneof(
    fc.constant(jsonNull),
    fc.boolean().map(jsonBoolean),
    fc.constantFrom(...numberTexts).map(jsonNumber),
    fc
      .oneof(fc.constantFrom(...strings), fc.string({ unit: 'binary', maxLength: 6 }))
      .map(jsonString),
  );
}

/** Values small enough that three of them often share places, nested empties included. */
export function jsonValues(): fc.Arbitrary<Json> {
  return fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      scalars(),
      fc.array(tie('value'), { maxLength: 3 }).map(jsonArray),
      jsonObjects(tie('value')),
    ),
  })).value;
}

export function jsonObjects(values: fc.Arbitrary<Json> = jsonValues()): fc.Arbitrary<Json> {
  return fc
    .uniqueArray(fc.tuple(keys(), values), { maxLength: 5, selector: ([key]) => key })
    .map((members) => jsonObject(members));
}

/** Source texts in many layouts, with escapes and numbers that JSON.stringify would not write. */
export function jsonDocuments(values: fc.Arbitrary<Json> = jsonValues()): fc.Arbitrary<string> {
  return fc
    .record({
      value: values,
      unit: fc.constantFrom('', ' ', '  ', '    ', '\t'),
      newline: fc.constantFrom('\n', '\r\n'),
      colon: fc.constantFrom(':', ': ', ' : '),
      mark: fc.constantFrom('', '\uFEFF'),
      tail: fc.constantFrom('', '\n', '\r\n\r\n', ' '),
    })
    .map(({ value, mark, tail, ...layout }) => mark + print(value, layout, layout.newline) + tail);
}

interface Layout {
  readonly unit: string;
  readonly colon: string;
}

function print(value: Json, layout: Layout, line: string): string {
  if (value.kind === 'null') return 'null';
  if (value.kind === 'number') return value.text;
  if (value.kind === 'boolean' || value.kind === 'string') return JSON.stringify(value.value);
  const inner = layout.unit === '' ? '' : line + layout.unit;
  const close = layout.unit === '' ? '' : line;
  const parts =
    value.kind === 'array'
      ? value.items.map((item) => print(item, layout, inner))
      : [...value.members].map(
          ([key, item]) => JSON.stringify(key) + layout.colon + print(item, layout, inner),
        );
  const [start, end] = value.kind === 'array' ? ['[', ']'] : ['{', '}'];
  return parts.length === 0 ? start + end : start + inner + parts.join(`,${inner}`) + close + end;
}

/** A value and two later ones, each made of the one before by a few edits. */
export interface Versions {
  readonly before: Json;
  readonly after: Json;
  readonly now: Json;
}

/** `upgrade` and `use` say how many edits the upgrade and the users made at most. */
export function versions(upgrade = 3, use = 3): fc.Arbitrary<Versions> {
  return jsonObjects().chain((before) =>
    edited(before, upgrade).chain((after) =>
      edited(after, use).map((now) => ({ before, after, now })),
    ),
  );
}

/** `value` after up to `count` edits: keys set, added and taken away, often inside. */
export function edited(value: Json, count: number): fc.Arbitrary<Json> {
  return fc
    .array(
      fc.record({ at: fc.nat(), key: keys(), put: fc.option(jsonValues(), { nil: undefined }) }),
      {
        maxLength: count,
      },
    )
    .map((edits) => edits.reduce(withEdit, value));
}

interface Edit {
  readonly at: number;
  readonly key: string;
  readonly put: Json | undefined;
}

function withEdit(value: Json, { at, key, put }: Edit): Json {
  const containers = objectPaths(value, []);
  const path = containers[at % Math.max(containers.length, 1)] ?? [];
  const inside = valueAt(value, path);
  const known = isObject(inside) ? [...inside.members.keys()] : [];
  // Half of the edits meet a key that is there.
  const chosen = at % 2 === 0 ? (known[at % Math.max(known.length, 1)] ?? key) : key;
  return withValueAt(value, [...path, chosen], put)?.root ?? value;
}

function objectPaths(value: Json, path: Path): Path[] {
  if (!isObject(value)) return [];
  const inner = [...value.members].flatMap(([key, member]) => objectPaths(member, [...path, key]));
  return [path, ...inner];
}
