import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Scene } from '../../../test/rows/scene.ts';

test('a merge can be ended at every pause, and leaves its three states as they were', async (t) => {
  const scene = new Scene({});
  t.after(() => scene.close());
  await scene.state(
    'before',
    `CREATE TABLE a (id INTEGER PRIMARY KEY, x); CREATE TABLE b (id INTEGER PRIMARY KEY, x);
    INSERT INTO a VALUES (1, 'one'); INSERT INTO b VALUES (1, 'one')`,
  );
  await scene.state('after', 'ALTER TABLE a ADD COLUMN y', 'before');
  await scene.state('now', `UPDATE a SET x = 'changed'; INSERT INTO b VALUES (2, 'two')`, 'after');
  const states = ['before', 'after', 'now'] as const;
  const bytes = (): readonly Buffer[] => states.map((name) => readFileSync(scene.file(name)));
  const untouched = bytes();
  let pauses = 0;
  await scene.merge(states, 'whole', {
    pause: async () => {
      pauses += 1;
    },
  });
  // Before the survey, each table, the writing and the reconciliation.
  assert.equal(pauses, 5);
  const interrupted = new Error('interrupted');
  for (let last = 1; last <= pauses; last += 1) {
    let passed = 0;
    const merging = scene.merge(states, `cut-${last}`, {
      pause: async () => {
        passed += 1;
        if (passed === last) throw interrupted;
      },
    });
    await assert.rejects(merging, interrupted);
    assert.equal(passed, last);
    assert.deepEqual(bytes(), untouched);
  }
});

test('a merge can be ended while the pages of one table are compared', async (t) => {
  const scene = new Scene({});
  t.after(() => scene.close());
  const total = 150_000;
  await scene.state(
    'before',
    `PRAGMA page_size = 512; CREATE TABLE a (id INTEGER PRIMARY KEY, x);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${total})
    INSERT INTO a SELECT i, printf('%0100d', i) FROM n`,
  );
  await scene.state('after', 'ALTER TABLE a ADD COLUMN y', 'before');
  await scene.state('now', `UPDATE a SET x = 'changed' WHERE id % 1000 = 0`, 'after');
  const interrupted = new Error('interrupted');
  for (const walk of [1, 2]) {
    // As a signal does: it comes while nobody looks, and is seen at the next pause.
    let isWished = false;
    let last = 0;
    const merging = scene.merge(['before', 'after', 'now'], `cut-${walk}`, {
      onRows: (done) => {
        last = done;
        isWished ||= done > (walk - 1) * total;
      },
      pause: async () => {
        if (isWished) throw interrupted;
      },
    });
    await assert.rejects(merging, interrupted);
    assert.ok(last > (walk - 1) * total && last < walk * total, `${last} rows in walk ${walk}`);
  }
});
