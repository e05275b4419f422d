/** What the application, or a plug-in of it, makes in the database while the new release runs. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { MergeReport } from './merge.ts';
import { comesBack, openScene, type Scene } from '../../../test/rows/scene.ts';

const old = `CREATE TABLE list(id INTEGER PRIMARY KEY, v CHECK (v <> 'new word')); INSERT INTO list VALUES (1, 'a')`;
const upgrade = `CREATE TABLE l2(id INTEGER PRIMARY KEY, v, fresh); INSERT INTO l2 SELECT *, NULL FROM list; DROP TABLE list;
  ALTER TABLE l2 RENAME TO list; CREATE TABLE tags(tag TEXT PRIMARY KEY); INSERT INTO tags VALUES ('x')`;

async function madeSince(
  t: TestContext,
  work: string,
): Promise<{ readonly scene: Scene; readonly report: MergeReport }> {
  const scene = openScene(t);
  await scene.state('before', old);
  await scene.state('after', upgrade, 'before');
  await scene.state('now', work, 'after');
  const report = await scene.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.dangling('back'), []);
  await comesBack(scene);
  return { scene, report };
}

const namesIn = (scene: Scene, name: string): unknown[] =>
  scene.list(
    name,
    `SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
  );

test('views that the old shape bears are carried, others are told', async (t) => {
  const { scene, report } = await madeSince(
    t,
    `CREATE VIEW mine AS SELECT id, v FROM list; CREATE VIEW over AS SELECT count(*) AS n FROM mine; CREATE VIEW newer AS SELECT fresh FROM list`,
  );
  assert.deepEqual(namesIn(scene, 'back'), ['list', 'mine', 'over']);
  assert.deepEqual(scene.list('back', 'SELECT n FROM over'), [1]);
  assert.deepEqual(report.leftBehind, ['view newer']);
});

test('triggers of a new table come with it and did not fire; one that the old shape breaks is told', async (t) => {
  const { scene, report } = await madeSince(
    t,
    `CREATE TABLE own(id INTEGER PRIMARY KEY, a); CREATE TABLE log(what);
     CREATE TRIGGER noted AFTER INSERT ON own BEGIN INSERT INTO log VALUES (NEW.a); END;
     CREATE TRIGGER marked AFTER DELETE ON own BEGIN UPDATE list SET fresh = OLD.a; END; INSERT INTO own VALUES (1, 'x')`,
  );
  assert.deepEqual(namesIn(scene, 'back'), ['list', 'log', 'noted', 'own']);
  assert.deepEqual(scene.list('back', 'SELECT what FROM log'), ['x']);
  await scene.state('later', `INSERT INTO own VALUES (2, 'y'); DELETE FROM own`, 'back');
  assert.deepEqual(scene.list('later', 'SELECT what FROM log'), ['x', 'y']);
  assert.deepEqual(report.leftBehind, ['trigger marked']);
});

/** Both releases have these tables alike, but for what the upgrade added to one. */
const shared = `CREATE TABLE notes(id INTEGER PRIMARY KEY, body TEXT, size INTEGER); CREATE TABLE log(what);
  CREATE TABLE grown(id INTEGER PRIMARY KEY, v TEXT); CREATE TRIGGER counted AFTER INSERT ON notes BEGIN SELECT 1; END;
  INSERT INTO notes VALUES (1, 'one', 3)`;

async function madeOnShared(
  t: TestContext,
  work: string,
): Promise<{ scene: Scene; report: MergeReport }> {
  const scene = openScene(t, { rebuild: { size: 'UPDATE notes SET size = length(body)' } });
  await scene.state('before', shared);
  await scene.state('after', `ALTER TABLE grown ADD COLUMN fresh`, 'before');
  await scene.state('now', work, 'after');
  const report = await scene.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual(report.discrepancies, []);
  await comesBack(scene);
  return { scene, report };
}

test('triggers made since on a table that both have alike are carried, and none fires meanwhile', async (t) => {
  const { scene, report } = await madeOnShared(
    t,
    `CREATE TRIGGER added AFTER INSERT ON notes BEGIN INSERT INTO log VALUES ('+' || NEW.body); END;
     CREATE TRIGGER edited AFTER UPDATE ON notes BEGIN INSERT INTO log VALUES ('~' || NEW.body); END;
     INSERT INTO notes VALUES (2, 'two', 3)`,
  );
  assert.deepEqual(report.leftBehind, []);
  assert.deepEqual(scene.list('back', 'SELECT what FROM log'), ['+two']);
  await scene.state('later', `INSERT INTO notes VALUES (3, 'three', 5)`, 'back');
  assert.deepEqual(scene.list('later', 'SELECT what FROM log'), ['+two', '+three']);
  const forth = await scene.merge(['now', 'back', 'later'], 'again', { direction: 'forth' });
  assert.deepEqual([forth.discrepancies, forth.leftBehind], [[], []]);
  assert.deepEqual(scene.list('again', 'SELECT what FROM log'), ['+two', '+three']);
});

test('a trigger that would break a write of the old release is told, and so is one of an altered table', async (t) => {
  const { scene, report } = await madeOnShared(
    t,
    `CREATE TRIGGER reads AFTER UPDATE OF size ON notes BEGIN UPDATE grown SET fresh = NEW.size; END;
     CREATE TRIGGER broken AFTER DELETE ON notes BEGIN INSERT INTO missing VALUES (1); END;
     CREATE TRIGGER grows AFTER INSERT ON grown BEGIN INSERT INTO log VALUES (NEW.v); END;
     DROP TRIGGER counted; CREATE TRIGGER counted AFTER INSERT ON notes BEGIN SELECT 2; END`,
  );
  assert.deepEqual(report.leftBehind, [
    'trigger reads',
    'trigger broken',
    'trigger grows',
    'trigger counted',
  ]);
  assert.deepEqual(namesIn(scene, 'back'), ['counted', 'grown', 'log', 'notes']);
});

test('an index made since is carried; one that could refuse a row or names what is not there is told', async (t) => {
  const { scene, report } = await madeOnShared(
    t,
    `CREATE INDEX by_body ON notes(body) WHERE size > 1; CREATE UNIQUE INDEX one_body ON notes(body);
     CREATE INDEX by_fresh ON grown(fresh)`,
  );
  assert.deepEqual(report.leftBehind, ['index one_body', 'index by_fresh']);
  assert.deepEqual(namesIn(scene, 'back'), ['by_body', 'counted', 'grown', 'log', 'notes']);
});

test('rows of a new table that reference what is parked are parked with it, and what references those', async (t) => {
  const { scene, report } = await madeSince(
    t,
    `INSERT INTO list VALUES (2, 'new word', NULL), (3, 'carried', NULL);
     CREATE TABLE own(k TEXT PRIMARY KEY, list INTEGER REFERENCES list(id)) WITHOUT ROWID;
     CREATE TABLE under(own TEXT REFERENCES own, note);
     CREATE TABLE tagged(id INTEGER PRIMARY KEY, tag TEXT REFERENCES tags(tag));
     INSERT INTO own VALUES ('a', 1), ('b', 2), ('c', 3), ('d', NULL); INSERT INTO under VALUES ('b', 'gone'), ('c', 'kept');
     INSERT INTO tagged VALUES (1, 'x'), (2, NULL)`,
  );
  assert.deepEqual(scene.list('back', 'SELECT k FROM own ORDER BY k'), ['a', 'c', 'd']);
  assert.deepEqual(scene.list('back', 'SELECT note FROM under'), ['kept']);
  assert.deepEqual(scene.list('back', 'SELECT id FROM tagged'), [2]);
  assert.deepEqual(
    report.outcome.parked.filter(({ why }) => why === 'reference'),
    ['own', 'tagged', 'under'].map((what) => ({ what, count: 1, why: 'reference' })),
  );
  assert.deepEqual(scene.rows('back.parked', 'SELECT act, why, k, list FROM "rows:own"'), [
    { act: 'insert', why: 'reference', k: 'b', list: 2 },
  ]);
});

test('a reference of a new table that pointed nowhere already keeps its row', async (t) => {
  const scene = openScene(t);
  await scene.state('before', old);
  await scene.state('after', upgrade, 'before');
  const work = `PRAGMA foreign_keys = OFF; CREATE TABLE own(id INTEGER PRIMARY KEY, list INTEGER REFERENCES list(id)); INSERT INTO own VALUES (1, 99)`;
  await scene.state('now', work, 'after');
  const report = await scene.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual([report.discrepancies, report.outcome.parked], [[], []]);
  assert.deepEqual(scene.rows('back', 'SELECT * FROM own'), [{ id: 1, list: 99 }]);
});

test('a full-text table is left behind, and told; with its line in `rebuild:` it is there again on the way forth', async (t) => {
  const scene = openScene(t);
  await scene.state('before', old);
  await scene.state('after', upgrade, 'before');
  await scene.state(
    'now',
    `CREATE VIRTUAL TABLE found USING fts5(text); INSERT INTO found VALUES ('a word')`,
    'after',
  );
  const report = await scene.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(namesIn(scene, 'back'), ['list']);
  assert.deepEqual(report.leftBehind, ['virtual table found']);
  const rebuild = { found: `INSERT INTO found(found) VALUES ('optimize')` };
  await scene.merge(['now', 'back', 'back'], 'forth', { direction: 'forth', rebuild });
  assert.deepEqual(scene.list('forth', `SELECT text FROM found WHERE found MATCH 'word'`), [
    'a word',
  ]);
});
