import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Database } from '../sqlite/database.ts';
import { copyRunning } from './sqlite-file.ts';

test('a database that is copied tells how many bytes of how many', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-copy-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [path, to] = [join(folder, 'live.db'), join(folder, 'copy.db')];
  {
    using db = Database.open(path);
    db.exec('CREATE TABLE t (v); INSERT INTO t VALUES (zeroblob(3000000))');
  }
  const told: [done: number, total: number][] = [];
  assert.ok(await copyRunning(path, to, (done, total) => told.push([done, total])));
  const sizeBytes = statSync(path).size;
  assert.equal(statSync(to).size, sizeBytes);
  assert.ok(told.length > 1);
  assert.ok(told.every(([done, total]) => total === sizeBytes && done > 0 && done <= total));
  const done = told.map(([each]) => each);
  assert.deepEqual(
    done,
    done.toSorted((a, b) => a - b),
  );
});
