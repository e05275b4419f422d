/** Tables of users whose columns are called as those that a merge or a parked table has beside them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comesBack, rolledBack } from '../../../test/rows/scene.ts';

const names = [
  'act',
  'why',
  'Detail',
  'column',
  'value',
  'kept',
  'refused',
  'change',
  'id',
  'holder',
];
const more = [
  'image',
  'times',
  'step',
  'rest',
  'word',
  'm',
  'n',
  'key',
  'place',
  'is gone',
  'rowid of base',
];
const all = [...names, ...more];
const quoted = all.map((name) => `"${name}"`);
const values = (text: string): string => all.map((_name, n) => `'${text}${n}'`).join(', ');
const upgrade = `UPDATE list SET "kept" = 'rewritten'; ALTER TABLE list ADD COLUMN fresh`;
const cell = (name: string): string => `"${name}" = 'mine'`;

test('a key and columns of such names: carried, parked cell by cell and row by row, and back', async (t) => {
  const key = `PRIMARY KEY ("value", "column", "why", "Detail", "act", "id")`;
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE list(${quoted.join(', ')}, ${key}); INSERT INTO list VALUES (${values('a')}), (${values('b')}), (${values('c')})`,
    upgrade,
    work: `UPDATE list SET ${cell('times')}, ${cell('kept')}, fresh = 'f' WHERE "value" = 'a4';
      DELETE FROM list WHERE "value" = 'b4'; INSERT INTO list VALUES (${values('d')}, 'f')`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT "times", "kept" FROM list ORDER BY "value"'), [
    { times: 'mine', kept: 'a5' },
    { times: 'c11', kept: 'c5' },
  ]);
  assert.deepEqual(
    scene.rows(
      'back.parked',
      'SELECT "value", "backstep value", "backstep why" AS why FROM "cells:list"',
    ),
    [{ value: 'a4', 'backstep value': 'mine', why: 'rewritten' }],
  );
  assert.deepEqual(
    scene.rows(
      'back.parked',
      'SELECT "why", "backstep why" AS own, "backstep act" AS act FROM "rows:list"',
    ),
    [{ why: 'd1', own: 'rewritten', act: 'insert' }],
  );
  assert.deepEqual(report.outcome.carried, { inserted: 0, updated: 1, deleted: 1 });
  await comesBack(scene);
});

test('rows without a key, with columns of such names, come and go as often as users had it', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE list(${quoted.join(', ')}, CHECK ("act" <> 'no')); INSERT INTO list VALUES (${values('a')}), (${values('b')}), (${values('b')})`,
    upgrade: `CREATE TABLE l2(${quoted.join(', ')}, fresh); INSERT INTO l2 SELECT *, NULL FROM list; DROP TABLE list; ALTER TABLE l2 RENAME TO list`,
    work: `DELETE FROM list WHERE rowid = 2; INSERT INTO list VALUES (${values('c')}, NULL), (${values('c')}, NULL);
      INSERT INTO list VALUES ('no', ${values('d').split(', ').slice(1).join(', ')}, 'f')`,
  });
  assert.deepEqual(scene.list('back', 'SELECT "act" FROM list ORDER BY 1'), [
    'a0',
    'b0',
    'c0',
    'c0',
  ]);
  assert.deepEqual(
    scene.rows('back.parked', 'SELECT "act", "backstep why" AS why FROM "rows:list"'),
    [{ act: 'no', why: 'refused' }],
  );
  assert.deepEqual(report.outcome.carried, { inserted: 2, updated: 0, deleted: 1 });
});

test('damage in such a table stays listed, and does not come back', async (t) => {
  const rows = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
    INSERT INTO list SELECT 'a' || i, 'w', 'd', 'v' || i, 'note' FROM n`;
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE list("act", "why", "detail", "value", "column", PRIMARY KEY ("act", "why")); ${rows}`,
    upgrade: 'ALTER TABLE list ADD COLUMN fresh',
    work: `UPDATE list SET "value" = '' WHERE rowid <= 20`,
  });
  assert.deepEqual(report.outcome.parked, [{ what: 'list.value', count: 20, why: 'damage' }]);
  assert.deepEqual(scene.list('back', `SELECT count(*) FROM list WHERE "value" = ''`), [0]);
  assert.deepEqual(
    scene.list(
      'back.parked',
      `SELECT count(*) FROM "cells:list" WHERE "backstep why" = 'damage' AND "why" = 'w'`,
    ),
    [20],
  );
});

test('a column named as the hidden rowid is: changes beside it are carried', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY, rowid TEXT, word TEXT);
      INSERT INTO list VALUES (1, 'a', 'one'), (2, 'b', 'two'), (3, '9', 'three')`,
    upgrade: 'ALTER TABLE list ADD COLUMN fresh',
    work: `UPDATE list SET word = 'mine' WHERE id <> 2`,
  });
  assert.deepEqual(scene.list('back', 'SELECT word FROM list ORDER BY id'), [
    'mine',
    'two',
    'mine',
  ]);
});
