/** Statements of the merge are altered on their way to SQLite: its own reconciliation must notice each of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scene } from '../../../../test/rows/scene.ts';
import { Database } from '../../../sqlite/database.ts';

const flaws: readonly { readonly name: string; readonly at: RegExp; readonly by: string }[] = [
  {
    name: 'changed cells are not written',
    at: /^\s*UPDATE main\.[^]*FROM scratch\."image:notes"[^]*$/,
    by: 'SELECT 1',
  },
  { name: 'new rows are not placed', at: /^\s*INSERT INTO main\."marks"[^]*$/, by: 'SELECT 1' },
  { name: 'deletions are not carried', at: /^\s*DELETE FROM main\."notes"[^]*$/, by: 'SELECT 1' },
  {
    name: 'a deletion takes its neighbour too',
    at: /^(\s*DELETE FROM main\."notes" WHERE )("id")( IN [^]*)$/,
    by: '$1$2$3 OR $2 = 11',
  },
  {
    name: 'an image holds another value than the latest state',
    at: /(INSERT INTO scratch\."image:notes" \("backstep act"[^]*)$/,
    by: `$1; UPDATE scratch."image:notes" SET body = 'something else' WHERE "backstep act" = 'update'`,
  },
  {
    name: 'rows of the latest state were drawn wrongly',
    at: /(INSERT INTO scratch\."latest:notes" [^]*)$/,
    by: `$1; UPDATE scratch."latest:notes" SET body = 'drawn wrongly' WHERE id = 3`,
  },
  {
    name: 'a changed row is in no delta',
    at: /^\s*INSERT INTO scratch\."delta:notes"\s+SELECT CASE\s+WHEN[^]*$/,
    by: `$& AND l.id <> 3`,
  },
  {
    name: 'a row that nobody changed is altered',
    at: /^\s*UPDATE main\.[^]*FROM scratch\."image:notes"[^]*$/,
    by: `$&; UPDATE main."notes" SET body = 'altered' WHERE id = 20`,
  },
  {
    name: 'a row comes that nobody made',
    at: /^\s*INSERT INTO main\."marks"[^]*$/,
    by: `$&; INSERT INTO main."marks" VALUES (77, 'strange')`,
  },
  {
    name: 'what a decision parks is not listed',
    at: /^\s*INSERT INTO parked\."cells:notes"[^]*$/,
    by: 'SELECT 1',
  },
];

async function scene(t: { after(clean: () => void): void }): Promise<Scene> {
  const states = new Scene({
    lenses: { notes: { map: { state: { completed: 'done' } } } },
    decisions: [
      { place: 'notes.size', choice: 'park', by: 'test', at: '2026-01-01T00:00:00Z', evidence: '' },
    ],
  });
  t.after(() => states.close());
  await states.state(
    'before',
    `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, state TEXT, size INTEGER);
    CREATE TABLE marks (id INTEGER PRIMARY KEY, word TEXT); INSERT INTO marks VALUES (1, 'one');
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
    INSERT INTO notes SELECT i, 'note ' || i, 'done', i FROM n`,
  );
  await states.state(
    'after',
    `ALTER TABLE notes ADD COLUMN color TEXT; UPDATE notes SET state = 'completed', size = size * 1000`,
    'before',
  );
  await states.state(
    'now',
    `UPDATE notes SET body = 'changed ' || id WHERE id IN (3, 7); UPDATE notes SET size = 5 WHERE id = 8;
    DELETE FROM notes WHERE id = 12; INSERT INTO notes VALUES (41, 'new', 'completed', 5000, 'red');
    INSERT INTO marks VALUES (2, 'two')`,
    'after',
  );
  return states;
}

test('a merge without a flaw has no discrepancy', async (t) => {
  const states = await scene(t);
  const { discrepancies, outcome } = await states.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual(discrepancies, []);
  assert.deepEqual(outcome.carried, { inserted: 1, updated: 2, deleted: 1 });
});

for (const { name, at, by } of flaws) {
  test(`${name}: reconciliation says so`, async (t) => {
    const states = await scene(t);
    const { exec } = Object.getOwnPropertyDescriptors(Database.prototype);
    let isMet = false;
    t.mock.method(Database.prototype, 'exec', function (this: Database, sql: string) {
      const altered = sql.replace(at, by);
      isMet ||= altered !== sql;
      exec.value?.call(this, altered);
    });
    const { discrepancies } = await states.merge(['before', 'after', 'now'], 'back');
    assert.ok(isMet, 'no statement is like that any more');
    assert.notDeepEqual(discrepancies, []);
  });
}
