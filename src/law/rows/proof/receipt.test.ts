import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openScene } from '../../../../test/rows/scene.ts';
import { differencesOf, tableStatesOf } from './receipt.ts';

const shape = 'CREATE TABLE t(id INTEGER PRIMARY KEY, v, w TEXT)';

test('the digest does not depend on the order of rows, and each value, type and repetition counts', async (t) => {
  const scene = openScene(t);
  const states = {
    'a b': `CREATE TABLE t(v); INSERT INTO t VALUES ('a'), ('b')`,
    'b a': `CREATE TABLE t(v); INSERT INTO t VALUES ('b'), ('a')`,
    'a b b': `CREATE TABLE t(v); INSERT INTO t VALUES ('a'), ('b'), ('b')`,
    'a b c c': `CREATE TABLE t(v); INSERT INTO t VALUES ('a'), ('b'), ('c'), ('c')`,
    'a b d d': `CREATE TABLE t(v); INSERT INTO t VALUES ('a'), ('b'), ('d'), ('d')`,
    one: `CREATE TABLE t(v); INSERT INTO t VALUES (1)`,
    'one real': `CREATE TABLE t(v); INSERT INTO t VALUES (1.0)`,
    'one text': `CREATE TABLE t(v); INSERT INTO t VALUES ('1')`,
    'one blob': `CREATE TABLE t(v); INSERT INTO t VALUES (x'31')`,
    'after NUL': `CREATE TABLE t(v); INSERT INTO t VALUES (CAST(x'610062' AS TEXT))`,
    'other after NUL': `CREATE TABLE t(v); INSERT INTO t VALUES (CAST(x'610063' AS TEXT))`,
    'no UTF-8': `CREATE TABLE t(v); INSERT INTO t VALUES (CAST(x'61ff' AS TEXT))`,
    'other no UTF-8': `CREATE TABLE t(v); INSERT INTO t VALUES (CAST(x'61fe' AS TEXT))`,
    large: `CREATE TABLE t(v); INSERT INTO t VALUES (9007199254740993)`,
    'large and one less': `CREATE TABLE t(v); INSERT INTO t VALUES (9007199254740992)`,
    'no value': `CREATE TABLE t(v); INSERT INTO t VALUES (NULL)`,
    'no row': `CREATE TABLE t(v)`,
  };
  const digests = new Map<string, string>();
  for (const [name, sql] of Object.entries(states)) {
    await scene.state(name, sql);
    const state = tableStatesOf(scene.file(name))['t'];
    digests.set(name, `${state?.rows} ${state?.digest}`);
  }
  assert.equal(digests.get('a b'), digests.get('b a'));
  digests.delete('b a');
  assert.equal(new Set(digests.values()).size, digests.size, JSON.stringify([...digests], null, 1));
  assert.match(digests.get('a b') ?? '', /^2 [0-9a-f]{16}$/);
});

test('a wide table has a digest too', async (t) => {
  const scene = openScene(t);
  const columns = Array.from({ length: 1_500 }, (_, n) => `c${n}`);
  await scene.state(
    'one',
    `CREATE TABLE t(${columns.join(', ')}); INSERT INTO t (c0, c1499) VALUES (1, 2)`,
  );
  await scene.state('other', 'UPDATE t SET c1499 = 3', 'one');
  const digest = (name: string): string | undefined => tableStatesOf(scene.file(name))['t']?.digest;
  assert.notEqual(digest('one'), digest('other'));
});

test('differences are told by table, row and column; equal tables are left out', async (t) => {
  const scene = openScene(t);
  const rows = `INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c')`;
  await scene.state('one', `${shape}; ${rows}; CREATE TABLE same(v); INSERT INTO same VALUES (1)`);
  await scene.state(
    'other',
    `DELETE FROM t WHERE id = 1; UPDATE t SET w = 'x' WHERE id = 2; INSERT INTO t VALUES (4, 4, 'd'), (5, 5, 'e');
     CREATE TABLE added(v)`,
    'one',
  );
  assert.deepEqual(differencesOf(scene.file('one'), scene.file('other')), [
    { table: 't', rows: { inserted: 2, updated: 1, deleted: 1 }, columns: { w: 1 } },
    { table: 'added', rows: null, columns: {} },
  ]);
  assert.deepEqual(differencesOf(scene.file('one'), scene.file('one')), []);
});
