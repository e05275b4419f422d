import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comesBack, rolledBack } from '../../../test/rows/scene.ts';
import type { Choice, Decision } from '../place.ts';

const decided = (place: string, choice: Choice): Decision => ({
  place,
  choice,
  by: 'operator',
  at: '2026-01-31T04:30:00Z',
  evidence: 'a test',
});
/** Dollars become cents: no name and no type tells. */
const old = `CREATE TABLE bills(id INTEGER PRIMARY KEY, amount INT DEFAULT 1, note TEXT); INSERT INTO bills VALUES (1, 10, 'a'), (2, 20, 'b'), (3, 30, 'c')`;
const upgrade = 'UPDATE bills SET amount = amount * 100';
const work = `UPDATE bills SET amount = 2500 WHERE id = 2; UPDATE bills SET note = 'mine' WHERE id = 3; INSERT INTO bills VALUES (4, 4000, 'd')`;
const amounts = 'SELECT amount FROM bills ORDER BY id';

test('a rewritten column: by default changed cells keep the old value, and new rows are parked whole', async (t) => {
  const { scene, report } = await rolledBack(t, { old, upgrade, work });
  assert.deepEqual(scene.list('back', amounts), [10, 20, 30]);
  assert.deepEqual(scene.list('back', 'SELECT note FROM bills WHERE id = 3'), ['mine']);
  assert.deepEqual(report.outcome.parked, [
    { what: 'bills.amount', count: 1, why: 'rewritten' },
    { what: 'bills', count: 1, why: 'rewritten' },
  ]);
  assert.deepEqual(scene.rows('back.parked', 'SELECT "value", "kept" FROM "cells:bills"'), [
    { value: 2500, kept: 20 },
  ]);
  await comesBack(scene);
});

for (const [choice, expected, parked] of [
  ['as-is', [10, 2500, 30, 4000], []],
  ['park', [10, 20, 30], ['bills.amount', 'bills']],
  ['before', [10, 20, 30, 1], ['bills.amount']],
] as const) {
  test(`a rewritten column that was decided ${choice}`, async (t) => {
    const decisions = [decided('bills.amount', choice)];
    const { scene, report } = await rolledBack(t, { old, upgrade, work, terms: { decisions } });
    assert.deepEqual(scene.list('back', amounts), expected);
    assert.deepEqual([...new Set(report.outcome.parked.map(({ what }) => what))], parked);
    await comesBack(scene);
  });
}

test('a cell that was turned back into what the old release had is in its place, whatever other rows hold', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE item(id INTEGER PRIMARY KEY, a, b); INSERT INTO item VALUES (1, 'x', 'b'), (2, 'x', 'b'), (3, 'x', 'b')`,
    upgrade: `UPDATE item SET a = a || '!'`,
    work: `UPDATE item SET a = 'x' WHERE id = 1; UPDATE item SET a = 'y' WHERE id = 2`,
  });
  assert.deepEqual(scene.list('back', 'SELECT a FROM item'), ['x', 'x', 'x']);
  assert.deepEqual(report.outcome.parked, [{ what: 'item.a', count: 1, why: 'rewritten' }]);
  await comesBack(scene);
});

test('in a mixed column, cells that the upgrade left alone are carried', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old,
    upgrade: 'UPDATE bills SET amount = amount * 100 WHERE id = 2',
    work: 'UPDATE bills SET amount = 7',
  });
  assert.deepEqual(scene.list('back', amounts), [7, 20, 7]);
  assert.deepEqual(report.outcome.parked, [{ what: 'bills.amount', count: 1, why: 'rewritten' }]);
});

test('an empty table proves nothing: the same column is carried, another type is parked', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: 'CREATE TABLE a(id INTEGER PRIMARY KEY, v TEXT, w TEXT); CREATE TABLE b(id INTEGER PRIMARY KEY, v TEXT)',
    upgrade: 'DROP TABLE b; CREATE TABLE b(id INTEGER PRIMARY KEY, v INTEGER)',
    work: `INSERT INTO a VALUES (1, 'v', 'w'); INSERT INTO b VALUES (1, 5)`,
  });
  assert.deepEqual(scene.list('back', 'SELECT v FROM a'), ['v']);
  assert.deepEqual(scene.list('back', 'SELECT v FROM b'), []);
  assert.deepEqual(report.outcome.parked, [{ what: 'b', count: 1, why: 'unproven' }]);
  assert.deepEqual(
    report.findings.map(({ faith }) => faith),
    ['unproven', 'unproven', 'unproven', 'unproven', 'unproven'],
  );
  await comesBack(scene);
});

test('a word that the map does not know and the old release never stored is parked', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY, status TEXT, n); INSERT INTO list VALUES (1, 'done', 1), (2, 'failed', 2)`,
    upgrade: `UPDATE list SET status = 'completed' WHERE status = 'done'`,
    work: `UPDATE list SET status = 'paused' WHERE id = 1; UPDATE list SET status = 'completed' WHERE id = 2; INSERT INTO list VALUES (3, 'paused', 3), (4, 'failed', 4)`,
    terms: { lenses: { list: { map: { status: { completed: 'done' } } } } },
  });
  assert.deepEqual(scene.list('back', 'SELECT status FROM list ORDER BY id'), [
    'done',
    'done',
    'failed',
  ]);
  assert.deepEqual(report.outcome.parked, [
    { what: 'list.status', count: 1, why: 'refused' },
    { what: 'list', count: 1, why: 'refused' },
  ]);
  await comesBack(scene);
});

test('ids that the upgrade shifted: a new row under an id that the old state has is parked', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY, v, w); INSERT INTO list VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z')`,
    upgrade: 'UPDATE list SET id = id + 10',
    work: `INSERT INTO list VALUES (2, 'new', 'n'), (50, 'far', 'f')`,
  });
  assert.deepEqual(scene.list('back', 'SELECT v FROM list ORDER BY id'), ['a', 'b', 'c', 'far']);
  assert.deepEqual(report.outcome.parked, [{ what: 'list', count: 1, why: 'rewritten' }]);
  assert.equal(report.findings.find(({ place }) => place === 'list')?.faith, 'rewritten');
});

test('JSON cells of rewritten documents merge by path', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE p(id INTEGER PRIMARY KEY, doc TEXT); INSERT INTO p VALUES (1, '{"theme": "dark", "n": 1.0}')`,
    upgrade: `UPDATE p SET doc = json_set(doc, '$.schema', 2)`,
    work: `UPDATE p SET doc = json_set(doc, '$.theme', 'light', '$.zoom', 3)`,
  });
  const cell = String(scene.list('back', 'SELECT doc FROM p')[0]);
  assert.match(cell, /"theme": "light"/);
  assert.match(cell, /1\.0/);
  assert.doesNotMatch(cell, /schema/);
  assert.deepEqual(
    report.outcome.parked.filter(({ why }) => why === 'refused'),
    [],
  );
});

test('a select whose rows depend on other rows is compared by what it yields', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY, rank INT, note); INSERT INTO list VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c')`,
    upgrade: 'ALTER TABLE list DROP COLUMN rank',
    work: 'DELETE FROM list WHERE id = 1',
    terms: {
      lenses: {
        list: {
          key: ['id'],
          select: 'SELECT id, row_number() OVER (ORDER BY id) AS rank, note FROM list',
        },
      },
    },
  });
  assert.deepEqual(scene.rows('back', 'SELECT id, rank FROM list'), [
    { id: 2, rank: 1 },
    { id: 3, rank: 2 },
  ]);
});
