import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BackstepError } from '../fault/backstep-error.ts';
import { Database } from './database.ts';
import { asRefusal } from './refusal.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

function codeOf(work: () => unknown): string {
  const refusal = asRefusal(thrownBy(work));
  assert.ok(refusal instanceof BackstepError);
  return refusal.code;
}

test('what the machine refuses SQLite is told with a code, what a statement does wrong stays as it is', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-refusal-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'a.db');
  using db = Database.open(path);
  db.exec('CREATE TABLE t (x); PRAGMA max_page_count = 3');
  assert.equal(
    codeOf(() => db.change('INSERT INTO t VALUES (zeroblob(20000))')),
    'disk/full',
  );
  using reader = Database.open(path, { readOnly: true });
  assert.equal(
    codeOf(() => reader.exec('DELETE FROM t')),
    'disk/read-only',
  );
  assert.equal(
    codeOf(() => Database.open(join(folder, 'none', 'a.db')).close()),
    'disk/failed',
  );
  db.exec('BEGIN EXCLUSIVE');
  using waiting = Database.open(path, { busyTimeoutMs: 1 });
  assert.equal(
    codeOf(() => waiting.all('SELECT * FROM t')),
    'disk/busy',
  );
  const mistaken = thrownBy(() => db.exec('SELECT * FROM nowhere'));
  assert.equal(asRefusal(mistaken), mistaken);
});
