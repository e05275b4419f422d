/** What the survey at upgrade time found is kept with the pair; a later rollback believes it only where it still holds. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import {
  formatFindings,
  parseFindings,
  type RecordedFindings,
} from '../../src/law/reversal/findings.ts';
import { said } from './said.ts';
import { SmallApplication } from './small-application.ts';

const reversalFile = 'reversals/2.0.0-to-1.0.0.yaml';
const reversal = `from: 2.0.0
to: 1.0.0
sqlite:
  notes:
    notes: { map: { state: { completed: done } } }
`;

/** Upgraded with a reversal file, with work of its users since. */
async function upgraded(t: TestContext): Promise<SmallApplication> {
  const app = new SmallApplication(t);
  app.write(reversalFile, reversal);
  await must(app, 'release', 'add', '1.0.0', '1.0.0');
  await must(app, 'release', 'add', '2.0.0', '2.0.0');
  await must(app, 'upgrade', '--to', '2.0.0', '--yes');
  app.sql(`INSERT INTO notes (body, state) VALUES ('written after', 'completed');
    UPDATE notes SET body = 'changed after' WHERE id = 3;
    UPDATE notes SET color = 'red' WHERE id = 4; DELETE FROM notes WHERE id = 5;`);
  return app;
}

async function must(app: SmallApplication, ...argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await said(app.folder, ...argv);
  assert.equal(exitCode, 0, `${argv.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}

/** What a rollback would do to the database. */
async function plannedFor(app: SmallApplication): Promise<unknown> {
  const plan: unknown = JSON.parse(await must(app, 'plan', '--json'));
  assert.ok(typeof plan === 'object' && plan !== null && 'assets' in plan);
  const { assets } = plan;
  assert.ok(typeof assets === 'object' && assets !== null && 'notes' in assets);
  return assets.notes;
}

function findingsFile(app: SmallApplication): string {
  const pairs = readdirSync(app.path('state/pairs'));
  const [name] = pairs.filter((pair) => existsSync(app.path(`state/pairs/${pair}/findings.json`)));
  return `state/pairs/${name ?? assert.fail('no findings were recorded')}/findings.json`;
}

function recordedIn(app: SmallApplication): RecordedFindings {
  return parseFindings(app.read(findingsFile(app))) ?? assert.fail('no findings');
}

/** As if the upgrade had rewritten every body: believed, changed bodies would be parked. */
function withRewrittenBodies(recorded: RecordedFindings): RecordedFindings {
  const { notes = assert.fail('nothing of the database') } = recorded.assets;
  const findings = notes.findings.map((finding) =>
    finding.place === 'notes.body' ? { ...finding, faith: 'rewritten' as const } : finding,
  );
  return { ...recorded, assets: { notes: { ...notes, findings } } };
}

test('recorded findings are believed, and say what a survey would', async (t) => {
  const app = await upgraded(t);
  const file = findingsFile(app);
  const known = await plannedFor(app);
  const recorded = recordedIn(app);
  rmSync(app.path(file));
  assert.deepEqual(await plannedFor(app), known);
  app.write(file, formatFindings(withRewrittenBodies(recorded)));
  assert.notDeepEqual(await plannedFor(app), known);
});

test('findings of something else, or not as they were written, count for nothing', async (t) => {
  const app = await upgraded(t);
  const file = findingsFile(app);
  const known = await plannedFor(app);
  const recorded = withRewrittenBodies(recordedIn(app));
  const { notes = assert.fail('nothing of the database') } = recorded.assets;
  const stale = (altered: Partial<RecordedFindings>): string =>
    formatFindings({ ...recorded, ...altered });
  for (const [what, written] of [
    ['altered', formatFindings(recorded).replace('rewritten', 'blind')],
    ['cut', formatFindings(recorded).slice(0, 100)],
    ['of another Backstep', stale({ version: '0.0.0' })],
    ['with another reversal', stale({ reversalSha256: 'a'.repeat(64) })],
    ['of another old state', stale({ assets: { notes: { ...notes, before: 'a'.repeat(64) } } })],
    ['of another new state', stale({ assets: { notes: { ...notes, after: 'a'.repeat(64) } } })],
  ] as const) {
    app.write(file, written);
    assert.deepEqual(await plannedFor(app), known, what);
  }
});

test('a reversal file that was changed since is surveyed with', async (t) => {
  const app = await upgraded(t);
  app.write(findingsFile(app), formatFindings(withRewrittenBodies(recordedIn(app))));
  app.write(reversalFile, `${reversal}# Read again.\n`);
  await must(app, 'rollback', '--yes');
  assert.deepEqual(app.rows('SELECT id, body, state FROM notes WHERE id IN (3, 5, 41)'), [
    [3, 'changed after', 'done'],
    [41, 'written after', 'done'],
  ]);
});
