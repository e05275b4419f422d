import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { said, saidOn } from './said.ts';
import { SmallApplication } from './small-application.ts';

const tableState = z.object({ rows: z.int(), digest: z.string().regex(/^[0-9a-f]{16}$/) });
const line = z.object({
  before: tableState.nullable(),
  after: tableState.nullable(),
  now: tableState.nullable(),
  result: tableState.nullable(),
  carried: z.object({ inserted: z.int(), updated: z.int(), deleted: z.int() }).nullable(),
  parked: z.int(),
});
const receipts = z.record(
  z.string(),
  z.array(z.object({ pair: z.string(), tables: z.record(z.string(), line) })),
);
const difference = z.object({ place: z.string(), count: z.int() });
const proof = z.object({
  run: z.string(),
  isProven: z.boolean(),
  steps: z.array(
    z.object({
      assets: z.record(
        z.string(),
        z.object({
          again: z.array(difference),
          notBroughtBack: z.array(difference.extend({ isParked: z.boolean() })),
          back: z.array(difference),
        }),
      ),
    }),
  ),
  receipts,
});

async function rolledBack(
  t: TestContext,
  work = (_app: SmallApplication): void => {},
): Promise<SmallApplication> {
  const app = new SmallApplication(t);
  const done = async (...argv: readonly string[]): Promise<void> => {
    const { exitCode, stdout, stderr } = await said(app.folder, ...argv);
    assert.equal(exitCode, 0, stdout + stderr);
  };
  await done('release', 'add', '1.0.0', '1.0.0');
  await done('release', 'add', '2.0.0', '2.0.0');
  await done('upgrade', '--to', '2.0.0', '--yes');
  app.sql(`UPDATE notes SET color = 'red' WHERE id = 3; UPDATE notes SET body = 'edited' WHERE id = 4;
    INSERT INTO notes VALUES (41, 'new', 'completed', 'blue'); DELETE FROM notes WHERE id = 5`);
  work(app);
  await done('rollback', '--yes');
  return app;
}

test('M4.3: prove makes the round trip on copies and writes a receipt', async (t) => {
  const app = await rolledBack(t);
  const run = readdirSync(app.path('state/runs')).find((name) => name.startsWith('rollback')) ?? '';
  const report = z
    .object({ assets: z.record(z.string(), z.object({ receipt: receipts.valueType.nullable() })) })
    .parse(JSON.parse(app.read(`state/runs/${run}/report.json`)));
  assert.equal(report.assets['settings']?.receipt, null);
  const [live, state] = [readdirSync(app.path('data')), readdirSync(app.path('state'))];
  const { exitCode, stdout } = await said(app.folder, 'prove', run, '--json');
  const found = proof.parse(JSON.parse(stdout));
  assert.equal(exitCode, 0);
  assert.deepEqual([readdirSync(app.path('data')), readdirSync(app.path('state'))], [live, state]);
  assert.equal(found.isProven, true);
  assert.deepEqual(found.steps[0]?.assets['notes'], {
    again: [],
    notBroughtBack: [{ place: 'notes.color', count: 2, isParked: true }],
    back: [],
  });
  assert.deepEqual(JSON.parse(app.read(`state/runs/${run}/proof.json`)), JSON.parse(stdout));
  assert.deepEqual(found.receipts['notes'], report.assets['notes']?.receipt);
  const told = found.receipts['notes']?.[0]?.tables['notes'];
  assert.deepEqual(
    [told?.before?.rows, told?.after?.rows, told?.now?.rows, told?.result?.rows],
    [40, 40, 40, 40],
  );
  assert.deepEqual(told?.carried, { inserted: 1, updated: 1, deleted: 1 });
  assert.equal(told?.parked, 2);
  assert.notEqual(told?.before?.digest, told?.result?.digest);
});

test('a result that is not what the law makes of the states is not proven, and the place is named', async (t) => {
  const app = await rolledBack(t);
  const run = readdirSync(app.path('state/runs')).find((name) => name.startsWith('rollback')) ?? '';
  const record: unknown = JSON.parse(app.read(`state/runs/${run}/staged.json`));
  const step = z
    .object({
      settlement: z.object({
        book: z.object({
          departure: z.object({
            steps: z.array(
              z.object({ result: z.string(), displaced: z.string(), pair: z.string() }),
            ),
          }),
        }),
      }),
    })
    .parse(record).settlement.book.departure.steps[0];
  // As if the run had recorded the state before the upgrade for its result: the changes since are missing there.
  const pair = z
    .object({ before: z.string() })
    .parse(JSON.parse(app.read(`state/pairs/${step?.pair ?? ''}/pair.json`)));
  app.write(
    `state/runs/${run}/staged.json`,
    JSON.stringify(record).replaceAll(step?.result ?? 'none', pair.before),
  );
  const { exitCode, stdout } = await said(app.folder, 'prove', run, '--json');
  const found = proof.parse(JSON.parse(stdout));
  assert.equal(exitCode, 7);
  assert.equal(found.isProven, false);
  assert.deepEqual(found.steps[0]?.assets['notes']?.again, [
    { place: 'notes', count: 2 },
    { place: 'notes.body', count: 1 },
  ]);
});

test('a proof that is interrupted leaves nothing behind', async (t) => {
  const app = await rolledBack(t);
  const run = readdirSync(app.path('state/runs')).find((name) => name.startsWith('rollback')) ?? '';
  const before = [readdirSync(app.path('state')), readdirSync(app.path(`state/runs/${run}`))];
  const { exitCode, stdout } = await saidOn({ signal: AbortSignal.abort() }, app.folder, [
    'prove',
    run,
    '--json',
  ]);
  assert.equal(exitCode, 130);
  assert.match(stdout, /"interrupted"/);
  const after = [readdirSync(app.path('state')), readdirSync(app.path(`state/runs/${run}`))];
  assert.deepEqual(after, before);
});

test('only a finished rollback can be proven', async (t) => {
  const app = await rolledBack(t);
  const upgrade =
    readdirSync(app.path('state/runs')).find((name) => name.startsWith('upgrade')) ?? '';
  const { exitCode, stdout } = await said(app.folder, 'prove', upgrade, '--json');
  assert.equal(exitCode, 3);
  assert.match(stdout, /switch\/no-run/);
});

test('a damaged live database keeps no receipt back: its own column is empty', async (t) => {
  const app = await rolledBack(t, ({ folder }) => {
    const file = openSync(join(folder, 'data/notes.db'), 'r+');
    writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, 4096);
    closeSync(file);
  });
  const run = readdirSync(app.path('state/runs')).find((name) => name.startsWith('rollback')) ?? '';
  const { assets, warnings } = z
    .object({
      assets: z.object({ notes: z.object({ receipt: receipts.valueType }) }),
      warnings: z.array(z.string()),
    })
    .parse(JSON.parse(app.read(`state/runs/${run}/report.json`)));
  const told = assets.notes.receipt[0]?.tables['notes'];
  assert.deepEqual([told?.before?.rows, told?.now, told?.result?.rows], [40, null, 40]);
  assert.deepEqual(warnings, []);
});

test('a receipt that is left out is told, with what writes it', async (t) => {
  const app = new SmallApplication(t);
  const manifest = app.read('backstep.yaml');
  app.write('backstep.yaml', manifest.replace("notes.db' }", "notes.db', receiptUpTo: 4kB }"));
  const done = async (...argv: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await said(app.folder, ...argv);
    assert.equal(exitCode, 0, stdout + stderr);
    return stdout;
  };
  for (const version of ['1.0.0', '2.0.0']) await done('release', 'add', version, version);
  await done('upgrade', '--to', '2.0.0', '--yes');
  const report = JSON.parse(await done('rollback', '--yes', '--json'));
  assert.equal(report.assets.notes.receipt, null);
  assert.deepEqual(report.warnings, [
    `no receipt of notes was written, which is larger than its receiptUpTo: \`backstep prove ${report.run}\` writes one`,
  ]);
  const proven = proof.parse(JSON.parse(await done('prove', report.run, '--json')));
  assert.equal(proven.receipts['notes']?.[0]?.tables['notes']?.before?.rows, 40);
  await done('upgrade', '--to', '2.0.0', '--release-hold', '--yes');
  assert.match(await done('rollback', '--yes'), /note: no receipt of notes was written/u);
});
