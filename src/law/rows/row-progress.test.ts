import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openScene } from '../../../test/rows/scene.ts';

test('a merge tells how many rows it has compared, up to all of them twice', async (t) => {
  const scene = openScene(t);
  await scene.state(
    'before',
    `CREATE TABLE item(id INTEGER PRIMARY KEY, v); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000)
     INSERT INTO item SELECT i, 'value ' || i FROM n`,
  );
  await scene.state('after', 'ALTER TABLE item ADD COLUMN w', 'before');
  await scene.state('now', `UPDATE item SET v = 'edited ' || id WHERE id % 50 = 0`, 'after');
  const told: [done: number, total: number][] = [];
  await scene.merge(['before', 'after', 'now'], 'back', {
    onRows: (done, total) => told.push([done, total]),
  });
  assert.ok(told.length >= 4, JSON.stringify(told));
  assert.ok(told.every(([, total]) => total === 240_000));
  assert.deepEqual(
    told.map(([done]) => done),
    told.map(([done]) => done).toSorted((a, b) => a - b),
  );
  assert.deepEqual(told.at(-1), [240_000, 240_000]);
});
