import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { editedTree, treeVersions, type TreeVersions } from './arbitrary.ts';
import { returnTree, type ReturnedTree } from './return.ts';
import { rollBackTree, type RolledBackTree } from './rollback.ts';
import type { WantedEntry } from './settle.ts';
import { foldedPath, foldersAround, hasSameContent, type TreeEntry } from './tree.ts';
import { fc } from '../../../test/chance.ts';

const at = '2025-01-01T00:00:00Z';
const runs = { numRuns: 2000 };

function built(wanted: readonly WantedEntry<TreeEntry>[]): TreeEntry[] {
  return wanted.map(({ path, entry, mode }) => ({ ...entry, path, mode }));
}

const byPath = (one: TreeEntry, other: TreeEntry): number => (one.path < other.path ? -1 : 1);

function back(history: TreeVersions): RolledBackTree<TreeEntry> {
  return rollBackTree(history, { at });
}

function forth(
  history: TreeVersions,
  settled: TreeEntry[],
  now = settled,
): ReturnedTree<TreeEntry> {
  return returnTree({ ...history, displaced: history.now, settled, now }, { at });
}

describe('the law of trees', () => {
  it('gives exactly the old tree where nothing was changed since the upgrade', () => {
    fc.assert(
      fc.property(treeVersions(), ({ before, after }) => {
        const gone = back({ before, after, now: after });
        assert.deepEqual(built(gone.wanted), before.toSorted(byPath));
        assert.deepEqual(gone.parked, []);
        assert.deepEqual(gone.outcome.carried, { inserted: 0, updated: 0, deleted: 0 });
      }),
      runs,
    );
  });

  it('gives exactly the new tree, back and forth with nothing changed between', () => {
    fc.assert(
      fc.property(treeVersions(), (history) => {
        const returned = forth(history, built(back(history).wanted));
        assert.deepEqual(built(returned.wanted), history.now.toSorted(byPath));
        assert.deepEqual(returned.stale, []);
      }),
      runs,
    );
  });

  it('carries or parks every change', () => {
    fc.assert(
      fc.property(treeVersions(), (history) => {
        const gone = back(history);
        assert(gone.outcome.reconciled);
        const upgraded = new Map(history.after.map((entry) => [entry.path, entry]));
        for (const entry of history.now) {
          const was = upgraded.get(entry.path);
          if (entry.kind === 'folder' || (was !== undefined && hasSameContent(was, entry)))
            continue;
          const isHeld = [...gone.wanted, ...gone.parked].some(
            (each) => each.entry !== null && hasSameContent(each.entry, entry),
          );
          const isMoved = history.after.some((each) => hasSameContent(each, entry));
          assert(isHeld || isMoved, `${entry.path} is nowhere`);
        }
      }),
      runs,
    );
  });

  it('keeps every old file that no user touched', () => {
    fc.assert(
      fc.property(treeVersions(), (history) => {
        const gone = back(history);
        const latest = new Map(history.now.map((entry) => [entry.path, entry]));
        const touched = history.after.filter((entry) => {
          const is = latest.get(entry.path);
          return is === undefined || is.mode !== entry.mode || !hasSameContent(is, entry);
        });
        const hashes = new Set(touched.map(({ hash }) => hash));
        const names = new Set(touched.map(({ path }) => path));
        for (const old of history.before) {
          if (names.has(old.path) || hashes.has(old.hash) || old.kind !== 'file') continue;
          const there = gone.wanted.find(({ path }) => path === old.path);
          assert(
            there !== undefined && hasSameContent(there.entry, old),
            `${old.path} was disturbed`,
          );
        }
      }),
      runs,
    );
  });

  it('makes a tree that a file system can hold', () => {
    fc.assert(
      fc.property(treeVersions(), fc.boolean(), (history, ignoresCase) => {
        const { wanted } = rollBackTree(history, { at, ignoresCase });
        const nameOf = ignoresCase ? foldedPath : (path: string): string => path;
        const kinds = new Map(wanted.map(({ path, entry }) => [nameOf(path), entry.kind]));
        assert.equal(kinds.size, wanted.length);
        for (const { path } of wanted) {
          for (const folder of foldersAround(path))
            assert.equal(kinds.get(nameOf(folder)), 'folder', path);
        }
      }),
      runs,
    );
  });

  it('brings what was done under the old release forward, or lists it', () => {
    fc.assert(
      fc.property(treeVersions(), fc.gen(), (history, draw) => {
        const settled = built(back(history).wanted);
        const later = draw(editedTree, settled, 3);
        const returned = forth(history, settled, later);
        assert(returned.outcome.reconciled);
        const known = [...settled, ...history.now];
        for (const entry of later) {
          if (entry.kind === 'folder' || known.some((each) => hasSameContent(each, entry)))
            continue;
          const isHeld = [...returned.wanted, ...returned.parked].some(
            (each) => each.entry !== null && hasSameContent(each.entry, entry),
          );
          assert(isHeld, `${entry.path} is nowhere`);
        }
      }),
      runs,
    );
  });
});
