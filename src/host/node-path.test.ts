import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDiskError } from './disk-error.ts';
import { fromNative, toNative } from './node-path.ts';
import { fc } from '../../test/chance.ts';

test('any bytes come back the same', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text, 'utf8')),
    fc.array(fc.constantFrom(0xf0, 0x9f, 0x98, 0x80, 0xed, 0xb2, 0xc3, 0xa9, 0x41), {
      maxLength: 12,
    }),
  );
  fc.assert(
    fc.property(bytes, (arbitrary) => {
      const given = Buffer.from(arbitrary).filter((byte) => byte !== 0);
      const native = toNative(fromNative(Buffer.from(given)));
      assert.deepEqual(Buffer.from(native), Buffer.from(given));
    }),
    { numRuns: 500 },
  );
});

test('a byte that is no UTF-8 is a lone surrogate, and text is text', () => {
  assert.equal(fromNative(Buffer.from([0x61, 0xff, 0x80, 0xc3, 0xa9])), 'a\udcff\udc80é');
  assert.equal(fromNative(Buffer.from([0xed, 0xb2, 0x80])), '\udced\udcb2\udc80');
  assert.equal(toNative('é😀'), 'é😀');
});

test('what no path can hold is refused', () => {
  for (const path of ['a\0b', '\ud800', '\udc7f']) {
    assert.throws(
      () => toNative(path),
      (error) => isDiskError(error, 'EILSEQ'),
    );
  }
});
