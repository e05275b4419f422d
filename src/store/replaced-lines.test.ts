import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../test/chance.ts';
import { lineBytes, replacedLines } from './replaced-lines.ts';

const line = fc.stringMatching(/^[abé😀\t]{0,6}$/u);
const lines = fc.array(line, { maxLength: 60 });

/** As the listing would be read whole. */
const bytesOf = (text: readonly string[]): Buffer =>
  Buffer.from(text.map((each) => `${each}\n`).join(''));

test('lines that others were put in the places of are found, and no others', () => {
  const replacements = fc.array(fc.tuple(fc.nat(), line), { maxLength: 8 });
  fc.assert(
    fc.property(lines, replacements, (old, changes) => {
      const renewed = [...old];
      for (const [number, text] of changes) if (old.length > 0) renewed[number % old.length] = text;
      const found = replacedLines(known(old), bytesOf(renewed));
      const differing = old.flatMap((text, number) => (text === renewed[number] ? [] : [number]));
      if (found === null) assert.ok(differing.length * 8 >= old.length, 'given up for few lines');
      else
        assert.deepEqual(
          [...found],
          differing.map((number) => [number, renewed[number]]),
        );
    }),
  );
});

test('whatever was read for another listing gives that one back, or nothing', () => {
  fc.assert(
    fc.property(lines, lines, (old, other) => {
      const found = replacedLines(known(old), bytesOf(other));
      if (found === null) return;
      assert.equal(other.length, old.length);
      assert.deepEqual(
        old.map((text, number) => found.get(number) ?? text),
        other,
      );
    }),
  );
});

test('a difference is found wherever it stands among many bytes', () => {
  const old = Array.from({ length: 300 }, (_, number) => `line ${number} ${'x'.repeat(number)}`);
  const start = known(old);
  for (const number of old.keys()) {
    const found = replacedLines(start, bytesOf(old.with(number, 'y')));
    assert.deepEqual(found === null ? null : [...found], [[number, 'y']]);
  }
});

test('a listing with a line more or less is not taken for one with others', () => {
  const old = Array.from({ length: 40 }, (_, number) => `line ${number}`);
  for (const other of [[...old, 'more'], old.slice(1), old.slice(0, -1), ['more', ...old], []]) {
    assert.equal(replacedLines(known(old), bytesOf(other)), null);
  }
});

test('bytes whose lines cannot be told from their text are not compared as lines', () => {
  const body = Buffer.from([0xc3, 0xa9, 0xff, 0x0a, 0x62, 0x0a]);
  assert.equal(lineBytes(body, body.toString('utf8').split('\n').slice(0, -1)), null);
});

function known(text: readonly string[]): NonNullable<ReturnType<typeof lineBytes>> {
  const bytes = lineBytes(bytesOf(text), text);
  assert.ok(bytes !== null);
  return bytes;
}
