import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fc } from '../../../test/chance.ts';
import { nodeDisk } from '../../host/node-disk.ts';
import { Database } from '../database.ts';
import { everyRowid, soundRowids, type RowidRange } from './sound-rows.ts';

function fileOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-pages-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'table.db');
}

function known(path: string): readonly RowidRange[] {
  using db = Database.open(path, { isClosed: true });
  const root = db.count(`SELECT rootpage FROM sqlite_schema WHERE name = 't'`);
  return soundRowids(nodeDisk, { path, root });
}

const act = fc.record({
  what: fc.constantFrom('insert', 'insert', 'insert', 'delete', 'update'),
  id: fc.oneof(
    fc.integer({ min: -40, max: 400 }).map(BigInt),
    fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 40n, 127n, 128n, 16_384n),
  ),
  sizeBytes: fc.constantFrom(0, 1, 20, 300, 1000, 5000, 70_000),
});

test('of a sound table every rowid is known, whatever was done to it', (t) => {
  const path = fileOf(t);
  const history = fc.array(act, { maxLength: 120 });
  const property = fc.property(
    fc.constantFrom(512, 1024, 4096, 65_536),
    history,
    (pageSize, acts) => {
      rmSync(path, { force: true });
      const db = Database.open(path);
      db.exec(`PRAGMA page_size = ${pageSize}; CREATE TABLE t (id INTEGER PRIMARY KEY, v); BEGIN`);
      for (const { what, id, sizeBytes } of acts) {
        if (what === 'insert')
          db.change(`INSERT OR IGNORE INTO t VALUES (?, zeroblob(${sizeBytes}))`, id);
        if (what === 'delete') db.change('DELETE FROM t WHERE id BETWEEN ? AND ? + 20', id, id);
        if (what === 'update')
          db.change(`UPDATE t SET v = zeroblob(${sizeBytes}) WHERE id = ?`, id);
      }
      db.exec('COMMIT');
      db.close();
      assert.deepEqual(known(path), [everyRowid]);
    },
  );
  fc.assert(property, { numRuns: 100 });
});

/** 300 rows on many pages of 512 bytes, of which every tenth goes on elsewhere. */
function filled(t: TestContext): { readonly path: string; readonly bytes: Buffer } {
  const path = fileOf(t);
  {
    using db = Database.open(path);
    db.exec(`PRAGMA page_size = 512; CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
      INSERT INTO t SELECT i, 'row ' || i || ' ' || printf('%.*c', iif(i % 10 = 0, 900, 40), 'x') FROM n`);
  }
  return { path, bytes: readFileSync(path) };
}

const pageOf = (bytes: Buffer, text: string): number => Math.floor(bytes.indexOf(text) / 512) * 512;

test('a leaf with fewer cells than it had: what it held is not known, its neighbours are', (t) => {
  const { path, bytes } = filled(t);
  const page = pageOf(bytes, 'row 155 ');
  bytes.writeUInt16BE(bytes.readUInt16BE(page + 3) - 1, page + 3);
  writeFileSync(path, bytes);
  const [low, high, ...others] = known(path);
  assert.deepEqual(others, []);
  assert.equal(low?.lo, everyRowid.lo);
  assert.equal(high?.hi, everyRowid.hi);
  assert.ok((low?.hi ?? 0n) < 155n && (low?.hi ?? 0n) > 140n, String(low?.hi));
  assert.ok((high?.lo ?? 0n) > 155n && (high?.lo ?? 0n) < 170n, String(high?.lo));
});

test('a row of which the end is lost is not known, the others of its leaf are', (t) => {
  const { path, bytes } = filled(t);
  const leaf = pageOf(bytes, 'row 150 ');
  // A row that goes on elsewhere ends with the number of the page.
  const read = known(path);
  assert.deepEqual(read, [everyRowid]);
  const start = bytes.indexOf('row 150 ');
  let end = start;
  while (bytes[end] === 0x20 || (bytes[end] ?? 0) >= 0x30) end += 1;
  const next = bytes.readUInt32BE(end);
  assert.ok(end < leaf + 512 && next > 2 && next * 512 <= bytes.length, `page ${next}`);
  bytes.fill(0xa5, (next - 1) * 512, next * 512);
  writeFileSync(path, bytes);
  assert.deepEqual(known(path), [
    { lo: everyRowid.lo, hi: 149n },
    { lo: 151n, hi: everyRowid.hi },
  ]);
});

test('a page that another one has taken the place of is not known', (t) => {
  const { path, bytes } = filled(t);
  const [page, other] = [pageOf(bytes, 'row 155 '), pageOf(bytes, 'row 215 ')];
  bytes.copy(bytes, page, other, other + 512);
  writeFileSync(path, bytes);
  assert.ok(!known(path).some(({ lo, hi }) => lo <= 155n && 155n <= hi));
  assert.ok(known(path).some(({ lo, hi }) => lo <= 215n && 215n <= hi));
});

test('of what is no database, and of no table, nothing is known', (t) => {
  const { path, bytes } = filled(t);
  for (const root of [0, 1, 9_999]) assert.deepEqual(soundRowids(nodeDisk, { path, root }), []);
  writeFileSync(path, bytes.subarray(0, 1024).fill(0x5a));
  assert.deepEqual(soundRowids(nodeDisk, { path, root: 2 }), []);
});
