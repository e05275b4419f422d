import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../../test/chance.ts';
import { random } from '../../../../test/rows/laws.ts';
import { plainTerms, Scene } from '../../../../test/rows/scene.ts';
import { nodeDisk } from '../../../host/node-disk.ts';
import { tableStatesOf } from './receipt.ts';
import { tableStatesSince } from './receipt-since.ts';

const runs = { numRuns: Number(process.env['BACKSTEP_LAW_RUNS'] ?? 60) };

test('what is told from an earlier state is what reading all rows tells', async () => {
  const property = fc.asyncProperty(random.old, random.since, async (old, since) => {
    const scene = new Scene(plainTerms);
    try {
      await scene.state('before', random.oldShape);
      scene.attempt('before', old);
      await scene.state('after', random.upgrade, 'before');
      await scene.state('now', '', 'after');
      scene.attempt('now', since);
      for (const [earlier, later] of [
        ['after', 'now'],
        ['before', 'after'],
      ] as const) {
        const known = { file: scene.file(earlier), states: tableStatesOf(scene.file(earlier)) };
        const told = tableStatesSince(nodeDisk, { known, file: scene.file(later) });
        assert.deepEqual(told, tableStatesOf(scene.file(later)));
      }
    } finally {
      scene.close();
    }
  });
  await fc.assert(property, runs);
});

test('only rows that changed are hashed', async (t) => {
  const scene = new Scene(plainTerms);
  t.after(() => scene.close());
  await scene.state(
    'after',
    `CREATE TABLE item(id INTEGER PRIMARY KEY, v); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
     INSERT INTO item SELECT i, 'value ' || i FROM n`,
  );
  const edits = `UPDATE item SET v = 'edited' WHERE id % 2 = 0; DELETE FROM item WHERE id < 100; INSERT INTO item VALUES (40000, 'new')`;
  await scene.state('now', edits, 'after');
  const whole = tableStatesOf(scene.file('after'));
  const known = { file: scene.file('after'), states: whole };
  const told = tableStatesSince(nodeDisk, { known, file: scene.file('now') });
  assert.deepEqual(told, tableStatesOf(scene.file('now')));
  // A sum that was known wrongly stays wrong by as much: rows that did not change are not read.
  const wrong = { item: { rows: whole['item']?.rows ?? 0, digest: '0000000000000000' } };
  const off = tableStatesSince(nodeDisk, {
    known: { ...known, states: wrong },
    file: scene.file('now'),
  });
  const sum = (digest: string | undefined): bigint => BigInt(`0x${digest}`);
  const difference = sum(told['item']?.digest) - sum(off['item']?.digest);
  assert.equal(BigInt.asUintN(64, difference), sum(whole['item']?.digest));
});
