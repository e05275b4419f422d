/** What other ways back have lost rows by; see docs/traps.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comesBack, rolledBack } from '../../../test/rows/scene.ts';

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
