import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDocument } from './document.ts';
import { fc } from '../../test/chance.ts';

test('values, positions of keys and values, and the letters as written', () => {
  const document = readDocument(
    'app: one\nassets:\n  history:\n    keep: 1e1\n    list: [a, "b c"]\n',
  );
  assert.deepEqual(document.problems, []);
  assert.deepEqual(document.value, {
    app: 'one',
    assets: { history: { keep: 10, list: ['a', 'b c'] } },
  });
  assert.deepEqual(document.locateKey(['assets', 'history', 'keep']), { line: 4, column: 5 });
  assert.deepEqual(document.locate(['assets', 'history', 'keep']), { line: 4, column: 11 });
  assert.deepEqual(document.locate(['assets', 'history', 'list', 1]), { line: 5, column: 15 });
  assert.equal(document.sourceOf(['assets', 'history', 'keep']), '1e1');
});

test('a missing value is placed at its nearest parent', () => {
  const document = readDocument('a: 1\nb:\n  c: 2\n');
  assert.deepEqual(document.locateKey(['b', 'x', 'y']), { line: 2, column: 1 });
});

const refused: readonly (readonly [name: string, text: string, line: number, says: RegExp])[] = [
  ['a tab as indent', 'a:\n\tb: 1\n', 2, /tab|Tab/],
  ['a key twice', 'a: 1\nb: 2\na: 3\n', 3, /unique|once/],
  ['an unclosed quote', 'a: 1\nb: "x\nc: 1\nd: 2\n', 2, /quote/],
  ['an unclosed list', 'a: [1, 2\nb: 1\n', 2, /\]|flow|Flow/],
  ['two documents', 'a: 1\n---\nb: 2\n', 2, /document/],
  ['a merge key', 'a: &x { k: 1 }\nb:\n  <<: *x\n', 3, /merge/],
  ['an alias without an anchor', 'a: *nobody\n', 1, /nobody/],
  ['an anchor that contains itself', 'a: &a [*a, *a]\n', 1, /contains itself/],
  ['a tag', 'a: !secret x\n', 1, /tag/],
  ['leading zeros', 'a: 010\n', 1, /two ways/],
  ['a mapping as a key', '? {a: 1}\n: 2\n', 1, /key must be/],
  ['a key that reaches the prototype', '__proto__: { x: 1 }\n', 1, /key must be/],
  ['a NUL', 'a: "x\\0y"\n', 1, /NUL/],
];

for (const [name, text, line, says] of refused) {
  test(`refused with its line: ${name}`, () => {
    const { problems } = readDocument(text);
    const problem = problems.find((each) => says.test(`${each.message} ${each.hint}`));
    assert.ok(problem, JSON.stringify(problems));
    assert.equal(problem.line, line);
  });
}

test('all problems of a file at once', () => {
  const { problems } = readDocument('a: 010\nb: *x\nc: 1\nc: 2\n');
  assert.deepEqual(
    problems.map((each) => each.line).sort((a, b) => a - b),
    [1, 2, 4],
  );
});

test('nested aliases end at the limit on values instead of filling the memory', () => {
  const names = Array.from({ length: 30 }, (_, index) => `n${index}`);
  const levels = names.map((name, index) =>
    index === 0
      ? `${name}: &${name} [x]`
      : `${name}: &${name} [*n${index - 1}, *n${index - 1}, *n${index - 1}]`,
  );
  const { problems } = readDocument(levels.join('\n'));
  assert.equal(problems.filter((each) => each.message.includes('values')).length, 1);
});

test('deep nesting is a problem, not a crash', () => {
  for (const depth of [70, 5_000, 120_000]) {
    const { problems } = readDocument(`a: ${'['.repeat(depth)}${']'.repeat(depth)}`);
    assert.ok(
      problems.some((each) => each.message.includes('deep')),
      `${depth}`,
    );
  }
});

test('a file over the limit is not parsed', () => {
  const { problems } = readDocument(`a: ${'x'.repeat(2 ** 18)}`);
  assert.match(problems[0]?.message ?? '', /256 KiB/);
});

test('no text throws, and every problem has a place in the text', () => {
  const pieces = fc.constantFrom(
    'a',
    ': ',
    '\n',
    '  ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '"',
    "'",
    '&a ',
    '*a',
    '<<',
    '!t ',
    '|',
    '>',
    '#',
    '\t',
    '010',
    '~',
    '?',
    '---',
    '%',
    '\0',
    '\uD800',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 40 }), (parts) => {
      const text = parts.join('');
      for (const problem of readDocument(text).problems) {
        assert.ok(problem.line >= 1 && problem.line <= text.split('\n').length);
        assert.ok(problem.column >= 1 && problem.message !== '');
      }
    }),
    { numRuns: 500 },
  );
});
