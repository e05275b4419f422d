import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path/posix';
import { test, type TestContext } from 'node:test';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { put } from '../../test/contract/tree.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import { nodeHost } from '../host/node.ts';
import { readWhole } from '../host/whole-file.ts';
import type { Entry } from './entry.ts';
import { formatEntry, formatLine } from './line.ts';
import { createManifest, readHeader, readManifest, readManifestLike } from './manifest.ts';
import { parseSnapshotId } from './snapshot-id.ts';

const { disk } = nodeHost();
const id = parseSnapshotId('20260214T093015.123Z-1f2e3d');
const header = { id, label: 'before 2.0.0', createdNs: 1_771_061_415_123_000_000n };
const folder: Entry = { kind: 'folder', path: 'a', mode: 0o755, uid: 1, gid: 2, modifiedNs: 3n };
const file: Entry = { ...folder, kind: 'file', path: 'a/b', sizeBytes: 0, hashes: [] };

test('a listing gives back what was written', (t) => {
  const path = written(t, [folder, file]);
  const { listing, ...read } = readManifest(disk, path, id);
  assert.deepEqual(read, header);
  assert.deepEqual(listing.entries(), [folder, file]);
  assert.deepEqual(readHeader(disk, path), header);
});

test('a listing that was cut anywhere is refused', (t) => {
  const path = written(t, [folder, file]);
  const bytes = readWhole(disk, path);
  for (let length = 0; length < bytes.length; length += 1) {
    const cut = join(path, `../cut-${length}`);
    put(disk, cut, bytes.subarray(0, length));
    assert.throws(() => readManifest(disk, cut, id), codeIs('store/torn'), `${length} bytes`);
  }
});

test('a listing with any bit turned over is refused', (t) => {
  const path = written(t, [folder, file]);
  const bytes = readWhole(disk, path);
  for (let at = 0; at < bytes.length; at += 1) {
    const altered = Buffer.from(bytes);
    altered[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
    put(disk, join(path, `../altered-${at}`), altered);
    assert.throws(
      () => readManifest(disk, join(path, `../altered-${at}`), id),
      codeIs('store/torn', 'store/unsafe', 'store/no-snapshot'),
      `byte ${at}`,
    );
  }
});

test('a listing that is read by another one holds what it holds when it is read by itself', (t) => {
  const names = Array.from({ length: 30 }, (_, number) => `a/${number}`);
  const files = names.map((path): Entry => ({ ...file, path }));
  const first = readManifestLike(disk, written(t, [folder, ...files]), { id, like: null });
  assert.ok(first.whole !== null);
  const cases: readonly (readonly [isAlike: boolean, readonly Entry[]])[] = [
    [true, files],
    [true, files.with(7, { ...file, path: 'a/7', mode: 0o600 })],
    [false, files.with(7, { ...file, path: 'a/other' })],
    [false, files.with(7, { ...folder, path: 'a/7' })],
    [false, files.with(7, { kind: 'hard-link', path: 'a/7', first: 'a/6' })],
    [false, files.slice(1)],
  ];
  for (const [isAlike, entries] of cases) {
    const path = written(t, [folder, ...entries]);
    const alone = readManifest(disk, path, id);
    const { snapshot, whole } = readManifestLike(disk, path, { id, like: first.whole });
    assert.equal(whole === null, isAlike);
    assert.equal(snapshot.listing.index === first.snapshot.listing.index, isAlike);
    assert.deepEqual(snapshot.listing.paths, alone.listing.paths);
    assert.deepEqual(snapshot.listing.entries(), alone.listing.entries());
    assert.deepEqual(snapshot.listing.entryOf('a/7'), alone.listing.entryOf('a/7'));
  }
});

test('a listing that is read by another one is refused as it is by itself', (t) => {
  const names = Array.from({ length: 30 }, (_, number) => `a/${number}`);
  const files = names.map((path): Entry => ({ ...file, path }));
  const { whole } = readManifestLike(disk, written(t, [folder, ...files]), { id, like: null });
  const hard: Entry = { kind: 'hard-link', path: 'a/7', first: 'a/none' };
  const evil = sealed(t, [folder, ...files.with(7, hard)]);
  const read = (path: string) => (): unknown => readManifestLike(disk, path, { id, like: whole });
  assert.throws(read(evil), codeIs('store/unsafe'));
  const path = written(t, [folder, ...files]);
  const bytes = readWhole(disk, path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  put(disk, `${path}.altered`, bytes);
  assert.throws(read(`${path}.altered`), codeIs('store/torn'));
});

test('one that is not there, and one under another name, are refused', (t) => {
  const path = written(t, [folder]);
  assert.throws(() => readManifest(disk, `${path}.none`, id), codeIs('store/no-snapshot'));
  const other = parseSnapshotId('20260214T093015.123Z-000000');
  assert.throws(() => readManifest(disk, path, other), codeIs('store/torn'));
  assert.throws(() => parseSnapshotId('../../etc/passwd'), codeIs('store/no-snapshot'));
});

test('well-sealed listings that would lead out of the target are refused', (t) => {
  const link: Entry = { ...folder, kind: 'link', path: 'a', target: '/etc' };
  const hard = (first: string): Entry => ({ kind: 'hard-link', path: 'a/h', first });
  const evil: readonly (readonly Entry[])[] = [
    [link, file],
    [file],
    [folder, folder],
    [folder, file, { ...file, path: 'a/b/c' }],
    [folder, hard('a/b')],
    [folder, hard('a')],
    [link, { ...hard('a'), path: 'h' }],
    [{ ...folder, path: '..' }],
    [{ ...folder, path: '/etc' }],
    [folder, hard('../../etc/passwd')],
  ];
  for (const [at, entries] of evil.entries()) {
    const path = sealed(t, entries);
    assert.throws(() => readManifest(disk, path, id), codeIs('store/unsafe'), `case ${at}`);
  }
});

function written(t: TestContext, entries: readonly Entry[]): string {
  const path = join(scratchFolder(t, nodeHost()), `${id}.txt`);
  const writer = createManifest(disk, path, header);
  for (const entry of entries) writer.addLine(formatEntry(entry));
  writer.finish();
  writer.close();
  return path;
}

/** What somebody could write who knows the format. */
function sealed(t: TestContext, entries: readonly Entry[]): string {
  const first = formatLine({
    kind: 'snapshot',
    size: '1',
    mtime: '0.000000000',
    link: 'x',
    path: id,
  });
  const body = `${[first, ...entries.map(formatEntry)].join('\n')}\n`;
  const hashes = createHash('sha256').update(body).digest('hex');
  const end = formatLine({ kind: 'end', size: String(entries.length), hashes });
  const path = join(scratchFolder(t, nodeHost()), `${id}.txt`);
  put(disk, path, `${body}${end}\n`);
  return path;
}

function codeIs(...codes: string[]): (error: unknown) => boolean {
  return (error) => error instanceof BackstepError && codes.includes(error.code);
}
