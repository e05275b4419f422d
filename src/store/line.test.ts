import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackstepError } from '../fault/backstep-error.ts';
import { fromNative } from '../host/node-path.ts';
import { type Entry, isObjectHash, type ObjectHash } from './entry.ts';
import { escapeField, unescapeField } from './escape.ts';
import { formatEntry, formatNs, parseEntry, parseNs } from './line.ts';
import { fc } from '../../test/chance.ts';

/** Any bytes that a name may have, as they come from the disk. */
const anyText = fc
  .oneof(
    fc.uint8Array({ maxLength: 30 }).map((bytes) => fromNative(Buffer.from(bytes))),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('-', '--', '\\', '\\0055', '%', '\t', '\n', '\\t'),
  )
  .map((text) => text.replaceAll('\0', ''));

const anyPath = fc
  .array(anyText, { minLength: 1, maxLength: 4 })
  .map((parts) =>
    parts
      .flatMap((part) => part.split('/'))
      .filter((part) => !['', '.', '..'].includes(part))
      .join('/'),
  )
  .filter((path) => path !== '');

const attributes = {
  path: anyPath,
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.nat(),
  gid: fc.nat(),
  modifiedNs: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
};

const anyHash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes): ObjectHash => {
  const hash = Buffer.from(bytes).toString('hex');
  assert.ok(isObjectHash(hash));
  return hash;
});

const anyEntry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ kind: fc.constant('folder' as const), ...attributes }),
  fc.record({ kind: fc.constant('link' as const), ...attributes, target: anyText }),
  fc.record({ kind: fc.constant('hard-link' as const), path: anyPath, first: anyPath }),
  fc.record({ kind: fc.constant('left-out' as const), path: anyPath, what: fc.constant('fifo') }),
  fc.record({
    kind: fc.constant('file' as const),
    ...attributes,
    sizeBytes: fc.maxSafeNat(),
    hashes: fc.array(anyHash, { maxLength: 3 }),
  }),
);

test('every entry is one line of nine fields that gives it back', () => {
  fc.assert(
    fc.property(anyEntry, (entry) => {
      const line = formatEntry(entry);
      assert.equal(line.split('\t').length, 9);
      assert.doesNotMatch(line, /[\n\r\0]/);
      assert.ok(line.isWellFormed());
      assert.deepEqual(parseEntry(line), { ...entry });
    }),
    { numRuns: 1000 },
  );
});

test('any text is a field that is neither empty nor a dash, unless it is empty', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const field = escapeField(text);
      assert.equal(unescapeField(field), text);
      assert.equal(field === '-', text === '');
      assert.notEqual(field, '');
    }),
  );
});

test('times are seconds with nine decimals', () => {
  assert.equal(formatNs(1n), '0.000000001');
  assert.equal(formatNs(-1n), '-0.000000001');
  assert.equal(formatNs(1_700_000_000_123_456_789n), '1700000000.123456789');
  fc.assert(
    fc.property(attributes.modifiedNs, (ns) => assert.equal(parseNs(formatNs(ns), ''), ns)),
  );
});

test('a line that is none is refused, whatever is wrong with it', () => {
  const good = formatEntry({
    kind: 'file',
    path: 'a',
    mode: 0o644,
    uid: 0,
    gid: 0,
    modifiedNs: 0n,
    sizeBytes: 0,
    hashes: [],
  });
  const fields = good.split('\t');
  const without = (at: number, value: string): string => fields.with(at, value).join('\t');
  const bad = [
    '',
    fields.slice(1).join('\t'),
    `${good}\t-`,
    without(0, 'socket'),
    without(1, '0888'),
    without(1, '644'),
    without(2, '-1'),
    without(4, '1e3'),
    without(4, '99999999999999999999'),
    without(5, '1.5'),
    without(6, 'abc'),
    without(8, 'a\\'),
    without(8, 'a\\x41'),
    without(8, 'a\\0000'),
    without(8, 'a\\0400'),
    without(8, ''),
  ];
  for (const line of bad) assert.throws(() => parseEntry(line), codeIs('store/torn'), line);
});

test('a path that leads out of its place is refused', () => {
  const line = (path: string): string => formatEntry({ kind: 'left-out', path, what: 'fifo' });
  for (const path of ['/etc', '..', 'a/../b', './a', 'a//b', 'a/', '', 'a/..']) {
    assert.throws(() => parseEntry(line(path)), codeIs('store/unsafe'), path);
  }
  assert.throws(
    () => parseEntry(line('x').replace(/x$/, '\\0056\\0056/x')),
    codeIs('store/unsafe'),
  );
});

function codeIs(code: string): (error: unknown) => boolean {
  return (error) => error instanceof BackstepError && error.code === code;
}
