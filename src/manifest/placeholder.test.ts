import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackstepError } from '../fault/backstep-error.ts';
import { fillIn, fillInCommand, placeholdersOf, placeholderTrouble } from './placeholder.ts';
import { fc } from '../../test/chance.ts';

test('braces that are doubled stand for themselves, whatever is around them', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, value) => {
      const escaped = text.replaceAll('{', '{{').replaceAll('}', '}}');
      assert.equal(placeholderTrouble(escaped, []), null);
      assert.equal(fillIn(escaped, {}), text);
      assert.equal(fillIn(`${escaped}{data}${escaped}`, { data: value }), text + value + text);
    }),
  );
});

test('values are put in once: braces in a value are letters', () => {
  assert.equal(fillIn('{a}{b}', { a: '{b}', b: '$&' }), '{b}$&');
  assert.deepEqual(fillInCommand({ argv: ['{a}', '{a} x', ''] }, { a: 'p q' }), [
    'p q',
    'p q x',
    '',
  ]);
});

test('the names that a text uses', () => {
  assert.deepEqual(placeholdersOf('{a} {{b}} {c}{a}'), ['a', 'c']);
  assert.match(placeholderTrouble('{dta}', ['data'])?.hint ?? '', /\{data\}/);
  assert.match(placeholderTrouble('{}', ['data'])?.message ?? '', /unknown placeholder `\{\}`/);
  assert.match(placeholderTrouble('a}', [])?.hint ?? '', /\}\}/);
});

test('a name without a value is refused when it is filled in, those of objects as well', () => {
  for (const text of ['{port}', '{constructor}', '{__proto__}']) {
    assert.throws(
      () => fillIn(text, { node: '/n' }),
      (error) => error instanceof BackstepError && error.code === 'manifest/placeholder',
    );
  }
});
