import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { nodeDisk } from '../../host/node-disk.ts';
import { Database } from '../database.ts';
import { compareTables, type Compared } from './compare-tables.ts';
import { fc } from '../../../test/chance.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-pages-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function run(path: string, sql: string): void {
  using db = Database.open(path);
  db.exec(`PRAGMA synchronous = OFF; ${sql}`);
}

function rootOf(path: string): number {
  using db = Database.open(path, { readOnly: true });
  return db.count(`SELECT rootpage FROM sqlite_schema WHERE name = 't'`);
}

function told(
  left: string,
  right: string,
): { readonly ids: string[]; readonly others: string[]; readonly counts: Compared | null } {
  const ids: string[] = [];
  const others: string[] = [];
  const counts = compareTables(
    nodeDisk,
    {
      left: { path: left, root: rootOf(left) },
      right: { path: right, root: rootOf(right) },
    },
    {
      tell: (rowid, holder, isOther) => {
        ids.push(`${rowid} ${holder}`);
        if (isOther) others.push(rowid);
      },
    },
  );
  return { ids: ids.toSorted(), others, counts };
}

/** What SQLite itself finds different, in columns that keep every value as it is. */
function different(left: string, right: string): string[] {
  using db = Database.open(left, { readOnly: true });
  db.attach('other', right, { readOnly: true });
  const side = (one: string, two: string, holder: string): string => `
    SELECT CAST(a.rowid AS TEXT) || iif(b.rowid IS NULL, ' ${holder}', ' both') FROM ${one}.t AS a LEFT JOIN ${two}.t AS b ON b.rowid = a.rowid
    WHERE b.rowid IS NULL OR quote(a.v) IS NOT quote(b.v) OR typeof(a.v) <> typeof(b.v) OR hex(a.w) IS NOT hex(b.w)`;
  return db
    .texts(`${side('main', 'other', 'left')} UNION ${side('other', 'main', 'right')}`)
    .toSorted();
}

const rowid = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 400 }).map(String) },
  fc.constantFrom(
    '0',
    '-1',
    '127',
    '128',
    '16383',
    '16384',
    '4294967295',
    '4294967296',
    '-4294967296',
    '9007199254740993',
    '-9007199254740993',
    '9223372036854775807',
    '-9223372036854775808',
  ),
);
const value = fc.constantFrom(
  'NULL',
  '0',
  '1',
  '1.0',
  "'1'",
  "x'31'",
  '9007199254740993',
  '-1e300',
);
/** From nothing to rows of several pages. */
const size = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.constantFrom(460, 480, 489, 520, 980, 1020, 4061, 4062, 4096, 20_000),
);
const edit = fc.oneof(
  fc
    .tuple(rowid, value, size)
    .map(
      ([id, v, n]) => `INSERT OR REPLACE INTO t(rowid, v, w) VALUES (${id}, ${v}, zeroblob(${n}))`,
    ),
  fc.tuple(rowid, value).map(([id, v]) => `UPDATE t SET v = ${v} WHERE rowid = ${id}`),
  fc
    .tuple(rowid, fc.integer({ min: 1, max: 30_000 }))
    .map(
      ([id, n]) =>
        `UPDATE t SET w = CAST(substr(w, 1, ${n} - 1) || 'x' || substr(w, ${n} + 1) AS BLOB) WHERE rowid = ${id} AND length(w) >= ${n}`,
    ),
  rowid.map((id) => `DELETE FROM t WHERE rowid = ${id}`),
  fc
    .tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 60 }))
    .map(([from, n]) => `DELETE FROM t WHERE rowid BETWEEN ${from} AND ${from} + ${n}`),
  fc.constant('VACUUM'),
);

test('every row that differs is told, none that SQLite stored once for both, and all rows are counted', (t) => {
  const folder = folderOf(t);
  let round = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(512, 1024, 4096, 65_536),
      fc.array(edit, { maxLength: 20 }),
      fc.array(edit, { maxLength: 20 }),
      (pageSize, before, since) => {
        round++;
        const [left, right] = [join(folder, `${round}.left`), join(folder, `${round}.right`)];
        run(
          left,
          `PRAGMA page_size = ${pageSize}; CREATE TABLE t(v, w BLOB);
           WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
           INSERT INTO t SELECT i, zeroblob(i % 90) FROM n; ${before.join(';')}`,
        );
        nodeDisk.copy(left, right);
        run(right, since.join(';'));
        const found = told(left, right);
        assert.deepEqual(found.ids, different(left, right));
        using db = Database.open(left, { readOnly: true });
        db.attach('other', right, { readOnly: true });
        assert.equal(found.counts?.left, db.count('SELECT count(*) FROM main.t'));
        assert.equal(found.counts?.right, db.count('SELECT count(*) FROM other.t'));
        const isOther =
          db.count(`SELECT count(*) FROM main.t AS a JOIN other.t AS b ON b.rowid = a.rowid
          WHERE a.rowid IN (${found.others.join(', ')}) AND (a.v IS NOT b.v OR a.w IS NOT b.w)`);
        assert.equal(isOther, found.others.length);
        const columns =
          db.all(`SELECT coalesce(max(quote(a.v) IS NOT quote(b.v) OR typeof(a.v) <> typeof(b.v)), 0) AS v,
          coalesce(max(hex(a.w) IS NOT hex(b.w)), 0) AS w FROM main.t AS a JOIN other.t AS b ON b.rowid = a.rowid`)[0];
        const expected = [columns?.['v'] === 1 ? [0] : [], columns?.['w'] === 1 ? [1] : []].flat();
        if (found.counts?.columns !== null) {
          assert.deepEqual(new Set(found.counts?.columns), new Set(expected));
        }
      },
    ),
    { numRuns: Number(process.env['BACKSTEP_LAW_RUNS'] ?? 40) },
  );
});

test('another value is told only where SQL finds one', (t) => {
  const folder = folderOf(t);
  const [left, right] = [join(folder, 'left'), join(folder, 'right')];
  const pairs = [
    ['0.0', '-0.0'],
    ['1', '1.0'],
    ['1', '300'],
    ["'a'", "'b'"],
    ["'a'", "'ab'"],
    ["'1'", "x'31'"],
    ['NULL', "''"],
    ['7', '8'],
    ["x''", "x'00'"],
  ] as const;
  const rows = (side: 0 | 1): string => pairs.map((pair) => `(${pair[side]})`).join(', ');
  run(left, `CREATE TABLE t(v); INSERT INTO t VALUES ${rows(0)}`);
  run(right, `CREATE TABLE t(v); INSERT INTO t VALUES ${rows(1)}`);
  const found = told(left, right);
  assert.deepEqual(found.ids.length, pairs.length);
  assert.deepEqual(found.others, ['4', '5', '7', '8', '9']);
});

test('files that are laid out in two ways, or are no database, tell nothing', (t) => {
  const folder = folderOf(t);
  const at = (name: string): string => join(folder, name);
  const rows = 'CREATE TABLE t(v, w); INSERT INTO t VALUES (1, 2)';
  run(at('small'), `PRAGMA page_size = 512; ${rows}`);
  run(at('large'), `PRAGMA page_size = 4096; ${rows}`);
  run(at('wide'), `PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-16'; ${rows}`);
  nodeDisk.copy(at('large'), at('edited'));
  run(at('edited'), 'UPDATE t SET w = 3');
  assert.deepEqual([...(told(at('large'), at('edited')).counts?.columns ?? [])], [1]);
  assert.equal(told(at('small'), at('large')).counts, null);
  assert.equal(told(at('large'), at('wide')).counts, null);
  writeFileSync(at('none'), 'no database at all');
  const pair = (root: number): Parameters<typeof compareTables>[1] => ({
    left: { path: at('large'), root },
    right: { path: at('large'), root },
  });
  const other = { path: at('none'), root: 2 };
  assert.equal(compareTables(nodeDisk, { ...pair(2), right: other }, { tell: () => {} }), null);
  assert.equal(compareTables(nodeDisk, pair(1), { tell: () => {} }), null);
  assert.equal(compareTables(nodeDisk, pair(77), { tell: () => {} }), null);
});
