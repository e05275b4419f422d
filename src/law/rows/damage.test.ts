import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rolledBack } from '../../../test/rows/scene.ts';
import type { MergeTerms } from './terms.ts';

const rows = (
  count: number,
): string => `CREATE TABLE list(id INTEGER PRIMARY KEY, title TEXT, note TEXT);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count}) INSERT INTO list SELECT i, 'title ' || i, 'note' FROM n`;
const upgrade = 'ALTER TABLE list ADD COLUMN fresh';

for (const { count, harm, terms, left, parked } of [
  { count: 100, harm: 'DELETE FROM list WHERE id <= 10', left: 90, parked: [] },
  {
    count: 100,
    harm: 'DELETE FROM list WHERE id <= 11',
    left: 100,
    parked: [{ what: 'list', count: 11, why: 'damage' }],
  },
  { count: 1000, harm: 'DELETE FROM list WHERE id <= 50', left: 950, parked: [] },
  {
    count: 1000,
    harm: 'DELETE FROM list WHERE id <= 51',
    left: 1000,
    parked: [{ what: 'list', count: 51, why: 'damage' }],
  },
  {
    count: 100,
    harm: `UPDATE list SET title = '' WHERE id <= 11`,
    left: 100,
    parked: [{ what: 'list.title', count: 11, why: 'damage' }],
  },
  {
    count: 100,
    harm: `UPDATE list SET title = NULL WHERE id <= 11`,
    left: 100,
    parked: [{ what: 'list.title', count: 11, why: 'damage' }],
  },
  {
    count: 100,
    harm: `UPDATE list SET title = 'x' WHERE id <= 11`,
    left: 100,
    parked: [{ what: 'list.title', count: 11, why: 'damage' }],
  },
  {
    count: 100,
    harm: `DELETE FROM list WHERE id <= 30`,
    left: 70,
    parked: [],
    terms: { carryLimits: { list: { share: 0.3, rows: 5, unattended: 'park' } } },
  },
  {
    count: 100,
    harm: `DELETE FROM list WHERE id <= 90`,
    left: 10,
    parked: [],
    terms: { carryLimits: { list: { share: 0, rows: 0, unattended: 'carry' } } },
  },
  {
    count: 100,
    harm: `DELETE FROM list WHERE id <= 2`,
    left: 100,
    parked: [{ what: 'list', count: 2, why: 'damage' }],
    terms: { carryLimits: { list: { share: 0.01, rows: 1, unattended: 'park' } } },
  },
] satisfies readonly {
  count: number;
  harm: string;
  left: number;
  parked: unknown[];
  terms?: Partial<MergeTerms>;
}[] as readonly {
  readonly count: number;
  readonly harm: string;
  readonly left: number;
  readonly parked: readonly unknown[];
  readonly terms?: Partial<MergeTerms>;
}[]) {
  test(`of ${count} rows: ${harm}${terms === undefined ? '' : ', with a limit of its own'}`, async (t) => {
    const work = `${harm}; INSERT INTO list VALUES (5000, 'made since', 'n', 'f'); UPDATE list SET fresh = 'mine' WHERE id = 99`;
    const { scene, report } = await rolledBack(t, {
      old: rows(count),
      upgrade,
      work,
      ...(terms === undefined ? {} : { terms }),
    });
    assert.deepEqual(scene.list('back', 'SELECT count(*) FROM list WHERE id < 5000'), [left]);
    assert.deepEqual(
      report.outcome.parked.filter(({ why }) => why === 'damage'),
      parked,
    );
    assert.deepEqual(scene.list('back', 'SELECT title FROM list WHERE id = 5000'), ['made since']);
    const emptied = scene.list(
      'back',
      `SELECT count(*) FROM list WHERE title IS NULL OR title = ''`,
    );
    assert.deepEqual(emptied, [0]);
  });
}

test('the report counts what was deleted, emptied and overwritten, parked or not', async (t) => {
  const work = `DELETE FROM list WHERE id <= 3; UPDATE list SET title = '' WHERE id = 5; UPDATE list SET note = 'x' WHERE id IN (6, 7)`;
  const { report } = await rolledBack(t, { old: rows(100), upgrade, work });
  assert.deepEqual(report.damage['list'], {
    rows: 100,
    deleted: 3,
    emptied: 1,
    overwritten: 2,
    parked: { deleted: false, emptied: false, overwritten: false },
  });
});
