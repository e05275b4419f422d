import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMountInfo } from './node-mounts.ts';

test('mount points are read with spaces, backslashes and bytes that are no UTF-8', () => {
  const text = [
    '22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw',
    '36 22 0:31 / /mnt/with\\040space rw shared:1 - tmpfs tmpfs rw',
    '37 22 0:32 / /mnt/back\\134slash rw - tmpfs tmpfs rw',
    '38 22 0:33 / /mnt/\xff rw - tmpfs tmpfs rw',
    '39 22 0:34 / /mnt/\xc3\xa9 rw - tmpfs tmpfs rw',
    '',
  ].join('\n');
  assert.deepEqual(parseMountInfo(text), [
    '/',
    '/mnt/back\\slash',
    '/mnt/with space',
    '/mnt/é',
    '/mnt/\udcff',
  ]);
});
