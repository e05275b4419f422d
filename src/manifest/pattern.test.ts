import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commonFile, literalStart, matches, patternTrouble } from './pattern.ts';
import { fc } from '../../test/chance.ts';

test('which files a pattern names', () => {
  const named: readonly (readonly [string, string])[] = [
    ['config.json', 'config.json'],
    ['*.json', 'a.json'],
    ['*', 'anything'],
    ['user_data/*.json', 'user_data/a.json'],
    ['**', 'a/b/c'],
    ['**', 'a'],
    ['a/**', 'a/b'],
    ['**/x.txt', 'x.txt'],
    ['**/x.txt', 'a/b/x.txt'],
    ['a/**/b', 'a/b'],
    ['v?.db', 'v1.db'],
    ['*', '*'],
  ];
  for (const [pattern, file] of named) assert.ok(matches(pattern, file), `${pattern} ${file}`);
  const others: readonly (readonly [string, string])[] = [
    ['*.json', 'a/b.json'],
    ['a/**', 'a'],
    ['v?.db', 'v.db'],
    ['a.json', '*.json'],
    ['config.json', 'config-json'],
    ['**/x', 'a/xx'],
  ];
  for (const [pattern, file] of others) assert.ok(!matches(pattern, file), `${pattern} ${file}`);
});

test('a file that two patterns both name', () => {
  assert.equal(commonFile('*.json', 'config.*'), 'config.json');
  assert.equal(commonFile('a/*.json', '**/b.*'), 'a/b.json');
  assert.equal(commonFile('*.json', '*.db'), null);
  assert.equal(commonFile('a/*', '*'), null);
  assert.equal(commonFile('**/*.json', 'user_data/**'), 'user_data/.json');
});

const anyPattern = fc
  .array(fc.constantFrom('a', 'b', '*', '?', 'a*', '*b', '**'), { minLength: 1, maxLength: 4 })
  .map((names) => names.join('/'));
const anyFile = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'bb'), { minLength: 1, maxLength: 4 })
  .map((names) => names.join('/'));

test('the common file is named by both, and one that both name is always found', () => {
  fc.assert(
    fc.property(anyPattern, anyPattern, anyFile, (a, b, file) => {
      const common = commonFile(a, b);
      if (common !== null)
        assert.ok(matches(a, common) && matches(b, common), `${a} ${b} ${common}`);
      if (matches(a, file) && matches(b, file)) assert.notEqual(common, null);
    }),
    { numRuns: 2_000 },
  );
});

test('hostile patterns end quickly', () => {
  const stars = `${'*a'.repeat(200)}b`;
  assert.equal(commonFile(stars, `${'a*'.repeat(200)}c`), null);
  assert.equal(matches('**/'.repeat(100) + 'x', `${'a/'.repeat(100)}y`), false);
});

test('what is no pattern', () => {
  for (const wrong of ['', '/etc/x', 'C:/x', '../x', 'a/../b', 'a//b', 'a/**b', 'a\\b', './a']) {
    assert.notEqual(patternTrouble(wrong), null, wrong);
  }
  for (const right of ['a', '*.json', '**', 'a/**/b', '.hidden', '..a']) {
    assert.equal(patternTrouble(right), null, right);
  }
  assert.deepEqual(literalStart('a/b/*.json'), { folders: ['a', 'b'], rest: ['*.json'] });
  assert.deepEqual(literalStart('a/b'), { folders: ['a', 'b'], rest: [] });
});
