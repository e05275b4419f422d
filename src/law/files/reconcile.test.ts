import assert from 'node:assert/strict';
import { it } from 'node:test';
import { entryAt } from './arbitrary.ts';
import { isReconciled } from './reconcile.ts';
import { rollBackTree } from './rollback.ts';
import { treeOf } from './tree.ts';

const before = [
  entryAt('same'),
  entryAt('edited', 'h2'),
  entryAt('gone', 'h3'),
  entryAt('both', 'h4'),
  entryAt('moved', 'h5'),
];
const after = [...before.slice(0, 3), entryAt('both', 'h6'), entryAt('moved', 'h5')];
const now = [
  entryAt('same'),
  entryAt('edited', 'h7'),
  entryAt('both', 'h8'),
  entryAt('elsewhere', 'h5'),
  entryAt('mine', 'h9'),
];
const {
  wanted,
  parked,
  upgradeMoves: moves,
  renamedFolders: folders,
} = rollBackTree({ before, after, now }, { at: '2025-01-01T00:00:00Z' });
const trees = { before: treeOf(before, 'b'), after: treeOf(after, 'a'), now: treeOf(now, 'n') };
const merge = { trees, moves, folders };

it('finds every change in a whole merge', () => {
  assert.deepEqual(
    wanted.map(({ path }) => path),
    ['both', 'edited', 'elsewhere', 'mine', 'same'],
  );
  assert.equal(isReconciled(wanted, parked, merge), true);
});

it('misses what was parked when it is taken away', () => {
  assert.equal(isReconciled(wanted, [], merge), false);
});

it('misses each name that is not there, or has other bytes', () => {
  for (const path of ['edited', 'elsewhere', 'mine']) {
    const rest = wanted.filter((each) => each.path !== path);
    assert.equal(isReconciled(rest, parked, merge), false, path);
    const other = { path, from: 'now', entry: entryAt(path, 'h0'), mode: 0o644 } as const;
    assert.equal(isReconciled([...rest, other], parked, merge), false, path);
  }
});

it('misses a deleted file that came back', () => {
  const [, , gone] = before;
  assert(gone !== undefined);
  const back = { path: 'gone', from: 'before', entry: gone, mode: 0o644 } as const;
  assert.equal(isReconciled([...wanted, back], parked, merge), false);
});
