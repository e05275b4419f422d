import assert from 'node:assert/strict';
import { existsSync, renameSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { SmallApplication } from './small-application.ts';

/** A folder with an application that nobody has described yet. */
function undescribed(app: SmallApplication): void {
  app.write('shop/data/users/ann.json', '{ "name": "ann" }');
  app.write('shop/data/settings.json', '{}');
  app.write('shop/data/auth_tokens.json', '{}');
  app.write('shop/data/shop.log', 'a line');
  app.write('shop/data/run.pid', '12');
  app.write('shop/data/uploads/a.bin', 'bytes');
  app.write('shop/data/backup/v1/settings.json', '{}');
  app.write('shop/server.js', '');
  app.write('shop/package.json', '{ "name": "@corner/Shop", "version": "1.0.0" }');
}

test('a folder is described: databases by their header, documents, files, and what is left out', (t) => {
  const app = new SmallApplication(t);
  undescribed(app);
  app.sql('ALTER TABLE notes ADD COLUMN password_hash TEXT');
  renameSync(app.path('data/notes.db'), app.path('shop/data/ledger'));
  const said = app.backstep('init', 'shop', '--state', 'kept');
  assert.equal(said.exitCode, 0, said.stderr);
  assert.match(said.stdout, /app {7}shop: the name in its package\.json/);
  const manifest = app.read('shop/backstep.yaml');
  for (const line of [
    /^app: shop # the name in its package\.json$/m,
    /^ {2}ledger: # begins as SQLite databases do\n {4}kind: sqlite\n {4}path: '\{data\}\/ledger'\n {4}secret: \[notes\.password_hash\]$/m,
    /^ {2}documents: # 2 JSON documents.*\n {4}kind: json\n {4}root: '\{data\}'\n {4}files: \['\*\.json'\]\n {4}secret: \[auth_tokens\.json\]$/m,
    /^ {2}users: # 1 JSON document;/m,
    /^ {2}uploads: # 1 file, 0\.0 MB$/m,
    /^ {2}layout: in-place$/m,
    /^# {3}.*shop\.log: a log$/m,
    /^# {3}.*run\.pid: names a process$/m,
    /^# {3}.*data\/backup\/: backups$/m,
  ])
    assert.match(manifest, line);
  const added = app.backstep(
    'release',
    'add',
    '1.0.0',
    '1.0.0',
    '--manifest',
    'shop/backstep.yaml',
  );
  assert.equal(added.exitCode, 0, added.stderr);
  const snapshot = app.backstep('snapshot', '--json', '--manifest', 'shop/backstep.yaml');
  assert.equal(snapshot.exitCode, 0, snapshot.stderr);

  const again = app.backstep('init', 'shop', '--state', 'kept');
  assert.equal(again.exitCode, 3);
  assert.match(again.stderr, /shop\/backstep\.yaml is there already/);
  assert.equal(app.read('shop/backstep.yaml'), manifest);
});

test('releases side by side are found by their link', (t) => {
  const app = new SmallApplication(t);
  app.write('shop/data/settings.json', '{}');
  app.write('shop/releases/3.1/package.json', '{ "name": "shop" }');
  symlinkSync('3.1', app.path('shop/releases/current'));
  assert.equal(app.backstep('init', 'shop', '--state', 'kept').exitCode, 0);
  const manifest = app.read('shop/backstep.yaml');
  assert.match(manifest, /root: \/.*\/shop\/releases\n {2}layout: symlink/);
  assert.match(manifest, /manager: none/);
});

test('a state folder within the program is refused as a mistake of the person, with nothing written', (t) => {
  const app = new SmallApplication(t);
  undescribed(app);
  const { exitCode, stderr } = app.backstep('init', 'shop', '--state', 'shop/kept');
  assert.equal(exitCode, 3, stderr);
  assert.match(stderr, /shop\/kept lies in .* of asset `release`/);
  assert.match(
    stderr,
    /choose a folder outside of every asset: another one for --state; nothing was written/,
  );
  assert.equal(existsSync(app.path('shop/backstep.yaml')), false);
  const contact = app.backstep('init', 'shop', '--state', 'kept', '--contact', 'nobody');
  assert.equal(contact.exitCode, 2);
  assert.match(contact.stderr, /--contact: expected an address such as/);
});

test('where there is nothing to describe, nothing is written', (t) => {
  const app = new SmallApplication(t);
  app.write('empty/lock', '');
  const { exitCode, stderr } = app.backstep('init', 'empty', '--state', 'kept');
  assert.equal(exitCode, 3);
  assert.match(stderr, /no database, document or other file of an application was found/);
  assert.equal(app.backstep('init', 'empty', '--pid', '0').exitCode, 2);
  assert.match(
    app.backstep('init', 'empty', '--pid', '4194305').stderr,
    /process 4194305 is not there/,
  );
  assert.match(app.backstep('init', 'empty', '--unit', 'no-such').stderr, /no unit file no-such/);
  assert.equal(app.backstep('init', 'empty', '--unit', 'x', '--pid', '1').exitCode, 2);
});
