/** An upgrade that writes its tables and columns in other letters, great or small, has renamed nothing. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Desk } from './merge-files.ts';
import { SmallApplication } from './small-application.ts';

type Document = ReturnType<typeof JSON.parse>;

function succeed(app: SmallApplication, ...argv: string[]): Document {
  const { exitCode, stdout, stderr } = app.backstep(...argv, '--json');
  assert.equal(exitCode, 0, stdout + stderr);
  return JSON.parse(stdout);
}

const upgraded = `DROP TABLE words;
  CREATE TABLE other(ID INTEGER PRIMARY KEY, BODY TEXT, STATE TEXT, COLOR TEXT);
  INSERT INTO other SELECT id, body, state, NULL FROM notes; DROP TABLE notes; ALTER TABLE other RENAME TO NOTES;
  CREATE INDEX BY_BODY ON NOTES(BODY);
  CREATE VIRTUAL TABLE WORDS USING fts5(BODY, content='NOTES', content_rowid='ID');
  INSERT INTO WORDS(WORDS) VALUES ('rebuild')`;

const migration = `import { DatabaseSync } from 'node:sqlite';
new DatabaseSync(process.argv[2] + '/notes.db').exec(${JSON.stringify(upgraded)});
`;

const full = `INSERT INTO words(words) VALUES ('rebuild')`;

/** Under 2.0.0, with what a user did there. */
function used(t: TestContext): SmallApplication {
  const app = new SmallApplication(t);
  app.sql(`CREATE INDEX by_body ON notes(body);
    CREATE VIRTUAL TABLE words USING fts5(body, content='notes', content_rowid='id'); ${full}`);
  app.write('2.0.0/migrate.mjs', migration);
  const reversal = { from: '2.0.0', to: '1.0.0', sqlite: { notes: { rebuild: { WORDS: full } } } };
  app.write('reversals/2.0.0-to-1.0.0.yaml', JSON.stringify(reversal));
  for (const version of ['1.0.0', '2.0.0']) succeed(app, 'release', 'add', version, version);
  succeed(app, 'upgrade', '--to', '2.0.0', '--yes');
  app.sql(`UPDATE NOTES SET BODY = 'mine' WHERE ID = 1; DELETE FROM NOTES WHERE ID = 2;
    INSERT INTO NOTES VALUES (41, 'new', 'open', 'red'); ${full}`);
  return app;
}

const back = [
  [1, 'mine', 'done'],
  [3, 'note 3', 'done'],
  [41, 'new', 'open'],
];
const shown = 'SELECT * FROM notes WHERE id IN (1, 2, 3, 41) ORDER BY id';
const names = `SELECT name FROM sqlite_schema WHERE type IN ('table', 'index') AND name NOT LIKE '%words_%' ORDER BY 1`;

test('a rollback carries what users did under the old names, and a return brings the rest back', (t) => {
  const app = used(t);
  const checked = app.backstep('reversal', 'check', 'reversals/2.0.0-to-1.0.0.yaml');
  assert.equal(checked.exitCode, 0, checked.stdout + checked.stderr);
  const planned = succeed(app, 'plan');
  const parked = [{ what: 'notes.COLOR', count: 1, why: 'blind' }];
  assert.deepEqual(planned.assets.notes.parked, parked);
  const { assets } = succeed(app, 'rollback', '--yes');
  assert.deepEqual(assets.notes.parked, parked);
  assert.deepEqual(assets.notes.carried, { inserted: 1, updated: 1, deleted: 1 });
  const [receipt] = assets.notes.receipt;
  const tables = Object.keys(receipt.tables).filter((name) => !/words_/i.test(name));
  assert.deepEqual(tables, ['notes']);
  const { before, after, now, result } = receipt.tables.notes;
  assert.deepEqual(
    [before, after, now, result].map(({ rows }) => rows),
    [40, 40, 40, 40],
  );
  assert.deepEqual(app.rows(shown), back);
  assert.deepEqual(app.rows(names).flat(), ['by_body', 'notes', 'words']);
  assert.deepEqual(app.rows(`SELECT rowid FROM words WHERE words MATCH 'mine OR new'`), [
    [1],
    [41],
  ]);
  app.sql(`UPDATE notes SET body = 'later' WHERE id = 3; ${full}`);
  succeed(app, 'return', '--release-hold', '--yes');
  assert.deepEqual(app.rows(shown), [
    [1, 'mine', 'done', null],
    [3, 'later', 'done', null],
    [41, 'new', 'open', 'red'],
  ]);
  assert.deepEqual(app.rows(names).flat(), ['BY_BODY', 'NOTES', 'WORDS']);
});

test('one table alone goes back by its newer name', (t) => {
  const app = used(t);
  succeed(app, 'rollback', '--only', 'notes:NOTES', '--yes');
  assert.deepEqual(app.rows(shown), back);
});

test('a merge of three files carries them, and decides a place by either name', (t) => {
  const desk = new Desk(t);
  const old = `CREATE TABLE Items(Id INTEGER PRIMARY KEY, State TEXT); INSERT INTO Items VALUES (1, 'a'), (2, 'b')`;
  const latest = `CREATE TABLE items(id INTEGER PRIMARY KEY, state TEXT);`;
  const rows = `INSERT INTO items VALUES (1, 'A1'), (2, 'B2');`;
  desk.database('before.db', old);
  desk.database('after.db', latest + rows);
  desk.database('now.db', `${latest}${rows} UPDATE items SET state = 'mine' WHERE id = 2`);
  const states = ['before.db', 'after.db', 'now.db'];
  const { exitCode, stdout, stderr } = desk.backstep(
    'merge',
    ...states,
    '-o',
    'out.db',
    '--decide',
    'items.state=as-is',
  );
  assert.equal(exitCode, 0, stdout + stderr);
  assert.deepEqual(desk.rows('out.db', 'SELECT * FROM Items'), [
    [1, 'a'],
    [2, 'mine'],
  ]);
});
