import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editDistance, nearest } from './nearest.ts';
import { fc } from '../../test/chance.ts';

test('finds what was meant, across swaps, case and hyphens', () => {
  const keys = ['stopTimeout', 'manager', 'unit', 'carryLimit', 'rpo'];
  assert.equal(nearest('stoptimeout', keys), 'stopTimeout');
  assert.equal(nearest('stop-timeout', keys), 'stopTimeout');
  assert.equal(nearest('mangaer', keys), 'manager');
  assert.equal(nearest('rop', keys), 'rpo');
  assert.equal(nearest('wholly-else', keys), null);
  assert.equal(nearest('', keys), null);
});

test('the distance is one: zero for the same, symmetric, at most the longer length', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      assert.equal(editDistance(a, a), 0);
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
      assert.ok(a === b || editDistance(a, b) > 0);
    }),
  );
  assert.equal(editDistance('abcd', 'abdc'), 1);
});
