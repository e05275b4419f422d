import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachment, parseRange } from './ranges.ts';

test('ranges of a file of 10 bytes', () => {
  for (const [header, start, end] of [
    ['bytes=0-0', 0, 0],
    ['bytes=0-9', 0, 9],
    ['bytes=9-', 9, 9],
    ['bytes=3-1000', 3, 9],
    ['bytes=-1', 9, 9],
    ['bytes=-1000', 0, 9],
  ] as const)
    assert.deepEqual(parseRange(header, 10), { kind: 'part', start, end }, header);
  for (const header of ['bytes=10-', 'bytes=10-11', 'bytes=-0'])
    assert.deepEqual(parseRange(header, 10), { kind: 'outside' }, header);
  for (const header of [undefined, '', 'bytes=-', 'bytes=2-1', 'bytes=0-1,3-4', 'bytes=a-b', 'x'])
    assert.deepEqual(parseRange(header, 10), { kind: 'whole' }, header);
});

test('an empty file has no ranges', () => {
  for (const header of ['bytes=0-', 'bytes=0-0', 'bytes=-5'])
    assert.deepEqual(parseRange(header, 0), { kind: 'outside' }, header);
});

test('a file name cannot end the header or begin another parameter', () => {
  assert.equal(
    attachment('a"; filename=b\r\nset-cookie: x\\%é.mp4'),
    `attachment; filename="a_; filename=b__set-cookie: x__e.mp4"; filename*=UTF-8''a%22%3B%20filename%3Db%0D%0Aset-cookie%3A%20x%5C%25%C3%A9.mp4`,
  );
  assert.equal(
    attachment("it's (a) *.mp4"),
    `attachment; filename="it's (a) *.mp4"; filename*=UTF-8''it%27s%20%28a%29%20%2A.mp4`,
  );
});
