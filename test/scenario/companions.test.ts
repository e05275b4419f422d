/** What lies in several assets and belongs together: two databases that are attached to one another, rows and their files. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { said } from './said.ts';
import { SmallApplication } from './small-application.ts';

const assets = `  notes: { kind: sqlite, path: '{data}/notes.db', together: [archive] }
  archive: { kind: sqlite, path: '{data}/archive.db' }
  papers: { kind: files, root: '{data}/papers' }
`;

type Document = ReturnType<typeof JSON.parse>;

async function succeed(app: SmallApplication, ...argv: string[]): Promise<Document> {
  const { exitCode, stdout, stderr } = await said(app.folder, ...argv, '--json');
  assert.equal(exitCode, 0, stdout + stderr);
  return JSON.parse(stdout);
}

/** Notes that may name a file, an archive that refers to them by number, and the files; upgraded. */
async function upgraded(t: TestContext): Promise<SmallApplication> {
  const app = new SmallApplication(t);
  const manifest = app.read('backstep.yaml');
  app.write('backstep.yaml', manifest.replace(/ {2}notes: \{.*\n/, assets));
  app.sql(`ALTER TABLE notes ADD COLUMN file TEXT CHECK (file IS NULL OR file NOT LIKE '%.new')`);
  app.sql(`ATTACH '${app.path('data/archive.db')}' AS archive;
    CREATE TABLE archive.kept (note INTEGER PRIMARY KEY, body TEXT, reason TEXT); INSERT INTO archive.kept VALUES (100, 'old', 'done')`);
  app.write('data/papers/1.txt', 'one');
  app.sql(`UPDATE notes SET file = '1.txt' WHERE id = 1`);
  app.write('2.0.0/migrate.mjs', migration);
  for (const version of ['1.0.0', '2.0.0']) await succeed(app, 'release', 'add', version, version);
  await succeed(app, 'upgrade', '--to', '2.0.0', '--yes');
  return app;
}

/** The new release takes any kind of file, and keeps a colour in both databases. */
const migration = `import { DatabaseSync } from 'node:sqlite';
const data = process.argv[2];
const notes = new DatabaseSync(data + '/notes.db');
notes.exec("CREATE TABLE n2 (id INTEGER PRIMARY KEY, body TEXT, state TEXT, file TEXT, color TEXT); INSERT INTO n2 SELECT *, NULL FROM notes; DROP TABLE notes; ALTER TABLE n2 RENAME TO notes");
notes.close();
const archive = new DatabaseSync(data + '/archive.db');
archive.exec('ALTER TABLE kept ADD COLUMN color TEXT');
archive.close();
`;

test('rows that one transaction moved between attached databases stand once, on every way', async (t) => {
  const app = await upgraded(t);
  app.sql(`ATTACH '${app.path('data/archive.db')}' AS archive; BEGIN;
    INSERT INTO archive.kept SELECT id, body, state, 'red' FROM notes WHERE id <= 3; DELETE FROM notes WHERE id <= 3;
    INSERT INTO notes(id, body, state) SELECT note, body, reason FROM archive.kept WHERE note = 100; DELETE FROM archive.kept WHERE note = 100; COMMIT`);
  const where = (): unknown => [
    app.rows('SELECT id FROM notes WHERE id < 5 OR id = 100'),
    app.rows('SELECT note FROM kept', 'data/archive.db'),
  ];
  const moved = [
    [[4], [100]],
    [[1], [2], [3]],
  ];
  const back = await succeed(app, 'rollback', '--yes');
  assert.deepEqual(where(), moved);
  assert.deepEqual(back.assets.archive.parked, [{ what: 'kept.color', count: 3, why: 'blind' }]);
  await succeed(app, 'return', '--release-hold', '--yes');
  assert.deepEqual(where(), moved);
  assert.deepEqual(app.rows('SELECT DISTINCT color FROM kept', 'data/archive.db'), [['red']]);
});

test('one of two databases that are declared together does not go back alone', async (t) => {
  const app = await upgraded(t);
  for (const only of ['notes', 'archive', 'archive:kept']) {
    const { exitCode, stderr } = await said(app.folder, 'rollback', '--only', only, '--yes');
    assert.equal(exitCode, 3, stderr);
    assert.match(stderr, /the manifest declares them together/);
  }
  const both = await succeed(app, 'rollback', '--only', 'notes', '--only', 'archive', '--yes');
  assert.deepEqual(Object.keys(both.assets).sort(), ['archive', 'notes']);
});

test('a row and the file that it names go back together; one that is parked leaves its file in its place', async (t) => {
  const app = await upgraded(t);
  app.write('data/papers/41.txt', 'mine');
  app.write('data/papers/42.new', 'of the new kind');
  app.sql(
    `INSERT INTO notes VALUES (41, 'mine', 'done', '41.txt', NULL), (42, 'new', 'done', '42.new', NULL); DELETE FROM notes WHERE id = 1`,
  );
  rmSync(app.path('data/papers/1.txt'));
  const back = await succeed(app, 'rollback', '--yes');
  assert.deepEqual(back.assets.notes.parked, [{ what: 'notes', count: 1, why: 'refused' }]);
  assert.deepEqual(app.rows('SELECT id, file FROM notes WHERE file IS NOT NULL'), [[41, '41.txt']]);
  assert.equal(app.read('data/papers/41.txt'), 'mine');
  assert.equal(app.read('data/papers/42.new'), 'of the new kind');
  assert.equal(existsSync(app.path('data/papers/1.txt')), false);
  await succeed(app, 'return', '--release-hold', '--yes');
  assert.deepEqual(app.rows('SELECT id, file FROM notes WHERE file IS NOT NULL'), [
    [41, '41.txt'],
    [42, '42.new'],
  ]);
  assert.equal(app.read('data/papers/42.new'), 'of the new kind');
});
