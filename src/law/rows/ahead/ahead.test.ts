import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../../test/chance.ts';
import { random } from '../../../../test/rows/laws.ts';
import { plainTerms, Scene } from '../../../../test/rows/scene.ts';
import { nodeDisk } from '../../../host/node-disk.ts';
import type { MergeReport } from '../merge.ts';
import type { MergeFiles, MergeTerms } from '../terms.ts';
import { bringUp } from './bring-up.ts';
import { canBeBroughtUp, mergeAhead } from './merge-ahead.ts';

const runs = { numRuns: Number(process.env['BACKSTEP_LAW_RUNS'] ?? 60) };
const terms: MergeTerms = { ...plainTerms, lenses: random.lenses };

function filesOf(scene: Scene, name: string, latest: string): MergeFiles {
  return {
    base: scene.file('before'),
    origin: scene.file('after'),
    latest: scene.file(latest),
    result: scene.file(name),
    parked: scene.file(`${name}.parked`),
    scratch: scene.file(`${name}.scratch`),
  };
}

/** Merges `bulk` and brings the result up to `now`; null where it has to be merged whole. */
async function brought(scene: Scene, name: string, how: MergeTerms): Promise<MergeReport | null> {
  const ahead = await mergeAhead(filesOf(scene, name, 'bulk'), how);
  if (ahead === null) return null;
  const files = { ...filesOf(scene, name, 'now'), earlier: scene.file('bulk') };
  return bringUp(files, ahead, how);
}

const told = (report: MergeReport): unknown => ({
  ...report,
  outcome: { ...report.outcome, parked: report.outcome.parked.toSorted(byText) },
  parkedPaths: report.parkedPaths.toSorted(byText),
});
const byText = (a: unknown, b: unknown): number =>
  JSON.stringify(a).localeCompare(JSON.stringify(b));

/** Of a statement's own words, whether it writes the table whose rows nothing identifies. */
const isLoose = (statement: string): boolean => /\bbag\b/.test(statement);

test('a result that was made before and brought up is the one that is made of the latest state', async (t) => {
  let [whole, cheap] = [0, 0];
  const property = fc.asyncProperty(
    random.old,
    random.since,
    random.since,
    async (old, since, late) => {
      const scene = new Scene(terms);
      try {
        await scene.state('before', random.oldShape);
        scene.attempt('before', old);
        await scene.state('after', random.upgrade, 'before');
        await scene.state('bulk', '', 'after');
        scene.attempt('bulk', since);
        await scene.state('now', '', 'bulk');
        scene.attempt(
          'now',
          late.filter((statement) => !isLoose(statement)),
        );
        const report = await brought(scene, 'brought', terms);
        whole += 1;
        if (report === null) return;
        cheap += 1;
        const direct = await scene.merge(['before', 'after', 'now'], 'back', terms);
        assert.deepEqual(scene.dump('brought'), scene.dump('back'));
        assert.deepEqual(scene.dump('brought.parked'), scene.dump('back.parked'));
        assert.deepEqual(told(report), told(direct));
      } finally {
        scene.close();
      }
    },
  );
  await fc.assert(property, runs);
  t.diagnostic(`${cheap} of ${whole} were brought up`);
  assert.ok(cheap > whole / 4, `only ${cheap} of ${whole} were brought up`);
});

test('what nobody wrote since is taken as it was made', async (t) => {
  const scene = new Scene(terms);
  t.after(() => scene.close());
  await scene.state('before', random.oldShape);
  await scene.state('after', random.upgrade, 'before');
  await scene.state(
    'bulk',
    `INSERT INTO bag VALUES (1, 2); UPDATE settings SET v = 'mine'`,
    'after',
  );
  await scene.state('now', '', 'bulk');
  const report = await brought(scene, 'brought', terms);
  const direct = await scene.merge(['before', 'after', 'now'], 'back', terms);
  assert.ok(report !== null);
  assert.deepEqual(told(report), told(direct));
  assert.deepEqual(scene.dump('brought'), scene.dump('back'));
  assert.deepEqual(scene.dump('brought.parked'), scene.dump('back.parked'));
});

test('rows of a table that was made at run time, and references others, are merged with those', async (t) => {
  const scene = new Scene(plainTerms);
  t.after(() => scene.close());
  await scene.state(
    'before',
    'CREATE TABLE list(id INTEGER PRIMARY KEY, v); INSERT INTO list VALUES (1, 1), (2, 2)',
  );
  await scene.state('after', 'ALTER TABLE list ADD COLUMN fresh', 'before');
  await scene.state(
    'bulk',
    'CREATE TABLE own(id INTEGER PRIMARY KEY, list REFERENCES list(id)); INSERT INTO own VALUES (1, 2); INSERT INTO list VALUES (3, 3, 3)',
    'after',
  );
  await scene.state('now', '', 'bulk');
  assert.notEqual(await brought(scene, 'still', plainTerms), null);
  scene.attempt('now', ['UPDATE list SET v = 4 WHERE id = 1']);
  assert.equal(await brought(scene, 'written', plainTerms), null);
});

test('what depends on all rows at once is not made beforehand', () => {
  assert.ok(canBeBroughtUp({ ...terms, disk: nodeDisk }));
  assert.ok(!canBeBroughtUp({ ...terms, direction: 'forth' }));
  assert.ok(!canBeBroughtUp({ ...terms, rebuild: { counters: 'UPDATE …' } }));
});
