import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { returnTree } from './return.ts';
import { rollBackTree } from './rollback.ts';
import { parkedOf, shown, tree } from './shorthand.ts';
import { surveyTree } from './survey.ts';

const at = '2025-01-01T00:00:00Z';

describe('returning a tree', () => {
  const before = tree('p', 'p/a=1', 'c=1');
  const after = tree('q', 'q/a=1', 'c=2');

  it('brings the edits of the old release to where the new one has the file', () => {
    const displaced = tree('q', 'q/a=1', 'c=2', 'mine=3');
    const gone = rollBackTree({ before, after, now: displaced }, { at });
    const settled = gone.wanted.map(({ path, entry, mode }) => ({ ...entry, path, mode }));
    const now = [...tree('p', 'p/a=9', 'c=8', 'later=4'), ...tree('mine=5')];
    const returned = returnTree({ before, after, displaced, settled, now }, { at });
    assert.deepEqual(shown(returned), ['c=2', 'later=4', 'mine=5', 'q', 'q/a=9'].toSorted());
    assert.deepEqual(parkedOf(returned), ['c 8 rewritten']);
    assert.equal(returned.outcome.reconciled, true);
  });

  it('keeps aside what a later deletion takes away', () => {
    const displaced = tree('q', 'q/a=1', 'c=7');
    const settled = before;
    const returned = returnTree(
      { before, after, displaced, settled, now: tree('p', 'p/a=1') },
      { at },
    );
    assert.deepEqual(shown(returned), ['q', 'q/a=1']);
    assert.deepEqual(
      returned.stale.map(({ path, entry }) => [path, entry?.hash]),
      [['c', '7']],
    );
  });
});

describe('a survey of a tree', () => {
  it('lists what is not faithful, and what was only renamed', () => {
    const survey = surveyTree({
      before: tree('a=1', 'b=2', 'c=3', 'd=4'),
      after: tree('a=1', 'b=9', 'e=3', 'f=5'),
    });
    assert.deepEqual(
      survey.findings.map(({ place, faith, sameCount }) => `${place} ${faith} ${sameCount}`),
      ['. faithful 2', 'b rewritten 0', 'd blind 0', 'f blind 0'],
    );
    assert.deepEqual([...survey.upgradeMoves], [['c', 'e']]);
  });
});
