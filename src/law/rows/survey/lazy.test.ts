/** Migrations that go on while the new release runs, row by row. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comesBack, rolledBack } from '../../../../test/rows/scene.ts';

const users = (count: number): string =>
  `CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT, secret TEXT);
   WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
   INSERT INTO users SELECT i, 'user ' || i, 'md5:' || i FROM n`;
const upgrade = 'ALTER TABLE users ADD COLUMN better TEXT; ALTER TABLE users ADD COLUMN color TEXT';

test('a new column that was filled in nearly every row looks like a migration that still goes on', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: users(20),
    upgrade,
    work: `UPDATE users SET better = 'sha:' || id WHERE id > 1; UPDATE users SET color = 'red' WHERE id < 10;
      INSERT INTO users VALUES (21, 'new', 'md5:21', 'sha:21', NULL)`,
  });
  assert.deepEqual(report.questions, [
    { kind: 'lazy', place: 'users.better', count: 19, total: 20, choices: ['park'] },
  ]);
  assert.deepEqual(report.outcome.parked, [
    { what: 'users.better', count: 20, why: 'blind' },
    { what: 'users.color', count: 9, why: 'blind' },
  ]);
  assert.deepEqual(
    scene.list('back', `SELECT count(*) FROM users WHERE secret = 'md5:' || id`),
    [21],
  );
  await comesBack(scene);
});

test('new rows are no migration, and a few rows prove nothing', async (t) => {
  const filled = `INSERT INTO users(name, better) SELECT name, 'sha' FROM users`;
  for (const { count, work } of [
    { count: 20, work: filled },
    { count: 9, work: `UPDATE users SET better = 'sha:' || id` },
    { count: 20, work: `UPDATE users SET better = 'sha:' || id WHERE id > 3` },
  ]) {
    const { report } = await rolledBack(t, { old: users(count), upgrade, work });
    assert.deepEqual(report.questions, []);
  }
});

test('where a reversal reads the new column it is carried, and nothing is asked', async (t) => {
  const lenses = {
    users: {
      key: ['id'],
      select: `SELECT id, name, coalesce(better, secret) AS secret FROM users`,
      forth: {
        better: `iif(secret LIKE 'sha:%', secret, NULL)`,
        secret: `iif(secret LIKE 'sha:%', NULL, secret)`,
      },
    },
  };
  const { scene, report } = await rolledBack(t, {
    old: users(20),
    upgrade,
    work: `UPDATE users SET better = 'sha:' || id, secret = NULL`,
    terms: { lenses, carryLimits: { users: { share: 1, rows: 100, unattended: 'carry' } } },
  });
  assert.deepEqual(report.questions, []);
  assert.deepEqual(
    scene.list('back', `SELECT count(*) FROM users WHERE secret = 'sha:' || id`),
    [20],
  );
});
