import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comesBack, rolledBack } from '../../../test/rows/scene.ts';

const list = `CREATE TABLE list(id INTEGER PRIMARY KEY, name TEXT UNIQUE, other TEXT, extra TEXT);
  INSERT INTO list VALUES (1, 'a', 'x', 'k'), (2, 'b', 'y', 'k'), (3, 'c', 'z', 'k'), (4, 'd', 'w', 'k');`;
const names = 'SELECT name FROM list ORDER BY id';

test('unique values that were swapped arrive swapped, a ring of them as well', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: list,
    upgrade: 'ALTER TABLE list ADD COLUMN fresh',
    work: `UPDATE list SET name = 'free' WHERE id = 1; UPDATE list SET name = 'a' WHERE id = 2; UPDATE list SET name = 'b' WHERE id = 3; UPDATE list SET name = 'c' WHERE id = 1`,
  });
  assert.deepEqual(scene.list('back', names), ['c', 'a', 'b', 'd']);
  assert.deepEqual(report.outcome.parked, []);
  await comesBack(scene);
});

test('a value that makes way for a new row and for a deleted one arrives', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: list,
    upgrade: 'ALTER TABLE list ADD COLUMN fresh',
    work: `DELETE FROM list WHERE id = 1; UPDATE list SET name = 'a' WHERE id = 2; INSERT INTO list(id, name) VALUES (9, 'b')`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT id, name FROM list WHERE id IN (1, 2, 9)'), [
    { id: 2, name: 'a' },
    { id: 9, name: 'b' },
  ]);
  assert.deepEqual(report.outcome.parked, []);
});

test('where the old shape alone is unique, the clashing change is parked cell by cell, a new row whole', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: list,
    upgrade: `CREATE TABLE l2(id INTEGER PRIMARY KEY, name TEXT, other TEXT, extra TEXT); INSERT INTO l2 SELECT * FROM list; DROP TABLE list; ALTER TABLE l2 RENAME TO list`,
    work: `UPDATE list SET name = 'a', other = 'mine' WHERE id = 2; INSERT INTO list VALUES (5, 'c', 'new', 'k'), (6, 'e', 'new', 'k')`,
  });
  assert.deepEqual(scene.list('back', names), ['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual(report.outcome.parked, [
    { what: 'list.name', count: 1, why: 'refused' },
    { what: 'list.other', count: 1, why: 'refused' },
    { what: 'list', count: 1, why: 'refused' },
  ]);
  assert.match(String(scene.list('back.parked', 'SELECT detail FROM "rows:list"')[0]), /UNIQUE/);
  await comesBack(scene);
});

test('a refused change in a chain does not keep back those that do not need it', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `${list} CREATE UNIQUE INDEX others ON list(other)`,
    upgrade: 'DROP INDEX others',
    work: `UPDATE list SET other = 'y' WHERE id = 1; UPDATE list SET other = 'moved' WHERE id = 3; UPDATE list SET other = 'z' WHERE id = 4`,
  });
  assert.deepEqual(scene.list('back', 'SELECT other FROM list ORDER BY id'), [
    'x',
    'y',
    'moved',
    'z',
  ]);
  await comesBack(scene);
});

test('NOT NULL and CHECK of the old shape park what they refuse', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY, name TEXT NOT NULL, n INT CHECK (n < 10), o); INSERT INTO list VALUES (1, 'a', 1, 'o'), (2, 'b', 2, 'o')`,
    upgrade: `CREATE TABLE l2(id INTEGER PRIMARY KEY, name TEXT, n INT, o); INSERT INTO l2 SELECT * FROM list; DROP TABLE list; ALTER TABLE l2 RENAME TO list`,
    work: `UPDATE list SET name = NULL WHERE id = 1; UPDATE list SET n = 99 WHERE id = 2; INSERT INTO list VALUES (3, 'c', 3, 'o'), (4, 'd', 40, 'o'), (5, NULL, 5, 'o')`,
  });
  assert.deepEqual(scene.list('back', `SELECT name || n FROM list ORDER BY id`), [
    'a1',
    'b2',
    'c3',
  ]);
  assert.deepEqual(report.outcome.parked, [
    { what: 'list.n', count: 1, why: 'refused' },
    { what: 'list.name', count: 1, why: 'refused' },
    { what: 'list', count: 2, why: 'refused' },
  ]);
  await comesBack(scene);
});

test('a NOT NULL column that only the old shape has takes its default in a new row', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY, name TEXT, legacy TEXT NOT NULL DEFAULT 'old default'); INSERT INTO list VALUES (1, 'a', 'own')`,
    upgrade: 'ALTER TABLE list DROP COLUMN legacy',
    work: `INSERT INTO list VALUES (2, 'b')`,
  });
  assert.deepEqual(scene.list('back', 'SELECT legacy FROM list ORDER BY id'), [
    'own',
    'old default',
  ]);
  assert.deepEqual(report.outcome.parked, []);
});

test('a NOT NULL column that only the old shape has, without a default, parks every new row; a select that fills it carries them', async (t) => {
  const old = `CREATE TABLE list(id INTEGER PRIMARY KEY, name TEXT, legacy TEXT NOT NULL); INSERT INTO list VALUES (1, 'a', 'own')`;
  const upgrade = 'ALTER TABLE list DROP COLUMN legacy';
  const added = Array.from({ length: 12 }, (_none, n) => `('row ${n}')`);
  const work = `INSERT INTO list(name) VALUES ${added.join(', ')}; UPDATE list SET name = 'b' WHERE id = 1`;
  const plain = await rolledBack(t, { old, upgrade, work });
  assert.deepEqual(plain.scene.list('back', `SELECT name || legacy FROM list`), ['bown']);
  assert.deepEqual(plain.report.outcome.parked, [{ what: 'list', count: 12, why: 'refused' }]);
  await comesBack(plain.scene);
  const filled = await rolledBack(t, {
    old,
    upgrade,
    work,
    terms: {
      lenses: { list: { select: `SELECT id, name, 'unknown' AS legacy FROM list` } },
      decisions: [
        { place: 'list.legacy', choice: 'as-is', by: 'operator', at: '', evidence: 'a test' },
      ],
    },
  });
  assert.deepEqual(filled.report.outcome.parked, []);
  assert.deepEqual(
    filled.scene.rows('back', 'SELECT legacy, count(*) AS n FROM list GROUP BY 1 ORDER BY 2'),
    [
      { legacy: 'own', n: 1 },
      { legacy: 'unknown', n: 12 },
    ],
  );
});
