import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';
import { nodeHost } from '../../src/host/node.ts';
import { openWorkspace } from '../../src/switch/stage/workspace.ts';
import { siblingFolderOf } from '../../src/switch/moves.ts';
import { groundOf, must, upgraded } from '../fuzz/switched-application.ts';
import { said } from '../scenario/said.ts';
import { SmallApplication } from '../scenario/small-application.ts';

const limits = { timeout: 900_000 };
const { disk } = nodeHost();
const isRoot = process.getuid?.() === 0;

for (const umask of [0o000, 0o077]) {
  test(
    `with umask ${umask.toString(8)} nothing of the state is open to others`,
    limits,
    async (t) => {
      const before = process.umask(umask);
      t.after(() => process.umask(before));
      const app = await upgradedClosed(t);
      await said(app.folder, 'verify');
      await must(app, 'rollback', '--yes');
      const open = modesBelow(app.path('state')).filter(({ mode }) => (mode & 0o077) !== 0);
      assert.deepEqual(open, []);
      assert(modesBelow(app.path('state')).length > 50, 'the state was looked at');
    },
  );
}

test('a state folder that others can write to is refused', limits, async (t) => {
  const app = await upgraded(t);
  chmodSync(app.path('state'), 0o770);
  await refused(app, 'cli/open-to-others', 'rollback', '--yes');
  chmodSync(app.path('state'), 0o700);
  await must(app, 'rollback', '--yes');
});

test('a manifest that everybody can write is refused where root takes care', limits, async (t) => {
  if (!isRoot) return t.skip('this needs root');
  const app = await upgraded(t);
  chmodSync(app.path('backstep.yaml'), 0o646);
  await refused(app, 'cli/open-to-others', 'rollback', '--yes');
});

test('a state folder that became a link is refused, with what to do', limits, async (t) => {
  const app = await upgraded(t);
  renameSync(app.path('state'), app.path('moved'));
  symlinkSync('moved', app.path('state'));
  const { exitCode, stderr } = await said(app.folder, 'rollback', '--yes');
  assert.equal(exitCode, 3, stderr);
  assert.match(stderr, /name the folder itself in the manifest, not the link to it/);
});

test('a link in the place of the state folder is refused', limits, async (t) => {
  const app = new SmallApplication(t);
  mkdirSync(app.path('elsewhere'));
  symlinkSync('elsewhere', app.path('state'));
  const { exitCode } = await said(app.folder, 'release', 'add', '1.0.0', '1.0.0');
  assert.notEqual(exitCode, 0);
  assert.deepEqual(readdirSync(app.path('elsewhere')), []);
});

test('a working folder that somebody else has made is refused', limits, async (t) => {
  const app = await upgraded(t);
  const ground = groundOf(app);
  const notes = ground.assets.find(({ name }) => name === 'notes');
  assert(notes !== undefined);
  const rootOf = (run: string): string =>
    siblingFolderOf(disk, app.path('data'), `.backstep-notes-${run}`).root;
  const siblingOf = (run: string): unknown => openWorkspace(ground, run).siblingOf(notes);
  siblingOf('rollback-own');
  mkdirSync(rootOf('rollback-open'));
  chmodSync(rootOf('rollback-open'), 0o777);
  assert.throws(() => siblingOf('rollback-open'), { code: 'switch/workspace' });
  mkdirSync(app.path('prey'));
  symlinkSync(app.path('prey'), rootOf('rollback-link'));
  assert.throws(() => siblingOf('rollback-link'), { code: 'disk/kind' });
  assert.deepEqual(readdirSync(app.path('prey')), []);
  if (!isRoot) return;
  mkdirSync(rootOf('rollback-foreign'), { mode: 0o700 });
  chownSync(rootOf('rollback-foreign'), 65_534, 65_534);
  assert.throws(() => siblingOf('rollback-foreign'), { code: 'switch/workspace' });
});

test('links out of an asset are refused, and what they lead to is not read', limits, async (t) => {
  const app = await upgraded(t);
  app.write('outside.json', '{"key": "of somebody else"}');
  const settings = app.read('data/settings.json');
  disk.rename(app.path('data/settings.json'), app.path('kept.json'));
  symlinkSync('../outside.json', app.path('data/settings.json'));
  await refused(app, 'asset/link', 'rollback', '--yes');
  disk.removeFile(app.path('data/settings.json'));
  writeFileSync(app.path('data/settings.json'), settings);
  await must(app, 'rollback', '--yes');
});

test("a hard link to another user's file is refused", limits, async (t) => {
  if (!isRoot) return t.skip('this needs root');
  const app = await upgraded(t);
  app.write('outside.json', '{"key": "of somebody else"}');
  chownSync(app.path('outside.json'), 65_534, 65_534);
  disk.removeFile(app.path('data/settings.json'));
  linkSync(app.path('outside.json'), app.path('data/settings.json'));
  await refused(app, 'asset/link', 'rollback', '--yes');
});

/** Upgraded, with a manifest that only its owner can write, whatever the umask. */
async function upgradedClosed(t: TestContext): Promise<SmallApplication> {
  const app = new SmallApplication(t);
  chmodSync(app.path('backstep.yaml'), 0o600);
  for (const version of ['1.0.0', '2.0.0']) await must(app, 'release', 'add', version, version);
  await must(app, 'upgrade', '--to', '2.0.0', '--yes');
  return app;
}

/** The command changes nothing, and says why. */
async function refused(app: SmallApplication, code: string, ...argv: string[]): Promise<void> {
  const notes = readFileSync(app.path('data/notes.db'));
  const { exitCode, stdout } = await said(app.folder, ...argv, '--json');
  assert(exitCode === 3 || exitCode === 4, stdout);
  assert(stdout.includes(code), stdout);
  assert.deepEqual(readFileSync(app.path('data/notes.db')), notes);
  assert.deepEqual(app.rows('SELECT count(*) FROM notes'), [[41]]);
}

function modesBelow(folder: string): { readonly path: string; readonly mode: number }[] {
  return disk.list(folder).flatMap((name) => {
    const path = join(folder, name);
    const stat = disk.lstat(path);
    assert(stat !== null);
    const inside = stat.kind === 'folder' ? modesBelow(path) : [];
    return [{ path, mode: stat.mode }, ...inside];
  });
}
