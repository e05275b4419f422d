import assert from 'node:assert/strict';
import { join } from 'node:path/posix';
import { test } from 'node:test';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { overwrite, put } from '../../test/contract/tree.ts';
import { nodeHost } from '../host/node.ts';
import type { FileEntry } from './entry.ts';
import { chunkSizes, hashOf, holdsBytes } from './objects.ts';

const { disk } = nodeHost();

for (const sizeBytes of [0, 5, 4_194_304, 6_000_000]) {
  test(`a file of ${sizeBytes} bytes holds an entry's bytes until one of them is another`, (t) => {
    const path = join(scratchFolder(t, nodeHost()), 'file');
    const bytes = Buffer.alloc(sizeBytes, 'x');
    put(disk, path, bytes);
    const entry = entryOf(bytes);
    assert.equal(holdsBytes(disk, path, entry), true);
    assert.equal(holdsBytes(disk, path, { ...entry, sizeBytes: sizeBytes + 1 }), false);
    if (sizeBytes === 0) return;
    const altered = Buffer.from(bytes);
    altered[sizeBytes - 1] = 0;
    assert.equal(holdsBytes(disk, path, entryOf(altered)), false);
    overwrite(disk, path, 'y');
    assert.equal(holdsBytes(disk, path, entry), false);
  });
}

function entryOf(bytes: Buffer): FileEntry {
  let position = 0;
  const hashes = chunkSizes(bytes.length).map((size) => {
    position += size;
    return hashOf(bytes.subarray(position - size, position));
  });
  const attributes = { mode: 0o600, uid: 0, gid: 0, modifiedNs: 0n };
  return { kind: 'file', path: 'file', ...attributes, sizeBytes: bytes.length, hashes };
}
