import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, FileEntry } from '../../store/entry.ts';
import { formatEntry } from '../../store/line.ts';
import { openListing, withReplaced } from '../../store/listing.ts';
import { hashOf } from '../../store/objects.ts';
import { differingUnits, unitLinesBelow, type UnitLines } from './unit-lines.ts';

const file: FileEntry = {
  kind: 'file',
  path: 'assets/files/a',
  mode: 0o644,
  uid: 1,
  gid: 2,
  modifiedNs: 3n,
  sizeBytes: 3,
  hashes: [hashOf(Buffer.from('a'))],
};

test('a unit differs where bytes, mode, owner or kind do, not where only its time does', () => {
  const link: Entry = { ...file, kind: 'link', target: 'b' };
  const others: readonly (readonly [Entry, boolean])[] = [
    [file, false],
    [{ ...file, modifiedNs: 4n }, false],
    [{ ...file, mode: 0o600 }, true],
    [{ ...file, uid: 7 }, true],
    [{ ...file, gid: 7 }, true],
    [{ ...file, hashes: [hashOf(Buffer.from('b'))] }, true],
    [link, true],
    [{ kind: 'hard-link', path: file.path, first: 'assets/files/b' }, true],
  ];
  for (const [other, differs] of others) {
    for (const sides of [
      [file, other],
      [other, file],
      [file, file, other],
      [file, other, file],
    ]) {
      assert.equal(differingUnits(sides.map(side)).size === 1, differs, formatEntry(other));
    }
  }
});

test('a unit that one side alone has differs', () => {
  const none: UnitLines = new Map();
  const one = side(file);
  for (const sides of [
    [one, none],
    [none, one],
    [one, one, none],
    [none, none, one],
  ]) {
    assert.deepEqual([...differingUnits(sides)], ['a']);
  }
  assert.equal(differingUnits([none, none]).size, 0);
});

test('listings that share their places are compared as any others are', () => {
  const folders: readonly Entry[] = ['assets', 'assets/files', 'assets/other'].map((path) => {
    return { ...file, kind: 'folder', path };
  });
  const files = ['b', 'a', 'c'].map((name) => ({ ...file, path: `assets/files/${name}` }));
  const elsewhere = { ...file, path: 'assets/other/a' };
  const lines = [...folders, ...files, elsewhere].map(formatEntry);
  const listing = openListing(lines);
  const later = { ...file, path: 'assets/files/b', modifiedNs: 9n };
  const closed = { ...file, path: 'assets/files/c', mode: 0o600 };
  const touched = withReplaced(listing, new Map([[3, formatEntry(later)]]));
  const altered = withReplaced(
    listing,
    new Map([
      [5, formatEntry(closed)],
      [6, formatEntry({ ...elsewhere, mode: 0o600 })],
    ]),
  );
  assert.ok(touched !== null && altered !== null);
  const [one, two, three] = [listing, touched, altered].map((each) =>
    unitLinesBelow('assets/files', each),
  );
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  assert.equal(one.listed?.places, three.listed?.places);
  assert.deepEqual([...one.keys()], ['b', 'a', 'c']);
  assert.equal(two.get('b'), formatEntry(later));
  assert.equal(three.get('c'), formatEntry(closed));
  assert.equal(three.get('d'), undefined);
  const byName = new Map([...one.keys()].map((unit) => [unit, one.get(unit) ?? '']));
  for (const first of [one, byName]) {
    assert.deepEqual([...differingUnits([first, two])], []);
    assert.deepEqual([...differingUnits([first, two, three])], ['c']);
    assert.deepEqual([...differingUnits([three, first])], ['c']);
  }
});

function side(entry: Entry): UnitLines {
  return new Map([['a', formatEntry(entry)]]);
}
