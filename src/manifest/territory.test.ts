import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches } from './pattern.ts';
import { isInside, meetings, ownership, ownershipBelow, type Territories } from './territory.ts';
import { fc } from '../../test/chance.ts';

const root = fc.constantFrom('/d', '/d/a', '/d/a/b', '/e');
const pattern = fc.constantFrom(
  '**',
  '*',
  '*.x',
  'a/**',
  'a/*',
  'b',
  'b.x',
  '**/b',
  'a/b/*.x',
  '?',
);
const territory = fc.record({
  root,
  files: fc.array(pattern, { minLength: 1, maxLength: 2 }),
  exclude: fc.array(pattern, { maxLength: 1 }),
});
const file = fc.constantFrom(
  '/d/b',
  '/d/b.x',
  '/d/a/b',
  '/d/a/b.x',
  '/d/a/b/c.x',
  '/d/a/b/b',
  '/d/c',
  '/e/b',
  '/e/a/b',
  '/f',
);

function namedBy(territories: Territories, path: string): string[] {
  return Object.entries(territories).flatMap(([name, list]) => {
    const isNamed = list.some((each) => {
      if (!path.startsWith(`${each.root}/`)) return false;
      const below = path.slice(each.root.length + 1);
      const hits = (patterns: readonly string[]): boolean =>
        patterns.some((one) => matches(one, below));
      return hits(each.files) && !hits(each.exclude);
    });
    return isNamed ? [name] : [];
  });
}

test('a file that two assets name is either a conflict or belongs to the inner one', () => {
  fc.assert(
    fc.property(territory, territory, file, (first, second, path) => {
      const territories = { first: [first], second: [second] };
      const owner = ownership(territories, 'linux')(path);
      const named = namedBy(territories, path);
      assert.equal(owner === null, named.length === 0);
      assert.ok(owner === null || named.includes(owner));
      if (named.length < 2) return;
      const found = meetings(territories, 'linux');
      const isInner = found.some((each) => each.kind === 'inner' && each.inner === owner);
      const isConflict = found.some((each) => each.kind === 'conflict');
      assert.ok(isInner || isConflict, `${path} ${JSON.stringify(found)}`);
    }),
    { numRuns: 3_000 },
  );
});

test('a conflict names a file that both have', () => {
  fc.assert(
    fc.property(territory, territory, (first, second) => {
      const territories = {
        first: [{ ...first, exclude: [] }],
        second: [{ ...second, exclude: [] }],
      };
      for (const meeting of meetings(territories, 'linux')) {
        if (meeting.kind === 'inner') continue;
        assert.deepEqual(namedBy(territories, meeting.file).sort(), ['first', 'second']);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('inside is a matter of folders, not of letters', () => {
  assert.ok(isInside('/a/b', '/a', 'linux'));
  assert.ok(isInside('/a', '/a', 'linux'));
  assert.ok(!isInside('/ab', '/a', 'linux'));
  assert.ok(!isInside('/a', '/a/b', 'linux'));
  assert.ok(isInside('/', '/', 'linux') && isInside('/x', '/', 'linux'));
  assert.ok(isInside('C:\\A\\b', 'c:/a', 'win32'));
  assert.ok(!isInside('/A/b', '/a', 'linux') && isInside('/A/b', '/a', 'darwin'));
});

test('of two patterns that cross, the deeper folder has the file', () => {
  const territories = {
    high: [{ root: '/d', files: ['*/b.x'], exclude: [] }],
    deep: [{ root: '/d/a', files: ['*'], exclude: [] }],
  };
  assert.equal(ownership(territories, 'linux')('/d/a/b.x'), 'deep');
  assert.deepEqual(meetings(territories, 'linux'), [
    { kind: 'inner', inner: 'deep', outer: 'high' },
  ]);
});

test('an asset may own files below a folder unless it excludes them or leaves them to another', () => {
  const territories = {
    all: [{ root: '/d', files: ['**'], exclude: ['cache/**'] }],
    notes: [{ root: '/d/notes', files: ['*.txt'], exclude: [] }],
    flat: [{ root: '/e', files: ['*.x', 'deep/one.x'], exclude: [] }],
    media: [{ root: '/d/media', files: ['**'], exclude: [] }],
  };
  const ownersBelow = ownershipBelow(territories, 'linux');
  assert.deepEqual(ownersBelow('/d/a'), ['all']);
  assert.deepEqual(ownersBelow('/d/cache'), []);
  assert.deepEqual(ownersBelow('/d/cache/a'), []);
  assert.deepEqual(ownersBelow('/d/notes'), ['all']);
  assert.deepEqual(ownersBelow('/d/media'), []);
  assert.deepEqual(ownersBelow('/d/media/a'), ['media']);
  assert.deepEqual(ownersBelow('/e/a'), []);
  assert.deepEqual(ownersBelow('/e/deep'), ['flat']);
  assert.deepEqual(ownersBelow('/e'), []);
  assert.deepEqual(ownersBelow('/'), []);
});
