import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rolledBack } from '../../../../test/rows/scene.ts';

test('a rewritten column may hold integers beyond 2^53', async (t) => {
  const { report } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY, v);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
      INSERT INTO list SELECT i, iif(i % 2, 9007199254740993, 'word') FROM n`,
    upgrade: `UPDATE list SET v = v || '!'`,
    work: `UPDATE list SET v = 'mine' WHERE id = 1`,
  });
  const finding = report.findings.find(({ place }) => place === 'list.v');
  assert.equal(finding?.faith, 'rewritten');
  assert.equal(finding?.provenMap, null);
  assert.deepEqual(report.outcome.parked, [{ what: 'list.v', count: 1, why: 'rewritten' }]);
});
