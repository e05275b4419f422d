/** What other ways back have lost rows by; see docs/traps.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comesBack, openScene, rolledBack } from '../../../test/rows/scene.ts';

const family = `CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, level INTEGER DEFAULT 1);
  CREATE TABLE messages(id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE, text TEXT);
  INSERT INTO users VALUES (1, 'ann', 1), (2, 'ben', 1); INSERT INTO messages VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 2, 'c')`;

test('a parent that the upgrade rebuilt with another default loses none of its CASCADE children', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: family,
    upgrade: `PRAGMA foreign_keys = OFF; CREATE TABLE u2(id INTEGER PRIMARY KEY, name TEXT, level INTEGER DEFAULT 2);
      INSERT INTO u2 SELECT * FROM users; DROP TABLE users; ALTER TABLE u2 RENAME TO users`,
    work: `INSERT INTO users VALUES (3, 'cas', 2); INSERT INTO messages VALUES (4, 3, 'd'); UPDATE users SET name = 'benno' WHERE id = 2`,
  });
  assert.deepEqual(scene.list('back', 'SELECT text FROM messages ORDER BY id'), [
    'a',
    'b',
    'c',
    'd',
  ]);
  assert.deepEqual(scene.list('back', 'SELECT name FROM users ORDER BY id'), [
    'ann',
    'benno',
    'cas',
  ]);
  assert.deepEqual(report.outcome.parked, []);
  await comesBack(scene);
});

test('what is parked has no foreign keys, triggers or constraints: nothing that is deleted takes it along', async (t) => {
  const { scene } = await rolledBack(t, {
    old: family,
    upgrade: `ALTER TABLE messages ADD COLUMN mood TEXT; CREATE TABLE likes(id INTEGER PRIMARY KEY, message INTEGER NOT NULL REFERENCES messages(id) ON DELETE CASCADE)`,
    work: `UPDATE messages SET mood = 'glad' WHERE id = 2; INSERT INTO likes VALUES (1, 2)`,
  });
  const made = scene.list('back.parked', 'SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL');
  assert.ok(made.length > 0);
  for (const sql of made)
    assert.doesNotMatch(String(sql), /REFERENCES|NOT NULL|CHECK|TRIGGER|UNIQUE/i);
  await scene.state('later', 'DELETE FROM users WHERE id = 2', 'back');
  assert.deepEqual(scene.list('later', 'SELECT id FROM messages'), [1]);
  const report = await scene.merge(['now', 'back', 'later'], 'forth', { direction: 'forth' });
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.list('back.parked', 'SELECT "value" FROM "blind cells:messages"'), [
    'glad',
  ]);
  assert.deepEqual(scene.list('forth', 'SELECT count(*) FROM likes'), [0]);
});

test('a deleted row does not come back with its parked part, and that part stays where it was parked', async (t) => {
  const { scene } = await rolledBack(t, {
    old: family,
    upgrade: 'ALTER TABLE messages ADD COLUMN mood TEXT',
    work: `UPDATE messages SET mood = 'glad'`,
  });
  await scene.state('later', 'DELETE FROM messages WHERE id = 1', 'back');
  const report = await scene.merge(['now', 'back', 'later'], 'forth', { direction: 'forth' });
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.rows('forth', 'SELECT id, mood FROM messages'), [
    { id: 2, mood: 'glad' },
    { id: 3, mood: 'glad' },
  ]);
  assert.deepEqual(
    scene.list('back.parked', 'SELECT id FROM "blind cells:messages" ORDER BY id'),
    [1, 2, 3],
  );
});

test('a parent that the upgrade renamed away, children and all: they name the right table again', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: family,
    upgrade: `PRAGMA foreign_keys = OFF; ALTER TABLE users RENAME TO users_old;
      CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, level INTEGER DEFAULT 2); INSERT INTO users SELECT * FROM users_old; DROP TABLE users_old`,
    work: `PRAGMA foreign_keys = OFF; INSERT INTO users VALUES (3, 'cas', 2); INSERT INTO messages VALUES (4, 3, 'd')`,
  });
  const declared = scene.list('now', `SELECT sql FROM sqlite_schema WHERE name = 'messages'`);
  assert.match(String(declared[0]), /users_old/);
  assert.deepEqual(scene.list('back', `SELECT "table" FROM pragma_foreign_key_list('messages')`), [
    'users',
  ]);
  assert.deepEqual(scene.list('back', 'SELECT text FROM messages'), ['a', 'b', 'c', 'd']);
  assert.deepEqual(report.outcome.parked, []);
  await comesBack(scene);
});

test('rows that the application replaced with REPLACE: what fired then is carried, and nothing fires now', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE users(id INTEGER PRIMARY KEY, mail TEXT UNIQUE, name TEXT, old_only TEXT);
      CREATE TABLE messages(id INTEGER PRIMARY KEY, user INTEGER REFERENCES users(id) ON DELETE CASCADE, text TEXT);
      CREATE TABLE log(id INTEGER PRIMARY KEY, what TEXT);
      CREATE TRIGGER gone AFTER DELETE ON users BEGIN INSERT INTO log(what) VALUES ('deleted ' || OLD.name); END;
      INSERT INTO users VALUES (1, 'a@example.com', 'ann', 'o'), (2, 'b@example.com', 'ben', 'o'), (3, 'c@example.com', 'cas', 'o');
      INSERT INTO messages VALUES (1, 1, 'of ann'), (2, 2, 'of ben'), (3, 3, 'of cas')`,
    upgrade: 'ALTER TABLE users DROP COLUMN old_only',
    work: `REPLACE INTO users VALUES (1, 'a@example.com', 'anna'); INSERT OR REPLACE INTO users VALUES (5, 'b@example.com', 'benno')`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT id, name, old_only FROM users ORDER BY id'), [
    { id: 1, name: 'anna', old_only: 'o' },
    { id: 3, name: 'cas', old_only: 'o' },
    { id: 5, name: 'benno', old_only: null },
  ]);
  assert.deepEqual(scene.list('back', 'SELECT text FROM messages'), ['of cas']);
  assert.deepEqual(scene.list('back', 'SELECT what FROM log'), []);
  assert.deepEqual(report.outcome.parked, []);
  await comesBack(scene);
});

for (const [what, columns] of [
  ['with a text key', 'k TEXT PRIMARY KEY, text TEXT'],
  ['without a key', 'k TEXT, text TEXT'],
] as const) {
  test(`full text over a table ${what}, whose hidden rowids have gaps, finds the right rows`, async (t) => {
    const { scene } = await rolledBack(t, {
      old: `CREATE TABLE notes(${columns}, old_only TEXT); CREATE VIRTUAL TABLE found USING fts5(text, content='notes');
        INSERT INTO notes(rowid, k, text) VALUES (10, 'a', 'red'), (20, 'b', 'blue'), (30, 'c', 'red');
        INSERT INTO found(found) VALUES ('rebuild')`,
      upgrade: `CREATE TABLE n2(${columns}); INSERT INTO n2 SELECT k, text FROM notes; DROP TABLE notes; ALTER TABLE n2 RENAME TO notes;
        INSERT INTO found(found) VALUES ('rebuild')`,
      work: `DELETE FROM notes WHERE k = 'b'; INSERT INTO notes VALUES ('d', 'green')`,
      terms: { rebuild: { found: `INSERT INTO found(found) VALUES ('rebuild')` } },
    });
    const shown = `SELECT n.rowid AS r, n.k FROM found AS f JOIN notes AS n ON n.rowid = f.rowid WHERE f.text MATCH`;
    assert.deepEqual(scene.rows('back', `${shown} 'red'`), [
      { r: 10, k: 'a' },
      { r: 30, k: 'c' },
    ]);
    assert.deepEqual(
      scene.rows('back', `${shown} 'green'`).map(({ k }) => k),
      ['d'],
    );
    assert.deepEqual(scene.rows('back', `${shown} 'blue'`), []);
  });
}

test('what pointed nowhere before the upgrade points there again, and keeps nothing else back', async (t) => {
  const scene = openScene(t);
  await scene.state('before', family);
  await scene.state(
    'dangling',
    `PRAGMA foreign_keys = OFF; INSERT INTO messages VALUES (9, 99, 'of nobody')`,
    'before',
  );
  await scene.state('after', 'ALTER TABLE users ADD COLUMN mood TEXT', 'dangling');
  const work = `PRAGMA foreign_keys = OFF; UPDATE messages SET text = 'edited' WHERE id = 9; INSERT INTO messages VALUES (10, 1, 'new')`;
  await scene.state('now', work, 'after');
  const report = await scene.merge(['dangling', 'after', 'now'], 'back');
  assert.deepEqual([report.discrepancies, report.outcome.parked], [[], []]);
  assert.deepEqual(scene.list('back', 'SELECT text FROM messages WHERE id > 8'), ['edited', 'new']);
  assert.deepEqual(scene.dangling('back'), scene.dangling('dangling'));
  await comesBack(scene);
});

test('a parked cell that is edited later under the old release: the later edit wins, the parked value is kept as stale', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE bills(id INTEGER PRIMARY KEY, amount INTEGER, note TEXT); INSERT INTO bills VALUES (1, 10, 'a'), (2, 20, 'b')`,
    upgrade: 'UPDATE bills SET amount = amount * 100',
    work: 'UPDATE bills SET amount = 2500',
  });
  assert.deepEqual(scene.list('back', 'SELECT amount FROM bills'), [10, 20]);
  await scene.state('later', 'UPDATE bills SET amount = 27 WHERE id = 2', 'back');
  const report = await scene.merge(['now', 'back', 'later'], 'forth', { direction: 'forth' });
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.list('forth', 'SELECT amount FROM bills'), [2500, 27]);
  assert.deepEqual(report.outcome.parked, [{ what: 'bills.amount', count: 1, why: 'stale' }]);
  assert.deepEqual(scene.rows('forth.parked', 'SELECT id, "value", why FROM "cells:bills"'), [
    { id: 2, value: 2500, why: 'stale' },
  ]);
});

test('an edit or a deletion of one row under the old release leaves the return of every other row as it was', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY, v, w); WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 9)
      INSERT INTO list SELECT i, 'v' || i, i FROM n`,
    upgrade: `ALTER TABLE list ADD COLUMN fresh; UPDATE list SET w = w * 100`,
    work: `UPDATE list SET fresh = 'f' || id, w = w + 1; INSERT INTO list VALUES (20, 'new', 1, 'f20')`,
  });
  await scene.state(
    'later',
    `UPDATE list SET v = 'mine' WHERE id = 4; DELETE FROM list WHERE id = 6`,
    'back',
  );
  const report = await scene.merge(['now', 'back', 'later'], 'forth', { direction: 'forth' });
  assert.deepEqual(report.discrepancies, []);
  const others = 'SELECT * FROM list WHERE id NOT IN (4, 6)';
  assert.deepEqual(scene.texts('forth', others), scene.texts('now', others));
  assert.deepEqual(scene.rows('forth', 'SELECT * FROM list WHERE id IN (4, 6)'), [
    { id: 4, v: 'mine', w: 401, fresh: 'f4' },
  ]);
});
