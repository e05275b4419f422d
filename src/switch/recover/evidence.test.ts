import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recoveryByEvidence, type MoveEvidence } from './evidence.ts';
import { fc } from '../../../test/chance.ts';

/** One rename as the run's acts leave it, in their order; both parts exist, as of a unit that is replaced. */
const untouched: MoveEvidence = { isStaged: true, isDisplaced: false };
const displaced: MoveEvidence = { isStaged: true, isDisplaced: true };
const placed: MoveEvidence = { isStaged: false, isDisplaced: true };
const settled: MoveEvidence = { isStaged: false, isDisplaced: false };

test('a run without a journal goes the way that what lies where proves', () => {
  assert.equal(recoveryByEvidence([untouched, untouched]), 'restart');
  assert.equal(recoveryByEvidence([displaced, untouched]), 'rename-back');
  assert.equal(recoveryByEvidence([displaced, displaced]), 'rename-back');
  assert.equal(recoveryByEvidence([placed, displaced]), 'forward');
  assert.equal(recoveryByEvidence([placed, placed]), 'forward');
  assert.equal(recoveryByEvidence([placed, settled]), 'forward');
});

test('renames that were being taken back go on back', () => {
  assert.equal(recoveryByEvidence([placed, untouched]), 'rename-back');
  assert.equal(recoveryByEvidence([displaced, untouched, placed]), 'rename-back');
});

test('where nothing is left to see it does not guess', () => {
  assert.equal(recoveryByEvidence([]), null);
  assert.equal(recoveryByEvidence([settled, settled]), null);
});

test('units that come or go alone prove as much as those that are replaced', () => {
  const comes = (isStaged: boolean): MoveEvidence => ({ isStaged, isDisplaced: null });
  const goes = (isDisplaced: boolean): MoveEvidence => ({ isStaged: null, isDisplaced });
  assert.equal(recoveryByEvidence([comes(true), goes(false)]), 'restart');
  assert.equal(recoveryByEvidence([comes(true), goes(true)]), 'rename-back');
  assert.equal(recoveryByEvidence([comes(false), goes(true)]), 'forward');
});

test('at every instant of displacing and placing, the journal that is lost would have said the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(16), (count, acts) => {
      const moves = Array.from({ length: count }, (_, n): MoveEvidence => {
        const isDisplaced = acts > n;
        return { isStaged: acts < count + n + 1, isDisplaced };
      });
      const expected = acts === 0 ? 'restart' : acts <= count ? 'rename-back' : 'forward';
      assert.equal(recoveryByEvidence(moves), expected);
    }),
  );
});
