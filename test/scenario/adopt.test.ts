import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SmallApplication, sourceMain } from './small-application.ts';

/** The document of a command that must end with 0. */
function json(app: SmallApplication, ...argv: string[]): ReturnType<typeof JSON.parse> {
  const { exitCode, stdout, stderr } = app.backstep(...argv, '--json');
  assert.equal(exitCode, 0, stdout + stderr);
  return JSON.parse(stdout);
}

/**
 * Upgraded from 1.0.0 to 2.0.0 by the release's own migration, without Backstep; `old` is a copy of the data that
 * was made some time before, with the modes of whoever made it.
 */
function upgradedByHand(t: TestContext): SmallApplication {
  const app = new SmallApplication(t);
  chmodSync(app.path('data/notes.db'), 0o600);
  cpSync(app.path('data'), app.path('old'), { recursive: true });
  chmodSync(app.path('old/notes.db'), 0o644);
  chmodSync(app.path('old/settings.json'), 0o666);
  app.sql(`INSERT INTO notes VALUES (41, 'between', 'done')`);
  const migrated = spawnSync(process.execPath, [app.path('2.0.0/migrate.mjs'), app.path('data')]);
  assert.equal(migrated.status, 0, String(migrated.stderr));
  app.sql(`INSERT INTO notes VALUES (42, 'after', 'completed', 'red');
    UPDATE notes SET body = 'edited' WHERE id = 1; DELETE FROM notes WHERE id = 2`);
  return app;
}

test('what was done since an old backup is carried back, and comes forward again', (t) => {
  const app = upgradedByHand(t);
  json(app, 'release', 'add', '2.0.0', '2.0.0');
  const live = app.rows('SELECT * FROM notes');
  const adopted = json(app, 'adopt', '--release', '1.0.0', '--files', '1.0.0', '--state', 'old');
  assert.deepEqual([adopted.from, adopted.to, adopted.added], ['1.0.0', '2.0.0', ['1.0.0']]);
  assert.deepEqual(adopted.assets.notes.mapped, ['notes.state']);
  assert.deepEqual(app.rows('SELECT * FROM notes'), live, 'nothing live was touched');

  const plan = json(app, 'plan');
  assert.equal(plan.way, 'synthesised');
  assert.deepEqual(plan.assets.notes.carried, { inserted: 2, updated: 1, deleted: 1 });
  assert.equal(plan.assets.settings.merged, false, 'the modes of a backup are no change of a user');
  const back = json(app, 'rollback', '--yes');
  assert.deepEqual([back.result, back.way], ['rolled-back', 'synthesised']);
  assert.deepEqual(app.rows('SELECT * FROM notes WHERE id < 3 OR id > 39'), [
    [1, 'edited', 'done'],
    [40, 'note 40', 'done'],
    [41, 'between', 'done'],
    [42, 'after', 'done'],
  ]);
  assert.equal(app.read('data/settings.json'), '{\n  "language": "en"\n}\n');
  assert.equal(statSync(app.path('data/notes.db')).mode & 0o777, 0o600);

  json(app, 'return', '--release-hold', '--yes');
  assert.deepEqual(app.rows('SELECT * FROM notes'), live);
});

test('the folders that the manual names are found, and releases that lie there already are taken', (t) => {
  const app = upgradedByHand(t);
  mkdirSync(app.path('data/backup'));
  renameSync(app.path('old'), app.path('data/backup/v1.0.0'));
  cpSync(app.path('2.0.0'), app.path('releases/2.0.0'), { recursive: true });
  symlinkSync('2.0.0', app.path('releases/current'));
  cpSync(app.path('1.0.0'), app.path('releases/backup/v1.0.0'), { recursive: true });
  const adopted = json(app, 'adopt', '--release', 'v1.0.0');
  assert.deepEqual(
    [adopted.from, adopted.to, adopted.added],
    ['1.0.0', '2.0.0', ['2.0.0', '1.0.0']],
  );
  assert.deepEqual(adopted.backup, { data: app.path('data/backup/v1.0.0') });
  assert.equal(app.backstep('release', 'list', '--check').exitCode, 0);
  assert.equal(json(app, 'rollback', '--yes').result, 'rolled-back');
  assert.deepEqual(app.rows('SELECT body FROM notes WHERE id > 40'), [['between'], ['after']]);
  const again = app.backstep('adopt', '--release', '1.0.0');
  assert.match(again.stderr, /release 1\.0\.0 is the one that runs/);
});

test('a program in place by hand is copied as it is, without data, state and old backups', (t) => {
  const app = upgradedByHand(t);
  const manifest = app.read('backstep.yaml');
  app.write(
    'backstep.yaml',
    manifest
      .replace(
        'releases: { root: releases, layout: symlink }',
        'releases: { root: app, layout: in-place }',
      )
      .replace('paths: { data: data }', 'paths: { data: app/data }'),
  );
  cpSync(app.path('2.0.0'), app.path('app'), { recursive: true });
  app.write('app/package.json', '{ "version": "2.0.0" }');
  cpSync(app.path('data'), app.path('app/data'), { recursive: true });
  cpSync(app.path('1.0.0'), app.path('app/backup/1.0.0'), { recursive: true });
  const adopted = json(app, 'adopt', '--release', '1.0.0', '--state', 'old');
  assert.deepEqual(adopted.added, ['2.0.0', '1.0.0']);
  assert.deepEqual(readdirSync(app.path('state/releases/2.0.0/files')), [
    'migrate.mjs',
    'package.json',
  ]);
  assert.equal(json(app, 'rollback', '--yes').result, 'rolled-back');
  assert.equal(app.read('app/migrate.mjs'), '');
  assert.equal(app.read('app/backup/1.0.0/migrate.mjs'), '');
  assert.deepEqual(app.rows('SELECT max(id) FROM notes', 'app/data/notes.db'), [[42]]);
});

test('what the upgrade dropped cannot be known, and is said each time', (t) => {
  const app = new SmallApplication(t);
  app.sql(`ALTER TABLE notes ADD COLUMN mood TEXT; UPDATE notes SET mood = 'calm'`);
  cpSync(app.path('data'), app.path('old'), { recursive: true });
  app.sql(`UPDATE notes SET mood = 'cross' WHERE id = 1`);
  const drop = `ALTER TABLE notes DROP COLUMN mood;`;
  const source = app.read('2.0.0/migrate.mjs');
  app.write('2.0.0/migrate.mjs', source.replace('db.exec("', `db.exec("${drop}`));
  spawnSync(process.execPath, [app.path('2.0.0/migrate.mjs'), app.path('data')]);
  json(app, 'release', 'add', '2.0.0', '2.0.0');
  const adopted = json(app, 'adopt', '--release', '1.0.0', '--files', '1.0.0', '--state', 'old');
  assert.deepEqual(adopted.assets.notes.unknown, ['notes.mood']);
  const note = /written to notes\.mood between the backup and the upgrade is not known/;
  assert.match(json(app, 'plan').assets.notes.notes.join('\n'), note);
  assert.match(json(app, 'rollback', '--yes').assets.notes.notes.join('\n'), note);
  assert.deepEqual(app.rows('SELECT DISTINCT mood FROM notes'), [['calm']]);
});

test('changes that wait beside the database of a backup belong to it', (t) => {
  const app = upgradedByHand(t);
  json(app, 'release', 'add', '2.0.0', '2.0.0');
  const db = new DatabaseSync(app.path('old/notes.db'));
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
    INSERT INTO notes VALUES (41, 'in the log', 'done')`);
  cpSync(app.path('old'), app.path('copy'), { recursive: true });
  db.close();
  json(app, 'adopt', '--release', '1.0.0', '--files', '1.0.0', '--state', 'copy');
  const plan = json(app, 'plan');
  assert.deepEqual(plan.assets.notes.carried, { inserted: 1, updated: 2, deleted: 1 });
  assert.equal(statSync(app.path('copy/notes.db-wal')).size > 0, true, 'the backup was only read');
});

test('what cannot be adopted is refused with a remedy', (t) => {
  const app = upgradedByHand(t);
  const adopt = (...argv: string[]): ReturnType<SmallApplication['backstep']> =>
    app.backstep('adopt', '--release', '1.0.0', ...argv);
  const refused = (says: RegExp, ...argv: string[]): void => {
    const { exitCode, stderr } = adopt(...argv);
    assert.equal(exitCode, 3, stderr);
    assert.match(stderr, says);
  };
  refused(/which release runs cannot be told from .*current/, '--state', 'old');
  json(app, 'release', 'add', '2.0.0', '2.0.0');
  refused(/no file of an asset lies in .*data\/backup\/v1\.0\.0/);
  refused(/the files of release 1\.0\.0 are in none of .*--files FOLDER/s, '--state', 'old');
  mkdirSync(app.path('part'));
  cpSync(app.path('old/settings.json'), app.path('part/settings.json'));
  const files = ['--files', '1.0.0'];
  refused(/notes: the backup holds no database/, '--state', 'part', ...files);
  const damaged = new DatabaseSync(app.path('part/notes.db'));
  damaged.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY)');
  damaged.close();
  app.write('part/notes.db', 'SQLite format 3\0 and nothing more'.repeat(40));
  refused(/the backup is damaged: notes/, '--state', 'part', ...files);
  rmSync(app.path('part'), { recursive: true });
  assert.equal(adopt('--state', 'old', ...files).exitCode, 0);
  refused(/from 2\.0\.0 back to 1\.0\.0 is on record since/, '--state', 'old', ...files);
  assert.equal(app.backstep('adopt').exitCode, 2);
});

test('a backup from before the oldest known upgrade makes the step beneath it', (t) => {
  const app = upgradedByHand(t);
  json(app, 'release', 'add', '2.0.0', '2.0.0');
  app.write('3.0.0/migrate.mjs', app.read('2.0.0/migrate.mjs').replaceAll('color', 'size'));
  json(app, 'release', 'add', '3.0.0', '3.0.0');
  json(app, 'upgrade', '--to', '3.0.0', '--yes');
  app.sql(`INSERT INTO notes (id, body, state) VALUES (43, 'under 3', 'completed')`);
  const adopted = json(app, 'adopt', '--release', '1.0.0', '--files', '1.0.0', '--state', 'old');
  assert.equal(adopted.to, '2.0.0');
  assert.equal(json(app, 'plan').to, '2.0.0', 'the step before is the recorded one');
  const back = json(app, 'rollback', '--to', '1.0.0', '--yes');
  assert.deepEqual([back.result, back.way], ['rolled-back', 'folded']);
  assert.deepEqual(app.rows('SELECT body, state FROM notes WHERE id > 40'), [
    ['between', 'done'],
    ['after', 'done'],
    ['under 3', 'done'],
  ]);
  json(app, 'return', '--release-hold', '--yes');
  assert.deepEqual(app.rows('SELECT size, color FROM notes WHERE id = 42'), [[null, 'red']]);
});

test('what lies outside of the data that is migrated stays as it is', (t) => {
  const app = upgradedByHand(t);
  app.write('elsewhere/hosts.json', '{ "a": 1 }');
  const manifest = app.read('backstep.yaml');
  const asset = '  hosts: { kind: json, root: elsewhere, files: [hosts.json] }\n';
  app.write('backstep.yaml', manifest.replace('reversals:', `${asset}reversals:`));
  json(app, 'release', 'add', '2.0.0', '2.0.0');
  const { ino } = statSync(app.path('elsewhere/hosts.json'));
  const adopted = json(app, 'adopt', '--release', '1.0.0', '--files', '1.0.0', '--state', 'old');
  assert.match(adopted.notes.join('\n'), /hosts: lies outside of the backup/);
  app.write('elsewhere/hosts.json', '{ "a": 2 }');
  json(app, 'rollback', '--yes');
  assert.equal(app.read('elsewhere/hosts.json'), '{ "a": 2 }');
  assert.equal(statSync(app.path('elsewhere/hosts.json')).ino, ino, 'nothing has replaced it');
});

test('an adoption that was killed leaves the application alone, and nothing behind for long', async (t) => {
  const app = upgradedByHand(t);
  const wanted = ['adopt', '--release', '1.0.0', '--files', '1.0.0', '--state', 'old'] as const;
  const migration = app.read('2.0.0/migrate.mjs');
  app.write('2.1.0/migrate.mjs', `${waitFor(app.path('go'), app.path('asked'))}${migration}`);
  const live = app.rows('SELECT * FROM notes');
  json(app, 'release', 'add', '2.1.0', '2.1.0');

  const child = spawn(process.execPath, [sourceMain, ...wanted], {
    cwd: app.folder,
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  await until(() => existsSync(app.path('asked')));
  child.kill('SIGKILL');
  await ended;
  assert.equal(child.signalCode, 'SIGKILL');
  const hidden = (): string[] =>
    readdirSync(app.folder).filter((name) => name.startsWith('.backstep'));
  assert.equal(hidden().length, 1, 'the copy lies beside the data');
  assert.deepEqual(app.rows('SELECT * FROM notes'), live);
  app.write('go', '');
  await until(() => existsSync(app.path('asked.done')));

  assert.equal(json(app, ...wanted).to, '2.1.0');
  assert.deepEqual(hidden(), []);
  assert.deepEqual(readdirSync(app.path('state/runs')), []);
  assert.equal(json(app, 'plan').assets.notes.carried.inserted, 2);
});

/** The beginning of a program that says it was asked, and goes on once it may. */
function waitFor(go: string, asked: string): string {
  return `import { existsSync, writeFileSync as write } from 'node:fs';
write(${JSON.stringify(asked)}, '');
while (!existsSync(${JSON.stringify(go)})) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
process.on('exit', () => write(${JSON.stringify(`${asked}.done`)}, ''));
`;
}

const limitMs = 120_000;

async function until(isTrue: () => boolean): Promise<void> {
  for (const start = Date.now(); !isTrue(); await sleep(20)) {
    assert.ok(Date.now() - start < limitMs, `not reached within ${limitMs} ms`);
  }
}
