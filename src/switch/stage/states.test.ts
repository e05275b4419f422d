import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, FileEntry } from '../../store/entry.ts';
import { formatEntry } from '../../store/line.ts';
import { hashOf } from '../../store/objects.ts';
import { differingUnits, type UnitLines } from './states.ts';

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

function side(entry: Entry): UnitLines {
  return new Map([['a', formatEntry(entry)]]);
}
