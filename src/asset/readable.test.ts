import assert from 'node:assert/strict';
import { join } from 'node:path/posix';
import { test } from 'node:test';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { put } from '../../test/contract/tree.ts';
import { nodeHost } from '../host/node.ts';
import { readableCheck } from './readable.ts';

const { disk } = nodeHost();

test('every file is opened but those that were captured and left alone', (t) => {
  const folder = scratchFolder(t, nodeHost());
  put(disk, join(folder, 'there'), 'x');
  const side = new Map(['there', 'gone', 'left'].map((unit) => [unit, join(folder, unit)]));
  const all = readableCheck(disk, { asset: 'files', side });
  assert.equal(all.status, 'error');
  assert.equal(all.measured, '"gone" is missing; "left" is missing');
  const captured = new Set(['left']);
  assert.equal(
    readableCheck(disk, { asset: 'files', side, captured }).measured,
    '"gone" is missing',
  );
  side.delete('gone');
  const some = readableCheck(disk, { asset: 'files', side, captured });
  assert.equal(some.status, 'success');
  assert.match(some.measured, /^2 files: 1 can be read, 1 /);
});
