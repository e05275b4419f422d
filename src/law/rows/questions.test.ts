/** What a person is asked about a rollback's data. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comesBack, rolledBack } from '../../../test/rows/scene.ts';
import type { Choice, Decision } from '../place.ts';

const rows = (
  count: number,
): string => `CREATE TABLE list(id INTEGER PRIMARY KEY, title TEXT, state TEXT);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
  INSERT INTO list SELECT i, 'title ' || i, 'state ' || i FROM n`;
const decided = (place: string, choice: Choice, by = 'operator'): Decision => {
  return { place, choice, by, at: '2026-01-01T00:00:00.000Z', evidence: '' };
};

const damage = { kind: 'damage', place: 'list', total: 100, choices: ['park', 'as-is'] } as const;
const harm = 'DELETE FROM list WHERE id <= 30';

test('damage above the limit is asked about, and carried where a person says that it is work', async (t) => {
  const upgrade = 'ALTER TABLE list ADD COLUMN fresh';
  const asked = await rolledBack(t, { old: rows(100), upgrade, work: harm });
  assert.deepEqual(asked.report.questions, [{ ...damage, count: 30 }]);
  assert.deepEqual(asked.scene.list('back', 'SELECT count(*) FROM list'), [100]);
  for (const [choice, left] of [
    ['park', 100],
    ['as-is', 70],
  ] as const) {
    const terms = { decisions: [decided('list', choice)] };
    const { scene, report } = await rolledBack(t, { old: rows(100), upgrade, work: harm, terms });
    assert.deepEqual(report.questions, []);
    assert.deepEqual(scene.list('back', 'SELECT count(*) FROM list'), [left]);
  }
});

test('within the limit nothing is asked, nor where the manifest carries all of it', async (t) => {
  const upgrade = 'ALTER TABLE list ADD COLUMN fresh';
  const few = await rolledBack(t, {
    old: rows(100),
    upgrade,
    work: 'DELETE FROM list WHERE id < 5',
  });
  assert.deepEqual(few.report.questions, []);
  const terms = {
    carryLimits: { list: { share: 0.05, rows: 10, unattended: 'carry' as const } },
  };
  const carried = await rolledBack(t, { old: rows(100), upgrade, work: harm, terms });
  assert.deepEqual(carried.report.questions, []);
});

test('of a table without a key as well', async (t) => {
  const old = `CREATE TABLE list(title TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
    INSERT INTO list SELECT 'title ' || i FROM n`;
  const work = 'DELETE FROM list WHERE rowid <= 30';
  const upgrade = 'CREATE TABLE other(id INTEGER PRIMARY KEY)';
  const { report } = await rolledBack(t, { old, upgrade, work });
  assert.deepEqual(report.questions, [{ ...damage, count: 30 }]);
  const terms = { decisions: [decided('list', 'as-is')] };
  const { scene, report: told } = await rolledBack(t, { old, upgrade, work, terms });
  assert.deepEqual(told.questions, []);
  assert.deepEqual(scene.list('back', 'SELECT count(*) FROM list'), [70]);
});

/** Every state is rewritten by no rule that could be found, so that new rows have no word for it. */
const rewritten = `UPDATE list SET state = hex(state)`;
const many = (count: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT 201 UNION ALL SELECT i + 1 FROM n WHERE i < ${200 + count})
   INSERT INTO list SELECT i, 'new ' || i, 'x' FROM n`;

test('where one column keeps every new row away, what is to stand in it is asked', async (t) => {
  const asked = await rolledBack(t, { old: rows(100), upgrade: rewritten, work: many(12) });
  const place = 'list.state';
  assert.deepEqual(asked.report.questions, [
    { kind: 'new-rows', place, count: 12, total: 12, choices: ['park', 'as-is', 'before'] },
  ]);
  await comesBack(asked.scene);
  for (const [choice, state] of [
    ['as-is', 'x'],
    ['before', null],
  ] as const) {
    const terms = { decisions: [decided(place, choice)] };
    const work = many(12);
    const { scene, report } = await rolledBack(t, {
      old: rows(100),
      upgrade: rewritten,
      work,
      terms,
    });
    assert.deepEqual(report.questions, []);
    const states = `SELECT DISTINCT state FROM list WHERE id > 200`;
    assert.deepEqual(scene.list('back', states), [state]);
    assert.deepEqual(scene.list('back', 'SELECT count(*) FROM list'), [112]);
  }
});

test('a default that nobody was asked about is no answer; a few rows, or one that is carried, ask nothing', async (t) => {
  const terms = { decisions: [decided('list.state', 'park', 'default')] };
  const asked = await rolledBack(t, { old: rows(100), upgrade: rewritten, work: many(12), terms });
  assert.equal(asked.report.questions.length, 1);
  const few = await rolledBack(t, { old: rows(100), upgrade: rewritten, work: many(9) });
  assert.deepEqual(few.report.questions, []);
});

test('where a constraint of the old shape refuses every new row, it is told', async (t) => {
  const old = `CREATE TABLE list(id INTEGER PRIMARY KEY, title TEXT CHECK (length(title) < 9));
    INSERT INTO list VALUES (1, 'short')`;
  const upgrade = `CREATE TABLE wider(id INTEGER PRIMARY KEY, title TEXT); INSERT INTO wider SELECT * FROM list;
    DROP TABLE list; ALTER TABLE wider RENAME TO list`;
  const refused = await rolledBack(t, {
    old,
    upgrade,
    work: many(11).replace(`'new ' || i, 'x'`, `'much longer ' || i`),
  });
  assert.deepEqual(refused.report.questions, [
    { kind: 'new-rows', place: 'list', count: 11, total: 11, choices: ['park'] },
  ]);
});

test('rows that are marked as deleted or private in the new way alone are asked about: they are shown again', async (t) => {
  const { report } = await rolledBack(t, {
    old: rows(20),
    upgrade: `ALTER TABLE list ADD COLUMN deleted_at TEXT; ALTER TABLE list ADD COLUMN isPrivate INTEGER DEFAULT 0;
      ALTER TABLE list ADD COLUMN color TEXT`,
    work: `UPDATE list SET deleted_at = '2026-01-01' WHERE id IN (2, 3); UPDATE list SET isPrivate = 1 WHERE id = 4;
      UPDATE list SET isPrivate = NULL WHERE id = 5; UPDATE list SET color = 'red' WHERE id = 6`,
  });
  const exposed = { kind: 'exposed', total: 20, choices: ['park'] };
  assert.deepEqual(report.questions, [
    { ...exposed, place: 'list.deleted_at', count: 2 },
    { ...exposed, place: 'list.isPrivate', count: 1 },
  ]);
});

test('a table that the old shape lacks shows nothing', async (t) => {
  const { report } = await rolledBack(t, {
    old: rows(20),
    upgrade: `CREATE TABLE notes(id INTEGER PRIMARY KEY, hidden INTEGER); INSERT INTO notes VALUES (1, 0)`,
    work: 'UPDATE notes SET hidden = 1',
  });
  assert.deepEqual(report.questions, []);
});
