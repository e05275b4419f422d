import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { BackstepError } from '../fault/backstep-error.ts';
import { nodeHost } from '../host/node.ts';
import { removeTree } from '../host/whole-file.ts';
import type { ReleaseSite } from './release-site.ts';
import { openReleases, type ReleaseShelf } from './releases.ts';

const host = nodeHost();

function sceneOf(
  t: TestContext,
  layout: ReleaseSite['layout'] = 'symlink',
): { readonly root: string; readonly shelf: ReleaseShelf; readonly site: ReleaseSite } {
  const root = mkdtempSync(join(tmpdir(), 'backstep-release-'));
  t.after(() => removeTree(host.disk, root));
  mkdirSync(join(root, 'source/lib'), { recursive: true });
  writeFileSync(join(root, 'source/server.js'), 'serve', { mode: 0o755 });
  writeFileSync(join(root, 'source/lib/a\nb'), 'lib', { mode: 0o644 });
  symlinkSync('lib/a\nb', join(root, 'source/alias'));
  const site = { root: join(root, 'app'), layout, state: join(root, 'state') };
  return { root, site, shelf: openReleases(host, site) };
}

const codeOf =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof BackstepError && error.code === code;

test('a release is copied, listed and frozen, and the source stays as it is', (t) => {
  const { root, shelf } = sceneOf(t);
  const added = shelf.add({ version: '1.2.1', folder: join(root, 'source') });
  assert.equal(added.fileCount, 2);
  assert.equal(added.folder, join(root, 'app/1.2.1'));
  assert.deepEqual(shelf.list(), ['1.2.1']);
  assert.equal(shelf.current(), null);
  assert.deepEqual(shelf.differences('1.2.1'), []);
  assert.equal(host.disk.lstat(join(added.folder, 'server.js'))?.mode, 0o555);
  assert.equal(host.disk.lstat(join(root, 'source/server.js'))?.mode, 0o755);
  assert.equal(host.disk.readLink(join(added.folder, 'alias')), 'lib/a\nb');
  assert.deepEqual(host.disk.list(join(root, 'app')), ['1.2.1']);
});

test('what differs from when it was added is told, one line each', (t) => {
  const { root, shelf } = sceneOf(t);
  const { folder } = shelf.add({ version: '1', folder: join(root, 'source') });
  chmodSync(join(folder, 'server.js'), 0o755);
  writeFileSync(join(folder, 'server.js'), 'altered');
  chmodSync(join(folder, 'lib'), 0o755);
  rmSync(join(folder, 'lib/a\nb'));
  writeFileSync(join(folder, 'lib/more'), '');
  assert.deepEqual(shelf.differences('1'), [
    '"lib" has mode 755',
    '"lib/a\\nb" is missing',
    '"server.js" holds other bytes',
    '"lib/more" was not part of it',
  ]);
});

test('a version is added once, and what is no version not at all', (t) => {
  const { root, shelf } = sceneOf(t);
  const folder = join(root, 'source');
  shelf.add({ version: '1', folder });
  assert.throws(() => shelf.add({ version: '1', folder }), codeOf('release/present'));
  for (const version of ['../1', 'current', '', '.hidden', 'a/b']) {
    assert.throws(() => shelf.add({ version, folder }), codeOf('release/version'), version);
  }
  assert.throws(() => shelf.folderOf('2'), codeOf('release/unknown'));
});

test('folders that are no release are refused, and nothing is left of them', (t) => {
  const { root, shelf } = sceneOf(t);
  mkdirSync(join(root, 'empty'));
  const refused = codeOf('release/folder');
  for (const folder of ['nowhere', 'empty', 'source/server.js']) {
    assert.throws(() => shelf.add({ version: '1', folder: join(root, folder) }), refused, folder);
  }
  for (const target of ['../outside', '/etc/passwd', 'lib/../../outside']) {
    rmSync(join(root, 'source/alias'));
    symlinkSync(target, join(root, 'source/alias'));
    assert.throws(() => shelf.add({ version: '1', folder: join(root, 'source') }), refused, target);
  }
  assert.deepEqual(shelf.list(), []);
  assert.equal(host.disk.lstat(join(root, 'app')), null);
});

test('what a killed copy left is no release, and goes with the next one', (t) => {
  const { root, shelf } = sceneOf(t);
  mkdirSync(join(root, 'app/.1.0123456789ab.new'), { recursive: true });
  mkdirSync(join(root, 'app/2'), { recursive: true });
  mkdirSync(join(root, 'state/releases/3'), { recursive: true });
  assert.deepEqual(shelf.list(), []);
  shelf.add({ version: '1', folder: join(root, 'source') });
  assert.deepEqual(host.disk.list(join(root, 'app')), ['1', '2']);
  assert.deepEqual(shelf.list(), ['1']);
  mkdirSync(join(root, 'app/.4-beta.1.0123456789ab.new/deep'), { recursive: true });
  shelf.removeHalfAdded();
  assert.deepEqual(host.disk.list(join(root, 'app')), ['1', '2']);
});

test('an altered listing is refused', (t) => {
  const { root, shelf } = sceneOf(t);
  shelf.add({ version: '1', folder: join(root, 'source') });
  const file = join(root, 'state/releases/1/listing.txt');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('server.js', 'server.ts'));
  assert.throws(() => shelf.differences('1'), codeOf('release/listing'));
  writeFileSync(file, text.slice(0, 40));
  assert.throws(() => shelf.differences('1'), codeOf('release/listing'));
});

test('the link names the current release', (t) => {
  const { root, shelf, site } = sceneOf(t);
  shelf.add({ version: '1', folder: join(root, 'source') });
  mkdirSync(join(root, 'into'));
  const units = shelf.wanted('1', join(root, 'into'));
  assert.deepEqual([...units.keys()], ['current']);
  host.disk.rename(units.get('current') ?? '', join(site.root, 'current'));
  assert.equal(shelf.current(), '1');
  assert.equal(readFileSync(join(site.root, 'current/server.js'), 'utf8'), 'serve');
});

test('in place, files come with their own modes and a marker that names them', (t) => {
  const { root, shelf } = sceneOf(t, 'in-place');
  const { folder } = shelf.add({ version: '1', folder: join(root, 'source') });
  assert.ok(folder.startsWith(join(root, 'state')));
  mkdirSync(join(root, 'into'));
  const units = shelf.wanted('1', join(root, 'into'));
  assert.deepEqual([...units.keys()].sort(), [
    '.backstep-release',
    'alias',
    'lib/a\nb',
    'server.js',
  ]);
  assert.equal(host.disk.lstat(join(root, 'into/server.js'))?.mode, 0o755);
  assert.equal(shelf.current(), null);
});

test('in place, a release that was installed by hand is known by its files', (t) => {
  const { root, shelf, site } = sceneOf(t, 'in-place');
  shelf.add({ version: '1', folder: join(root, 'source') });
  host.disk.rename(join(root, 'source'), site.root);
  assert.equal(shelf.current(), '1');
  writeFileSync(join(site.root, 'users.txt'), 'mine');
  assert.equal(shelf.current(), '1');
  writeFileSync(join(site.root, 'server.js'), 'altered');
  assert.equal(shelf.current(), null);
});

test('where the record cannot be written, the copy goes again', (t) => {
  const { root, shelf } = sceneOf(t);
  mkdirSync(join(root, 'state'));
  writeFileSync(join(root, 'state/releases'), 'in the way');
  assert.throws(
    () => shelf.add({ version: '1', folder: join(root, 'source') }),
    codeOf('disk/kind'),
  );
  assert.deepEqual(host.disk.list(join(root, 'app')), []);
});
