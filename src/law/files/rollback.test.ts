import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entryAt } from './arbitrary.ts';
import { parkedOf, shown, tree } from './shorthand.ts';
import { rollBackTree, type RolledBackTree, type TreeRollback } from './rollback.ts';
import type { TreeEntry } from './tree.ts';

const at = '2025-01-01T00:00:00Z';

function back(
  states: TreeEntry[][],
  options: Partial<TreeRollback> = {},
): RolledBackTree<TreeEntry> {
  const [before = [], after = [], now = []] = states;
  const gone = rollBackTree({ before, after, now }, { at, ...options });
  assert.equal(gone.outcome.reconciled, true);
  return gone;
}

describe('rolling back a tree', () => {
  const cases: [string, TreeEntry[], TreeEntry[], TreeEntry[], string[], string[]][] = [
    [
      'users add, change, move and delete',
      tree('a=1', 'b=2', 'c=3'),
      tree('a=1', 'b=2', 'c=3', 'new=9'),
      tree('a=5', 'moved=2', 'mine=6', 'new=9'),
      ['a=5', 'mine=6', 'moved=2'],
      [],
    ],
    ['what the upgrade removed is back', tree('a=1'), tree(), tree(), ['a=1'], []],
    [
      'a file that the upgrade rewrote and the user changed is parked',
      tree('a=1'),
      tree('a=2'),
      tree('a=3'),
      ['a=1'],
      ['a 3 rewritten'],
    ],
    [
      'a file that the upgrade rewrote and nobody changed',
      tree('a=1'),
      tree('a=2'),
      tree('a=2'),
      ['a=1'],
      [],
    ],
    [
      'a file of the new release that the user changed is parked',
      tree(),
      tree('n=1'),
      tree('n=2'),
      [],
      ['n 2 blind'],
    ],
    [
      'a file that the upgrade moved is changed at its old name',
      tree('p', 'p/a=1'),
      tree('q', 'q/a=1'),
      tree('q', 'q/a=2'),
      ['p', 'p/a=2'],
      [],
    ],
    [
      'a file that the upgrade rewrote and the user moved keeps its old bytes',
      tree('a=1'),
      tree('a=2'),
      tree('b=2'),
      ['b=1'],
      [],
    ],
    [
      'a deletion is carried, also of a file that the upgrade rewrote',
      tree('a=1'),
      tree('a=2'),
      tree(),
      [],
      [],
    ],
    [
      "a user's file at the name of an old file",
      tree('a=1'),
      tree('b=2'),
      tree('a=3', 'b=2'),
      ['a=1'],
      ['a 3 refused'],
    ],
    [
      "a user's file that is the old file",
      tree('a=1'),
      tree('b=2'),
      tree('a=1', 'b=2'),
      ['a=1'],
      [],
    ],
    [
      'a file where the old release had a folder',
      tree('d', 'd/x=1'),
      tree(),
      tree('d=7'),
      ['d', 'd/x=1'],
      ['d 7 refused'],
    ],
    [
      'a file in what was a file in the old release',
      tree('d=1'),
      tree('d'),
      tree('d', 'd/mine=7'),
      ['d=1'],
      ['d/mine 7 refused'],
    ],
    [
      'a folder that only holds files of the user',
      tree(),
      tree('plugins'),
      tree('plugins', 'plugins/mine=1'),
      ['plugins', 'plugins/mine=1'],
      [],
    ],
    ['the mode is a part by itself', tree('a=1'), tree('a=2'), tree('a=2:600'), ['a=1:600'], []],
    [
      'a mode that both changed is parked',
      tree('a=1'),
      tree('a=1:640'),
      tree('a=1:600'),
      ['a=1'],
      ['a 1 rewritten'],
    ],
    [
      'a link is its target',
      tree('l->a', 'm->a'),
      tree('l->a', 'm->b'),
      tree('l->c', 'm->c'),
      ['l->c', 'm->a'],
      ['m link rewritten'],
    ],
    [
      'two names swapped by the user',
      tree('a=1', 'b=2'),
      tree('a=1', 'b=2'),
      tree('a=2', 'b=1'),
      ['a=2', 'b=1'],
      [],
    ],
    ['empty files are no moved files', tree('a='), tree('b='), tree('b=1'), ['a='], ['b 1 blind']],
  ];
  for (const [what, before, after, now, wanted, parked] of cases) {
    it(what, () => {
      const gone = back([before, after, now]);
      assert.deepEqual(shown(gone), wanted);
      assert.deepEqual(parkedOf(gone), parked);
    });
  }

  it('puts what users add in a renamed folder under the old name, and says so', () => {
    const gone = back([
      tree('plugins', 'plugins/a=1', 'plugins/sub', 'plugins/sub/b=2'),
      tree('extensions', 'extensions/a=1', 'extensions/sub', 'extensions/sub/b=2'),
      tree(
        'extensions',
        'extensions/a=1',
        'extensions/sub',
        'extensions/sub/b=2',
        'extensions/mine=3',
      ),
    ]);
    assert.deepEqual(shown(gone), [
      'plugins',
      'plugins/a=1',
      'plugins/mine=3',
      'plugins/sub',
      'plugins/sub/b=2',
    ]);
    assert.deepEqual(gone.renamedFolders, [{ old: 'plugins', renewed: 'extensions' }]);
    assert.deepEqual(gone.outcome.carried, { inserted: 1, updated: 0, deleted: 0 });
  });

  it('pairs files of one hash by their base name, or not at all', () => {
    const before = tree('p', 'p/a=1', 'p/b=1');
    const after = tree('q', 'q/a=1', 'q/c=1');
    assert.deepEqual([...back([before, after, after]).upgradeMoves], [['p/a', 'q/a']]);
  });

  it('takes bytes from where they are', () => {
    const [before, after, now] = [tree('a=1', 'b=2'), tree('a=1', 'b=3'), tree('a=4', 'b=3')];
    const gone = back([before, after, now]);
    assert.deepEqual(
      gone.wanted.map(({ path, from, entry }) => [path, from, entry]),
      [
        ['a', 'now', now[0]],
        ['b', 'before', before[1]],
      ],
    );
    assert.deepEqual(gone.outcome, {
      carried: { inserted: 0, updated: 1, deleted: 0 },
      parked: [],
      decisions: [],
      reconciled: true,
    });
  });

  it('does as was decided, for a file or the folder around it', () => {
    const states = [tree('d', 'd/a=1'), tree('d', 'd/a=2'), tree('d', 'd/a=3')];
    const byDefault = back(states);
    assert.deepEqual(
      byDefault.outcome.decisions.map(({ choice, by }) => [choice, by]),
      [['park', 'default']],
    );
    const decision = { place: 'd', choice: 'as-is', by: 'operator', at, evidence: 'seen' } as const;
    const gone = back(states, { decisions: [decision] });
    assert.deepEqual(shown(gone), ['d', 'd/a=3']);
    assert.deepEqual(gone.outcome.decisions, [decision]);
    const kept = back([tree('a=1'), tree('a=2'), tree()], {
      decisions: [{ ...decision, place: 'a', choice: 'before' }],
    });
    assert.deepEqual([shown(kept), parkedOf(kept)], [['a=1'], ['a deleted rewritten']]);
  });

  it('reports names that differ in case only, and parks where they are one name', () => {
    const states = [tree('Readme=1', 'x=1'), tree('x=1'), tree('README=2', 'x=1')];
    assert.deepEqual(back(states).caseClashes, [['README', 'Readme']]);
    const gone = rollBackTree(
      { before: states[0] ?? [], after: states[1] ?? [], now: states[2] ?? [] },
      { at, ignoresCase: true },
    );
    assert.deepEqual(shown(gone), ['Readme=1', 'x=1']);
    assert.deepEqual(parkedOf(gone), ['README 2 refused']);
    assert.deepEqual(gone.caseClashes, []);
  });

  it('refuses listings that lead out of the tree or name a path twice', () => {
    for (const path of ['', '/etc/passwd', '../a', 'a/../b', 'a//b', './a', 'a/', 'a\0b']) {
      assert.throws(() => back([tree(), tree(), [entryAt(path)]]), { code: 'tree/entry' }, path);
    }
    assert.throws(() => back([tree('a=1', 'a=2'), tree(), tree()]), {
      code: 'tree/entry',
      message: 'before: "a" stands twice',
    });
  });
});
