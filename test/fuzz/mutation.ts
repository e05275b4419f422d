/** What happens to files: bits flip, ends are lost, lines change places, somebody edits them. */
import { array, constantFrom, nat, oneof, record, type Arbitrary } from 'fast-check';

/** One change, as numbers that fit a text of any length, so that it shrinks by itself. */
interface Change {
  readonly act: keyof typeof acts;
  readonly at: number;
  readonly to: number;
}

/** Fragments that parsers stumble over. */
const fragments = [
  '\0',
  '\u001b[2J',
  '\ufeff',
  '\u2028',
  '../../../etc/passwd',
  '/',
  '-',
  '-1',
  '9'.repeat(400),
  '1e999',
  '0x7fffffffffffffff',
  '18446744073709551616',
  'null',
  '[]',
  '{}',
  '"',
  '\\',
  '\\0377',
  '\\u0000',
  '\n\n',
  '\t',
  '\r\n',
  '__proto__',
  'constructor',
  '[{"a":'.repeat(3000),
  '['.repeat(20_000),
  '{a: '.repeat(200),
  '*a',
  '&a [*a, *a]',
  '!!js/function x',
  '${x}',
  '{data}',
  "'; DROP TABLE x; --",
  'a'.repeat(70_000),
].map((text) => Buffer.from(text));
const notUtf8 = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]];
const strange = [...fragments, ...notUtf8.map((bytes) => Buffer.from(bytes))];

const acts = {
  flip: (bytes, at, to) => {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << (to % 8));
    return flipped;
  },
  cut: (bytes, at) => bytes.subarray(0, at),
  behead: (bytes, at) => bytes.subarray(at),
  remove: (bytes, at, to) => joined(bytes.subarray(0, at), bytes.subarray(at + 1 + (to % 40))),
  insert: (bytes, at, to) => joined(bytes.subarray(0, at), fragment(to), bytes.subarray(at)),
  value: (bytes, at, to) => {
    const from = wordStart(bytes, at);
    return joined(bytes.subarray(0, from), fragment(to), bytes.subarray(wordEnd(bytes, from)));
  },
  double: (bytes, at) => inLines(bytes, at, (lines, n) => lines.splice(n, 0, lines[n] ?? '')),
  drop: (bytes, at) => inLines(bytes, at, (lines, n) => lines.splice(n, 1)),
  move: (bytes, at, to) =>
    inLines(bytes, at, (lines, n) => lines.splice(to % lines.length, 0, ...lines.splice(n, 1))),
  zero: (bytes, at, to) =>
    Buffer.from(bytes).fill(0, at, Math.min(bytes.length, at + 1 + (to % 4096))),
} satisfies Record<string, (bytes: Buffer, at: number, to: number) => Buffer>;

type Act = keyof typeof acts;
const names: readonly Act[] = [
  'flip',
  'cut',
  'behead',
  'remove',
  'insert',
  'value',
  'value',
  'double',
  'drop',
  'move',
  'zero',
];

const change: Arbitrary<Change> = record({
  act: constantFrom(...names),
  at: nat(),
  to: nat(),
});

/** One to three changes, each of whatever the one before left. */
export const changes: Arbitrary<readonly Change[]> = oneof(
  array(change, { minLength: 1, maxLength: 1 }),
  array(change, { minLength: 1, maxLength: 3 }),
);

export function changed(bytes: Buffer, all: readonly Change[]): Buffer {
  let made = bytes;
  for (const { act, at, to } of all) {
    const next: (bytes: Buffer, at: number, to: number) => Buffer = acts[act];
    if (made.length > 0) made = next(made, at % made.length, to);
  }
  return made;
}

function fragment(n: number): Buffer {
  return strange[n % strange.length] ?? Buffer.alloc(0);
}

function joined(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts);
}

function inLines(bytes: Buffer, at: number, edit: (lines: string[], n: number) => unknown): Buffer {
  const lines = bytes.toString('latin1').split('\n');
  edit(lines, at % lines.length);
  return Buffer.from(lines.join('\n'), 'latin1');
}

const isWordByte = (byte: number | undefined): boolean =>
  byte !== undefined && /[\w.-]/.test(String.fromCharCode(byte));

function wordStart(bytes: Buffer, at: number): number {
  let from = at;
  while (isWordByte(bytes[from - 1])) from -= 1;
  return from;
}

function wordEnd(bytes: Buffer, at: number): number {
  let to = at;
  while (isWordByte(bytes[to])) to += 1;
  return to;
}
