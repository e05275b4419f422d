import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comesBack, rolledBack } from '../../../../test/rows/scene.ts';

const old = `CREATE TABLE log(at TEXT, what, old_only DEFAULT 'd'); CREATE INDEX log_at ON log(at);
  INSERT INTO log VALUES ('1', 'a', 'x'), ('1', 'a', 'y'), ('1', 'a', 'y'), ('2', NULL, 'x'), ('3', x'00', 'x'), ('3', 'a' || char(0) || 'b', 'x'), ('4', 1.0, 'x')`;

test('rows without a key come and go as often as users added and removed them', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old,
    upgrade: `ALTER TABLE log DROP COLUMN old_only`,
    work: `INSERT INTO log VALUES ('5', 'new'), ('5', 'new'), ('1', 'a');
      DELETE FROM log WHERE rowid = (SELECT rowid FROM log WHERE what = 'a' LIMIT 1);
      DELETE FROM log WHERE rowid = (SELECT rowid FROM log WHERE what = 'a' LIMIT 1);
      DELETE FROM log WHERE what IS NULL; UPDATE log SET what = 'a' || char(0) || 'c' WHERE what = 'a' || char(0) || 'b';
      UPDATE log SET what = 1 WHERE at = '4'`,
  });
  assert.deepEqual(
    scene.texts('back', 'SELECT at, what FROM log ORDER BY at, what'),
    scene.texts('now', 'SELECT at, what FROM log ORDER BY at, what'),
  );
  assert.deepEqual(scene.list('back', `SELECT old_only FROM log WHERE at = '1' ORDER BY 1`), [
    'x',
    'y',
  ]);
  assert.deepEqual(report.outcome.carried, { inserted: 4, updated: 0, deleted: 4 });
  assert.deepEqual(report.outcome.parked, []);
  await comesBack(scene);
});

test('values that only the new shape has are parked with the row that came with them', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old,
    upgrade: 'ALTER TABLE log ADD COLUMN fresh',
    work: `INSERT INTO log VALUES ('5', 'n', 'd', 'kept'), ('6', 'n', 'd', NULL)`,
  });
  assert.deepEqual(scene.list('back', `SELECT count(*) FROM log WHERE at > '4'`), [2]);
  assert.deepEqual(report.outcome.parked, [{ what: 'log', count: 1, why: 'blind' }]);
  assert.deepEqual(scene.list('back.parked', 'SELECT fresh FROM "blind rows:log"'), ['kept']);
  await comesBack(scene);
});

test('where the upgrade rewrote rows without a key, changes since are parked one by one', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old,
    upgrade: `UPDATE log SET what = 'b' WHERE what = 'a'`,
    work: `INSERT INTO log(at, what) VALUES ('5', 'new'), ('5', 'new'); DELETE FROM log WHERE what IS NULL`,
  });
  assert.deepEqual(scene.dump('back'), scene.dump('before'));
  assert.deepEqual(report.outcome.parked, [{ what: 'log', count: 3, why: 'rewritten' }]);
  await comesBack(scene);
});

test('a row without a key that the old shape refuses is parked, its likes are carried', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE log(at TEXT CHECK (at <> 'never'), what UNIQUE); INSERT INTO log VALUES ('1', 'a')`,
    upgrade: `CREATE TABLE l2(at TEXT, what); INSERT INTO l2 SELECT * FROM log; DROP TABLE log; ALTER TABLE l2 RENAME TO log`,
    work: `INSERT INTO log VALUES ('never', 'b'), ('2', 'c'), ('2', 'c')`,
  });
  assert.deepEqual(scene.list('back', 'SELECT what FROM log ORDER BY 1'), ['a', 'c']);
  assert.deepEqual(report.outcome.parked, [{ what: 'log', count: 2, why: 'refused' }]);
});

test('a mass deletion among rows without a key looks like damage', async (t) => {
  const many = `CREATE TABLE log(n); WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100) INSERT INTO log SELECT n % 7 FROM c`;
  const { scene, report } = await rolledBack(t, {
    old: many,
    upgrade: 'CREATE TABLE fresh(a INTEGER PRIMARY KEY)',
    work: 'DELETE FROM log WHERE n < 4; INSERT INTO log VALUES (99)',
  });
  assert.deepEqual(scene.list('back', 'SELECT count(*) FROM log'), [101]);
  assert.deepEqual(report.outcome.parked, [{ what: 'log', count: 58, why: 'damage' }]);
  assert.equal(report.damage['log']?.deleted, 58);
});
