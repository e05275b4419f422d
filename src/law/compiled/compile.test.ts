import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bothWays, lacksShell } from '../../../test/rows/compiled.ts';
import { openScene, plainTerms } from '../../../test/rows/scene.ts';

test('new rows, changed cells and deleted rows of a keyed table are carried', async (t) => {
  if (lacksShell(t)) return;
  const scene = openScene(t);
  await scene.state(
    'before',
    `CREATE TABLE list(id INTEGER PRIMARY KEY AUTOINCREMENT, v, w, gone);
     INSERT INTO list VALUES (1, 'a', 'w', 1), (2, 'b', 'w', 2), (3, 'c', 'w', 3)`,
  );
  await scene.state(
    'after',
    'ALTER TABLE list DROP COLUMN gone; ALTER TABLE list ADD COLUMN fresh',
    'before',
  );
  await scene.state(
    'now',
    `UPDATE list SET v = 'x', fresh = 1 WHERE id = 1; DELETE FROM list WHERE id = 2;
     INSERT INTO list(v, w) VALUES ('new', 9007199254740993)`,
    'after',
  );
  const { run } = await bothWays(scene, plainTerms);
  assert.equal(
    run.output,
    'list: 1 rows inserted, 1 updated, 1 deleted\nlist.fresh: 1 cells parked: blind\n',
  );
  assert.deepEqual(scene.list('script/result.db', 'SELECT v FROM list'), ['x', 'c', 'new']);
});
