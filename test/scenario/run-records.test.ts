/** What a run leaves on record beside its states: its objective, its survey, its receipt, and the check of its reversal. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { said, type Ended } from './said.ts';
import { SmallApplication } from './small-application.ts';

type Document = ReturnType<typeof JSON.parse>;

async function installed(t: TestContext): Promise<SmallApplication> {
  const app = new SmallApplication(t);
  for (const version of ['1.0.0', '2.0.0']) await succeed(app, 'release', 'add', version, version);
  return app;
}

async function succeed(app: SmallApplication, ...argv: string[]): Promise<Document> {
  const { exitCode, stdout, stderr } = await said(app.folder, ...argv, '--json');
  assert.equal(exitCode, 0, stdout + stderr);
  return JSON.parse(stdout);
}

async function refused(app: SmallApplication, ...argv: string[]): Promise<Ended> {
  const ended = await said(app.folder, ...argv);
  assert.equal(ended.exitCode, 3, ended.stdout + ended.stderr);
  return ended;
}

test('an emergency is held against the objective of an emergency', async (t) => {
  const app = await installed(t);
  await succeed(app, 'upgrade', '--to', '2.0.0', '--yes');
  const unconfirmed = await said(app.folder, 'rollback', '--emergency');
  assert.equal(unconfirmed.exitCode, 2, unconfirmed.stdout + unconfirmed.stderr);
  assert.match(unconfirmed.stderr, /add --confirm/u);
  const back = await succeed(app, 'rollback', '--emergency', '--confirm');
  assert.equal(back.objective.type, 'emergency');
  assert.equal(back.objective.maxDowntimeMs, 21_600_000);
  assert.equal(back.objective.met, true);
});

test('the survey of an upgrade is in its document: places, maps that were taken, decisions', async (t) => {
  const app = await installed(t);
  const up = await succeed(app, 'upgrade', '--to', '2.0.0', '--yes');
  const { notes, settings } = up.survey;
  assert.deepEqual(notes.maps, { notes: { state: { completed: 'done' } } });
  assert.deepEqual(
    notes.findings.map(({ place, faith }: Document) => [place, faith]),
    [
      ['notes.state', 'rewritten'],
      ['notes.color', 'blind'],
    ],
  );
  assert.equal(notes.places.faithful, 2);
  assert.deepEqual(settings.decisions, []);
  const back = await succeed(app, 'rollback', '--yes');
  assert.equal(back.survey, null);
});

test('the receipt of a rollback is in the audit log: its hash and its totals', async (t) => {
  const app = await installed(t);
  await succeed(app, 'upgrade', '--to', '2.0.0', '--yes');
  app.sql(
    `INSERT INTO notes VALUES (41, 'mine', 'completed', 'red'); DELETE FROM notes WHERE id = 2`,
  );
  const back = await succeed(app, 'rollback', '--yes');
  const lines = await succeed(app, 'audit', 'export');
  const receipts = lines.filter(({ act }: Document) => act === 'run.receipt');
  assert.equal(receipts.length, 1);
  const [{ run, data }] = receipts;
  const [step] = back.assets.notes.receipt;
  assert.equal(run, back.run);
  assert.deepEqual(data, {
    asset: 'notes',
    pair: step.pair,
    sha256: createHash('sha256').update(JSON.stringify(step)).digest('hex'),
    tables: 1,
    rows: { before: 40, after: 40, now: 40, result: 40 },
    carried: { inserted: 1, updated: 0, deleted: 1 },
    parked: 1,
  });
  assert.equal((await succeed(app, 'audit', 'verify')).finding, null);
});

const sound = `from: 2.0.0
to: 1.0.0
sqlite:
  notes:
    notes:
      key: [id]
      select: SELECT id, body, iif(state = 'completed', 'done', state) AS state FROM notes
      forth: { state: "iif(state = 'done', 'completed', state)" }
`;
const reversal = 'reversals/2.0.0-to-1.0.0.yaml';

test('a reversal file that does not pass its check is refused before the application is stopped', async (t) => {
  const app = await installed(t);
  app.write(reversal, sound.replace('SELECT id, body, iif', 'SELECT *, iif'));
  const { stderr } = await refused(app, 'upgrade', '--to', '2.0.0', '--yes');
  assert.match(stderr, /2\.0\.0-to-1\.0\.0\.yaml:7:\d+: .*`\*`/s);
  assert.match(stderr, /reversal\/unsound/);
  assert.equal((await succeed(app, 'status')).release, '1.0.0');
});

test('one that the data refuses is refused too, with the rule’s message, in a plan as well', async (t) => {
  const app = await installed(t);
  app.write(reversal, sound.replace(`'completed', state)"`, `'finished', state)"`));
  for (const argv of [
    ['plan', '--upgrade', '2.0.0'],
    ['upgrade', '--to', '2.0.0', '--yes'],
  ]) {
    const { stderr } = await refused(app, ...argv);
    assert.match(stderr, /finished/);
    assert.match(stderr, /reversal\/unsound/);
  }
  assert.deepEqual(app.rows('SELECT DISTINCT state FROM notes'), [['done']]);
  assert.equal((await succeed(app, 'status')).release, '1.0.0');
});

test('the bytes that passed are on record; what is edited after the upgrade passes anew or has no effect', async (t) => {
  const app = await installed(t);
  app.write(reversal, sound);
  await succeed(app, 'upgrade', '--to', '2.0.0', '--yes');
  const passed = (): string => {
    const [pair = ''] = readdirSync(app.path('state/pairs'));
    return JSON.parse(readFileSync(app.path(`state/pairs/${pair}/reversal.json`), 'utf8')).sha256;
  };
  const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
  assert.equal(passed(), hashOf(sound));
  app.sql(`INSERT INTO notes VALUES (41, 'mine', 'completed', 'red')`);
  app.write(reversal, sound.replace('SELECT id, body,', 'SELECT id, title AS body,'));
  for (const argv of [['plan'], ['rollback', '--yes']]) {
    const { stderr } = await refused(app, ...argv);
    assert.match(stderr, /title/);
    assert.match(stderr, /reversal\/unsound/);
  }
  assert.equal(passed(), hashOf(sound));
  const mended = `${sound}# mended\n`;
  app.write(reversal, mended);
  await succeed(app, 'rollback', '--yes');
  assert.equal(passed(), hashOf(mended));
  assert.deepEqual(app.rows(`SELECT state FROM notes WHERE id = 41`), [['done']]);
});
