import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackstepError } from '../../fault/backstep-error.ts';
import { comesBack, openScene, rolledBack } from '../../../test/rows/scene.ts';

test('a surrogate id that was used again is another thing: nothing of the first one is mixed into it', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, mail TEXT, secret TEXT DEFAULT 'none'); INSERT INTO people VALUES (1, 'ann', 'a@example.com', 's1'), (2, 'ben', 'b@example.com', 's2')`,
    upgrade: 'ALTER TABLE people DROP COLUMN secret',
    work: `DELETE FROM people WHERE id = 2; INSERT INTO people VALUES (2, 'cas', 'c@example.com')`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT * FROM people WHERE id = 2'), [
    { id: 2, name: 'cas', mail: 'c@example.com', secret: 'none' },
  ]);
  assert.deepEqual(report.outcome.parked, []);
});

test('identity columns say that a row is another thing though others agree', async (t) => {
  const old = `CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, role TEXT, secret TEXT); INSERT INTO people VALUES (1, 'ann', 'member', 's1')`;
  const upgrade = 'ALTER TABLE people DROP COLUMN secret';
  const work = `UPDATE people SET name = 'ben' WHERE id = 1`;
  const same = await rolledBack(t, { old, upgrade, work });
  assert.deepEqual(same.scene.list('back', 'SELECT secret FROM people'), ['s1']);
  const other = await rolledBack(t, {
    old,
    upgrade,
    work,
    terms: { identity: { people: ['name'] } },
  });
  assert.deepEqual(other.scene.list('back', 'SELECT secret FROM people'), [null]);
});

test('an id that was parked is never given out again, one that was carried neither', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY AUTOINCREMENT, word TEXT CHECK (word <> 'new word')); INSERT INTO list VALUES (1, 'a')`,
    upgrade: `CREATE TABLE l2(id INTEGER PRIMARY KEY AUTOINCREMENT, word TEXT); INSERT INTO l2 SELECT * FROM list; DROP TABLE list; ALTER TABLE l2 RENAME TO list`,
    work: `INSERT INTO list VALUES (5, 'carried'), (9, 'new word')`,
  });
  assert.deepEqual(scene.list('back', 'SELECT id FROM list'), [1, 5]);
  await scene.state('later', `INSERT INTO list(word) VALUES ('next')`, 'back');
  assert.deepEqual(scene.list('later', 'SELECT max(id) FROM list'), [10]);
});

test('an id whose row came and went since the upgrade is not given out again', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY AUTOINCREMENT, word); CREATE TABLE still(id INTEGER PRIMARY KEY AUTOINCREMENT)`,
    upgrade: `ALTER TABLE list ADD COLUMN fresh; INSERT INTO still VALUES (7)`,
    work: `INSERT INTO list(id) VALUES (5); DELETE FROM list`,
  });
  assert.deepEqual(scene.list('back', `SELECT name || ' ' || seq FROM sqlite_sequence`), [
    'list 5',
  ]);
});

test('keys are told apart by bytes and type: NOCASE, composite, text beside number', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE words(a TEXT COLLATE NOCASE, b, v, old_only DEFAULT 'd', PRIMARY KEY (a, b));
      INSERT INTO words VALUES ('Bob', 1, 'v', 'o'), ('ann', '1', 'v', 'o'), ('ann', x'31', 'v', 'o'), ('ann', 1.5, 'v', 'o'), ('zoe', 5, 'v', 'o');`,
    upgrade: 'ALTER TABLE words DROP COLUMN old_only',
    work: `UPDATE words SET a = 'bob' WHERE a = 'Bob'; UPDATE words SET v = 'w' WHERE typeof(b) = 'blob'; UPDATE words SET b = 2 WHERE b = 1.5; UPDATE words SET b = 5.0 WHERE a = 'zoe'`,
  });
  assert.deepEqual(
    scene.texts('back', `SELECT a, b, v FROM words ORDER BY a, typeof(b)`),
    scene.texts('now', `SELECT a, b, v FROM words ORDER BY a, typeof(b)`),
  );
  assert.deepEqual(report.outcome.carried, { inserted: 3, updated: 1, deleted: 3 });
});

test('a hidden rowid that others may name stays, in a table with a text key', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE words(k TEXT PRIMARY KEY, v, w); INSERT INTO words(rowid, k, v) VALUES (10, 'a', 1), (20, 'b', 2)`,
    upgrade: 'ALTER TABLE words ADD COLUMN fresh',
    work: `UPDATE words SET v = 7; INSERT INTO words(k) VALUES ('c')`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT rowid AS r, k FROM words ORDER BY r').slice(0, 2), [
    { r: 10, k: 'a' },
    { r: 20, k: 'b' },
  ]);
});

for (const [what, shape, said] of [
  [
    'a NULL in a key',
    'CREATE TABLE loose(a TEXT PRIMARY KEY, b); INSERT INTO loose VALUES (NULL, 2)',
    /NULL/,
  ],
  ['a virtual table', 'CREATE VIRTUAL TABLE loose USING fts5(a)', /virtual/],
] as const) {
  test(`${what} is refused by name`, async (t) => {
    const scene = openScene(t);
    await scene.state('before', shape);
    await scene.state('after', 'CREATE TABLE fresh(a INTEGER PRIMARY KEY)', 'before');
    await assert.rejects(
      scene.merge(['before', 'after', 'after'], 'back'),
      (error) =>
        error instanceof BackstepError &&
        error.code === 'law/unsupported-shape' &&
        said.test(error.message) &&
        error.message.includes('loose'),
    );
  });
}

test('a row made since under the id of a parked row and its children: the parked ones get another id', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, word TEXT CHECK (word <> 'new'));
      CREATE TABLE notes(id INTEGER PRIMARY KEY, person INTEGER REFERENCES people(id), text);
      CREATE TABLE marks(person INTEGER REFERENCES people(id), mark TEXT, text, PRIMARY KEY (person, mark)) WITHOUT ROWID;
      INSERT INTO people VALUES (1, 'ann', 'w')`,
    upgrade: `CREATE TABLE p2(id INTEGER PRIMARY KEY, name TEXT, word TEXT, fresh); INSERT INTO p2 SELECT *, NULL FROM people; DROP TABLE people; ALTER TABLE p2 RENAME TO people`,
    work: `INSERT INTO people VALUES (2, 'parked', 'new', 'f'); INSERT INTO notes VALUES (1, 2, 'of the parked'), (2, 1, 'n'); INSERT INTO marks VALUES (2, 'm', 'of the parked')`,
  });
  await comesBack(scene);
  await scene.state(
    'later',
    `INSERT INTO people VALUES (2, 'since', 'w'); INSERT INTO notes VALUES (7, 2, 'of since'); INSERT INTO marks VALUES (2, 'm', 'of since')`,
    'back',
  );
  const report = await scene.merge(['now', 'back', 'later'], 'forth 2', { direction: 'forth' });
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.dangling('forth 2'), []);
  assert.deepEqual(report.renumbered, [{ table: 'people', id: '2', newId: '3' }]);
  assert.deepEqual(
    scene.rows(
      'forth 2',
      `SELECT p.name, n.text, m.text AS mark FROM people AS p JOIN notes AS n ON n.person = p.id JOIN marks AS m ON m.person = p.id ORDER BY p.id`,
    ),
    [
      { name: 'since', text: 'of since', mark: 'of since' },
      { name: 'parked', text: 'of the parked', mark: 'of the parked' },
    ],
  );
});

test('a row made since under a text key of a parked one wins, the parked one is kept as stale', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE words(k TEXT PRIMARY KEY, v TEXT CHECK (v <> 'new')); INSERT INTO words VALUES ('a', 'w')`,
    upgrade: `CREATE TABLE w2(k TEXT PRIMARY KEY, v TEXT, fresh); INSERT INTO w2 SELECT *, NULL FROM words; DROP TABLE words; ALTER TABLE w2 RENAME TO words`,
    work: `INSERT INTO words VALUES ('b', 'new', 'f')`,
  });
  await scene.state('later', `INSERT INTO words VALUES ('b', 'since')`, 'back');
  const report = await scene.merge(['now', 'back', 'later'], 'forth', { direction: 'forth' });
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.rows('forth', "SELECT * FROM words WHERE k = 'b'"), [
    { k: 'b', v: 'since', fresh: null },
  ]);
  assert.deepEqual(report.outcome.parked, [{ what: 'words', count: 1, why: 'stale' }]);
});

test('a hidden rowid stays where changes are placed one after another', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE words(k TEXT PRIMARY KEY, v CHECK (v <> 13), w); INSERT INTO words(rowid, k, v) VALUES (10, 'a', 1), (20, 'b', 2)`,
    upgrade: `CREATE TABLE w2(k TEXT PRIMARY KEY, v, w); INSERT INTO w2 SELECT * FROM words; DROP TABLE words; ALTER TABLE w2 RENAME TO words`,
    work: `UPDATE words SET v = 13 WHERE k = 'a'; UPDATE words SET v = 7 WHERE k = 'b'`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT rowid AS r, k, v FROM words ORDER BY r'), [
    { r: 10, k: 'a', v: 1 },
    { r: 20, k: 'b', v: 7 },
  ]);
});

test('a key that a select yields in another type than the old table stores is refused', async (t) => {
  const scene = openScene(t);
  await scene.state(
    'before',
    `CREATE TABLE list(id INTEGER PRIMARY KEY, v); INSERT INTO list VALUES (1, 'a')`,
  );
  await scene.state(
    'after',
    `CREATE TABLE l2(name TEXT PRIMARY KEY, v); INSERT INTO l2 VALUES ('n1', 'a'); DROP TABLE list`,
    'before',
  );
  await scene.state('now', `UPDATE l2 SET v = 'b'`, 'after');
  const merged = (key: string): ReturnType<typeof scene.merge> =>
    scene.merge(['before', 'after', 'now'], `back by ${key.length}`, {
      lenses: { list: { key: ['id'], select: `SELECT ${key} AS id, v FROM l2` } },
    });
  await assert.rejects(
    merged('substr(name, 2)'),
    (error) => error instanceof BackstepError && error.code === 'law/lens',
  );
  const report = await merged('CAST(substr(name, 2) AS INTEGER)');
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.list('back by 32', 'SELECT v FROM list'), ['b']);
});
