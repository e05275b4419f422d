/** What only a person can tell of the data is asked before a rollback, and parked where nobody is there. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { SmallApplication } from './small-application.ts';
import { hasTerminals, keys, TerminalSession } from './terminal-session.ts';

type Document = ReturnType<typeof JSON.parse>;

function succeed(app: SmallApplication, ...argv: string[]): Document {
  const { exitCode, stdout, stderr } = app.backstep(...argv, '--json');
  assert.equal(exitCode, 0, stdout + stderr);
  return JSON.parse(stdout);
}

/** Under 2.0.0 most notes were deleted, nearly every one got a color, and half of the settings are gone. */
function used(t: TestContext): SmallApplication {
  const app = new SmallApplication(t);
  const settings = Object.fromEntries(Array.from({ length: 30 }, (_none, n) => [`key${n}`, n + 1]));
  app.write('data/settings.json', JSON.stringify(settings));
  for (const version of ['1.0.0', '2.0.0']) succeed(app, 'release', 'add', version, version);
  succeed(app, 'upgrade', '--to', '2.0.0', '--yes');
  app.sql(`UPDATE notes SET color = 'red'; DELETE FROM notes WHERE id > 28`);
  const left = Object.entries({ ...settings, format: 2 }).slice(14);
  app.write('data/settings.json', JSON.stringify(Object.fromEntries(left)));
  return app;
}

const count = (app: SmallApplication): unknown => app.rows('SELECT count(*) FROM notes')[0];
const keysOf = (app: SmallApplication): number =>
  Object.keys(JSON.parse(app.read('data/settings.json'))).length;

const inNotes = {
  kind: 'damage',
  place: 'notes',
  count: 12,
  total: 40,
  choices: ['park', 'as-is'],
};
const place = 'settings/settings.json';
const inSettings = { kind: 'damage', place, count: 14, total: 31, choices: ['park', 'as-is'] };

test('a plan names the questions and how they are answered; unattended they are parked, and told', (t) => {
  const app = used(t);
  const { assets } = succeed(app, 'plan');
  assert.deepEqual(assets.notes.questions, [inNotes]);
  assert.deepEqual(assets.settings.questions, [inSettings]);
  const { stdout } = app.backstep('plan');
  assert.match(stdout, /notes\.notes: 12 of 40 were deleted, .*--decide notes\.notes=as-is/u);
  const back = app.backstep('rollback', '--yes');
  assert.equal(back.exitCode, 0, back.stderr);
  assert.match(back.stdout, /not asked: notes\.notes: 12 of 40 .*parked, as long as nobody/u);
  assert.deepEqual(count(app), [40]);
  assert.equal(keysOf(app), 30);
});

test('what was decided on the command line is done and no longer asked', (t) => {
  const app = used(t);
  const decide = ['--decide', 'notes.notes=as-is', '--decide', `${place}=as-is`];
  const { assets } = succeed(app, 'rollback', '--yes', ...decide);
  assert.deepEqual([...assets.notes.questions, ...assets.settings.questions], []);
  assert.deepEqual(
    assets.notes.decisions
      .filter(({ by }: Document) => by === 'operator')
      .map((d: Document) => [d.place, d.choice]),
    [['notes', 'as-is']],
  );
  assert.deepEqual(count(app), [28]);
  assert.equal(keysOf(app), 16);
});

test('at a terminal each is asked, and the answers are what the rollback does', async (t) => {
  if (!hasTerminals) {
    t.skip('script is not installed');
    return;
  }
  const app = used(t);
  const stopped = new TerminalSession(['rollback'], { cwd: app.folder });
  await stopped.until(/What becomes of it\?/u);
  stopped.type(keys.down + keys.down);
  await stopped.until(/● stop/u);
  stopped.type(keys.enter);
  assert.equal(await stopped.end(), 3, stopped.screen);
  assert.match(stopped.screen, /the rollback was declined/u);
  assert.deepEqual(count(app), [28]);

  const session = new TerminalSession(['rollback'], { cwd: app.folder });
  await session.until(/settings\/settings\.json: 14 of 31 [\s\S]*What becomes of it\?/u);
  session.type(keys.enter);
  await session.until(
    /notes\.notes: 12 of 40 were [\s\S]*What becomes of it\?[\s\S]*● park[\s\S]*● park/u,
  );
  session.type(keys.down);
  await session.until(/● as-is/u);
  session.type(keys.enter);
  await session.until(/Roll back from 2\.0\.0 to 1\.0\.0\?/u);
  session.type(keys.yes);
  assert.equal(await session.end(), 0, session.screen);
  assert.deepEqual(count(app), [28]);
  assert.equal(keysOf(app), 30);
});
