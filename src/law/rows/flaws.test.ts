/** Flaws that are put into the merge on purpose: the laws must catch every one of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Database } from '../../sqlite/database.ts';
import { complete, surviving, unchanged } from '../../../test/rows/laws.ts';
import { fc } from '../../../test/chance.ts';

/** Alters a statement of the merge before SQLite sees it. */
type Flaw = (sql: string) => string;

const dropping =
  (pattern: RegExp): Flaw =>
  (sql) =>
    pattern.test(sql) ? 'SELECT 1' : sql;
const replacing =
  (pattern: RegExp, by: string): Flaw =>
  (sql) =>
    sql.replaceAll(pattern, by);

/** With this seed each flaw shows long before the last run. */
const runs = { numRuns: 500, seed: 42, endOnFailure: true };

const unchangedFails = (): Promise<boolean> =>
  fc.check(unchanged, runs).then(({ failed }) => failed);
const completeFails = (): Promise<boolean> => fc.check(complete, runs).then(({ failed }) => failed);
const survivingFails = (): Promise<boolean> =>
  fc.check(surviving, runs).then(({ failed }) => failed);

for (const { name, flaw, fails } of [
  {
    name: 'a number is given out that was never used',
    flaw: replacing(/max\(seq, /g, 'max(seq + 1, '),
    fails: unchangedFails,
  },
  {
    name: 'deletions are not carried',
    flaw: dropping(/^\s*DELETE FROM main\./),
    fails: completeFails,
  },
  {
    name: 'changed cells of rows that stay are not written',
    flaw: dropping(/^\s*UPDATE main\.[^]*FROM scratch\."image:/),
    fails: completeFails,
  },
  {
    name: 'what only the new release has is not parked',
    flaw: dropping(/^\s*INSERT INTO parked\."blind cells:/),
    fails: completeFails,
  },
  {
    name: 'references that lead nowhere are left',
    flaw: replacing(/(CREATE TABLE scratch\."missing parents" AS SELECT[^]*)$/g, '$1 LIMIT 0'),
    fails: completeFails,
  },
  {
    name: 'new rows are not placed',
    flaw: dropping(/^\s*INSERT INTO main\./),
    fails: survivingFails,
  },
  {
    name: 'rows without a key come once, however often they were added',
    flaw: replacing(/WHERE rest > 1/g, 'WHERE 0'),
    fails: survivingFails,
  },
]) {
  test(`${name}: a law says so`, async (t) => {
    const { exec, all } = Object.getOwnPropertyDescriptors(Database.prototype);
    t.mock.method(Database.prototype, 'exec', function (this: Database, sql: string) {
      exec.value?.call(this, flaw(sql));
    });
    t.mock.method(
      Database.prototype,
      'all',
      function (this: Database, sql: string, ...values: string[]) {
        return all.value?.call(this, flaw(sql), ...values);
      },
    );
    assert.equal(await fails(), true);
  });
}
