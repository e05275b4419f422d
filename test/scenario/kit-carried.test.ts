import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { goBackWithoutSqlite } from './kit-tools.ts';
import { SmallApplication } from './small-application.ts';

/** Runs one command that must succeed, and returns its document. */
function must(app: SmallApplication, ...argv: string[]): ReturnType<typeof JSON.parse> {
  const { exitCode, stdout, stderr } = app.backstep(...argv, '--json');
  assert.equal(exitCode, 0, `${argv.join(' ')}\n${stdout}\n${stderr}`);
  return JSON.parse(stdout);
}

const written = `SELECT id, body, state FROM notes WHERE id IN (3, 4, 5) OR id > 40 ORDER BY id`;

/** Upgraded, and `use`d, and then brought back by a shell without sqlite3. */
function goneBack(t: TestContext, use: (app: SmallApplication) => void): SmallApplication {
  const app = new SmallApplication(t);
  must(app, 'release', 'add', '1.0.0', '1.0.0');
  must(app, 'release', 'add', '2.0.0', '2.0.0');
  must(app, 'upgrade', '--to', '2.0.0', '--yes');
  use(app);
  goBackWithoutSqlite(app);
  return app;
}

test('what a shell without sqlite3 left out is carried into the older release later, beside what was done there since', (t) => {
  const app = goneBack(t, (used) => {
    used.sql(`INSERT INTO notes (body, state, color) VALUES ('under two', 'completed', 'red');
      UPDATE notes SET body = 'changed' WHERE id IN (3, 5); DELETE FROM notes WHERE id = 4`);
    used.write('data/settings.json', '{\n  "language": "vi",\n  "size": 1,\n  "format": 2\n}\n');
  });
  assert.deepEqual(app.rows(`SELECT max(id) FROM notes`), [[40]]);
  app.sql(`INSERT INTO notes (body, state) VALUES ('under one', 'done');
    UPDATE notes SET body = 'later' WHERE id = 5`);
  app.write('data/settings.json', '{\n  "language": "en",\n  "size": 2\n}\n');

  const left = app.backstep('resume');
  assert.equal(left.exitCode, 0, left.stderr);
  assert.match(left.stdout + left.stderr, /not carried: .* settings, notes after the upgrade/);
  assert.deepEqual(app.rows(`SELECT max(id) FROM notes`), [[41]], 'nobody said that it is wanted');
  assert.deepEqual(must(app, 'status').uncarried, ['settings', 'notes']);

  const [report] = must(app, 'resume', '--yes');
  assert.deepEqual([report.result, report.from, report.to], ['carried', '1.0.0', '1.0.0']);
  assert.deepEqual(report.assets.notes.carried, { inserted: 1, updated: 2, deleted: 1 });
  assert.match(report.assets.notes.notes.join(), /under 41 is 42 now/);
  assert.deepEqual(app.rows(written), [
    [3, 'changed', 'done'],
    [5, 'later', 'done'],
    [41, 'under two', 'done'],
    [42, 'under one', 'done'],
  ]);
  assert.deepEqual(JSON.parse(app.read('data/settings.json')), { language: 'vi', size: 2 });
  assert.deepEqual(must(app, 'resume', '--yes'), [], 'once');
  assert.deepEqual(must(app, 'status').uncarried, []);
  const runs: { kind: string; result: string }[] = must(app, 'history');
  assert.deepEqual(
    runs.map(({ kind, result }) => [kind, result]),
    [
      ['upgrade', 'upgraded'],
      ['rollback', 'rolled-back'],
      ['carry', 'carried'],
    ],
  );

  must(app, 'return', '--release-hold', '--yes');
  assert.deepEqual(app.rows(written.replace('state', 'state, color')), [
    [3, 'changed', 'completed', null],
    [5, 'later', 'completed', null],
    [41, 'under two', 'completed', 'red'],
    [42, 'under one', 'completed', null],
  ]);
  const settings = { language: 'vi', size: 2, format: 2 };
  assert.deepEqual(JSON.parse(app.read('data/settings.json')), settings);
  assert.equal(must(app, 'audit', 'verify').finding, null);
});

test('a database that cannot be read is kept with its log, and what is carried of it is nothing', (t) => {
  const app = goneBack(t, (used) => {
    used.write('data/notes.db', 'not a database any more '.repeat(400));
    used.write('data/notes.db-wal', 'its log');
  });
  must(app, 'resume');
  const snapshots = app.path('state/store/snapshots');
  const listings = readdirSync(snapshots).map((name) => app.read(`state/store/snapshots/${name}`));
  const displaced = listings.filter((text) => text.includes('assets/notes/notes.db-wal'));
  assert.equal(displaced.length, 1, 'the state that was moved aside');
  const before = app.rows('SELECT * FROM notes ORDER BY id');
  const report = must(app, 'resume', '--yes')[0];
  assert.match(report.assets.notes.notes.join(), /damaged/);
  assert.deepEqual(app.rows('SELECT * FROM notes ORDER BY id'), before);
});
