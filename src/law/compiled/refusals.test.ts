import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rolledBack } from '../../../test/rows/scene.ts';
import { lacksShell } from '../../../test/rows/compiled.ts';

/** The upgrade takes the constraints away, so that users can store what the old shape refuses. */
const loosened = `
  CREATE TABLE made(id INTEGER PRIMARY KEY, u, v, w); INSERT INTO made SELECT id, u, v, w FROM list;
  DROP TABLE list; ALTER TABLE made RENAME TO list`;
const old = `CREATE TABLE list(id INTEGER PRIMARY KEY, u UNIQUE, v CHECK (v IS NOT 13), w);
  INSERT INTO list VALUES (5, 'a', 1, 'w'), (6, 'x', 2, 'w'), (7, 'y', 3, 'w')`;

test('a row that must stand as before takes its value back from the row that has it now', async (t) => {
  if (lacksShell(t)) return;
  const { scene } = await rolledBack(t, {
    old,
    upgrade: loosened,
    work: `UPDATE list SET v = 13, u = 'b' WHERE id = 5; UPDATE list SET u = 'a' WHERE id = 6; UPDATE list SET u = 'x' WHERE id = 7`,
  });
  assert.deepEqual(scene.list('script/result.db', 'SELECT u FROM list ORDER BY id'), [
    'a',
    'x',
    'y',
  ]);
});

test('of two rows with one unique value the one that was there before has it', async (t) => {
  if (lacksShell(t)) return;
  const { scene } = await rolledBack(t, {
    old,
    upgrade: loosened,
    work: `INSERT INTO list VALUES (2, 'q', 1, 'w'), (3, 'r', 1, 'w'); UPDATE list SET u = 'q' WHERE id = 7`,
  });
  const shown = `SELECT id || u FROM list ORDER BY id`;
  assert.deepEqual(scene.list('script/result.db', shown), ['3r', '5a', '6x', '7q']);
  assert.deepEqual(scene.rows('script/parked.db', `SELECT id, u, why FROM "rows:list"`), [
    { id: 2, u: 'q', why: 'refused' },
  ]);
});

test('a STRICT table and an integer key take no value of another type', async (t) => {
  if (lacksShell(t)) return;
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY, n INT, b BLOB, r REAL) STRICT; INSERT INTO list VALUES (1, 1, x'01', 0.5), (2, 2, x'02', 0.5)`,
    upgrade: `CREATE TABLE made(id INTEGER PRIMARY KEY, n, b, r); INSERT INTO made SELECT * FROM list;
      DROP TABLE list; ALTER TABLE made RENAME TO list`,
    work: `UPDATE list SET n = 'text' WHERE id = 1; INSERT INTO list VALUES (3, 3, 'text', 1), (4, 4, x'04', 1), (5, 5, x'', 'no')`,
    terms: {
      decisions: ['n', 'b', 'r'].map((name) => ({
        place: `list.${name}`,
        choice: 'as-is',
        by: 'test',
        at: '',
        evidence: '',
      })),
    },
  });
  assert.deepEqual(scene.list('script/result.db', 'SELECT id || n FROM list'), ['11', '22', '44']);
});
