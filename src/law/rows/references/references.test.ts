import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comesBack, rolledBack } from '../../../../test/rows/scene.ts';

const old = `CREATE TABLE folders(id INTEGER PRIMARY KEY, name TEXT, color TEXT);
  CREATE TABLE files(id INTEGER PRIMARY KEY, folder INTEGER REFERENCES folders(id), name TEXT, kind TEXT);
  INSERT INTO folders VALUES (1, 'a', 'red'); INSERT INTO files VALUES (1, 1, 'one', 'k')`;
const upgrade = `INSERT INTO folders VALUES (90, 'default', 'grey'), (91, 'other default', 'grey')`;

test('a default row that the upgrade made is not there, one that the user renamed is', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old,
    upgrade,
    work: `UPDATE folders SET name = 'my own' WHERE id = 90`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT id, name FROM folders'), [
    { id: 1, name: 'a' },
    { id: 90, name: 'my own' },
  ]);
  assert.deepEqual(report.outcome.parked, []);
  await comesBack(scene);
});

test('a row of the upgrade that a row of the user references is brought', async (t) => {
  const { scene } = await rolledBack(t, {
    old,
    upgrade,
    work: `INSERT INTO files VALUES (2, 91, 'two', 'k'); UPDATE files SET folder = 90 WHERE id = 1`,
  });
  assert.deepEqual(scene.list('back', 'SELECT id FROM folders'), [1, 90, 91]);
  await comesBack(scene);
});

test('rows that reference what is parked are parked with it, changed ones keep their old reference', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: old.replace('name TEXT, color', `name TEXT CHECK (name <> 'refused'), color`),
    upgrade: `CREATE TABLE f2(id INTEGER PRIMARY KEY, name TEXT, color TEXT); INSERT INTO f2 SELECT * FROM folders; DELETE FROM files; DROP TABLE folders; ALTER TABLE f2 RENAME TO folders; INSERT INTO files VALUES (1, 1, 'one', 'k')`,
    work: `INSERT INTO folders VALUES (5, 'refused', 'blue'); INSERT INTO files VALUES (2, 5, 'new', 'k'); UPDATE files SET folder = 5, name = 'moved' WHERE id = 1`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT * FROM files'), [
    { id: 1, folder: 1, name: 'moved', kind: 'k' },
  ]);
  assert.deepEqual(report.outcome.parked, [
    { what: 'files.folder', count: 1, why: 'reference' },
    { what: 'files', count: 1, why: 'reference' },
    { what: 'folders', count: 1, why: 'refused' },
  ]);
  await comesBack(scene);
});

for (const { action, left } of [
  { action: 'ON DELETE CASCADE', left: [{ id: 2, person: 2 }] },
  {
    action: 'ON DELETE SET NULL',
    left: [
      { id: 1, person: null },
      { id: 2, person: 2 },
    ],
  },
]) {
  test(`a deletion does to a table that only the old release has what it would have done: ${action}`, async (t) => {
    const { scene, report } = await rolledBack(t, {
      old: `CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO people VALUES (1, 'ann'), (2, 'ben');
        CREATE TABLE legacy(id INTEGER PRIMARY KEY, person INTEGER REFERENCES people(id) ${action}); INSERT INTO legacy VALUES (1, 1), (2, 2)`,
      upgrade: 'DROP TABLE legacy',
      work: 'DELETE FROM people WHERE id = 1',
    });
    assert.deepEqual(scene.rows('back', 'SELECT * FROM legacy'), left);
    assert.deepEqual(scene.list('back', 'SELECT id FROM people'), [2]);
    assert.deepEqual(report.unseenTables, ['legacy']);
  });
}

test('a deletion that the old release would refuse is taken back and parked', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO people VALUES (1, 'ann'), (2, 'ben');
      CREATE TABLE legacy(id INTEGER PRIMARY KEY, person INTEGER REFERENCES people(id)); INSERT INTO legacy VALUES (1, 1)`,
    upgrade: 'DROP TABLE legacy',
    work: 'DELETE FROM people',
  });
  assert.deepEqual(scene.list('back', 'SELECT name FROM people'), ['ann']);
  assert.deepEqual(report.outcome.parked, [{ what: 'people', count: 1, why: 'reference' }]);
});

test('references in a ring and to the table itself', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE tree(id INTEGER PRIMARY KEY, up INTEGER REFERENCES tree(id) ON DELETE CASCADE, name TEXT); INSERT INTO tree VALUES (1, NULL, 'root'), (2, 1, 'a'), (3, 2, 'b');
      CREATE TABLE egg(id INTEGER PRIMARY KEY, hen INTEGER REFERENCES hen(id)); CREATE TABLE hen(id INTEGER PRIMARY KEY, egg INTEGER REFERENCES egg(id))`,
    upgrade: `ALTER TABLE tree ADD COLUMN fresh; ALTER TABLE hen ADD COLUMN fresh`,
    work: `DELETE FROM tree WHERE id = 2; INSERT INTO tree(id, up, name) VALUES (7, 1, 'new'), (8, 7, 'below new');
      INSERT INTO hen VALUES (1, NULL, 'f'); INSERT INTO egg VALUES (1, 1); UPDATE hen SET egg = 1`,
  });
  assert.deepEqual(scene.list('back', 'SELECT id FROM tree ORDER BY id'), [1, 7, 8]);
  assert.deepEqual(scene.rows('back', 'SELECT * FROM hen JOIN egg ON hen.egg = egg.id'), [
    { id: 1, egg: 1, hen: 1 },
  ]);
  assert.deepEqual(report.outcome.parked, [{ what: 'hen.fresh', count: 1, why: 'blind' }]);
  await comesBack(scene);
});

test('what the old release alone has goes nowhere forth, and is parked', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY, v, legacy); INSERT INTO list VALUES (1, 'a', 'x'); CREATE TABLE legacy(id INTEGER PRIMARY KEY, v)`,
    upgrade:
      'ALTER TABLE list DROP COLUMN legacy; DROP TABLE legacy; ALTER TABLE list ADD COLUMN fresh',
    work: `UPDATE list SET fresh = 'f'`,
  });
  await scene.state(
    'later',
    `UPDATE list SET legacy = 'y'; INSERT INTO legacy VALUES (1, 'z')`,
    'back',
  );
  const report = await scene.merge(['now', 'back', 'later'], 'forth', { direction: 'forth' });
  assert.deepEqual(scene.dump('forth'), scene.dump('now'));
  assert.deepEqual(report.outcome.parked, [
    { what: 'legacy', count: 1, why: 'blind' },
    { what: 'list.legacy', count: 1, why: 'blind' },
  ]);
});
