import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { SmallApplication } from './small-application.ts';
import { hasTerminals, keys, TerminalSession } from './terminal-session.ts';

/** Both releases added, the first one running; null where there is no terminal to be had. */
function installed(t: TestContext): SmallApplication | null {
  if (!hasTerminals) {
    t.skip('script is not installed');
    return null;
  }
  const app = new SmallApplication(t);
  for (const version of ['1.0.0', '2.0.0']) {
    assert.equal(app.backstep('release', 'add', version, version).exitCode, 0);
  }
  return app;
}

function release(app: SmallApplication): unknown {
  return JSON.parse(app.backstep('status', '--json').stdout).release;
}

test('an upgrade shows its survey, asks, and keeps the answers', async (t) => {
  const app = installed(t);
  if (app === null) return;
  const session = new TerminalSession(['upgrade', '--to', '2.0.0'], { cwd: app.folder });
  await session.until(/notes\.notes\.state: rewritten in 40 of 40 values\. What becomes/);
  assert.match(session.screen, /asset +faithful +rewritten +blind +unproven/);
  assert.match(session.screen, /proposed: done → completed in 40 of 40 values/);
  assert.equal(release(app), '1.0.0');
  session.type(keys.enter);
  await session.until(/Upgrade from 1\.0\.0 to 2\.0\.0\?/);
  session.type(keys.yes);
  assert.equal(await session.end(), 0, session.screen);
  assert.match(session.screen, /✓ settle/);
  assert.match(session.screen, /report: .*report\.html/);
  assert.equal(release(app), '2.0.0');

  app.sql(`INSERT INTO notes VALUES (41, 'mine', 'completed', NULL)`);
  const back = new TerminalSession(['rollback'], { cwd: app.folder });
  await back.until(/Roll back from 2\.0\.0 to 1\.0\.0\?/);
  assert.match(back.screen, /class HIGH/);
  back.type(keys.yes);
  assert.equal(await back.end(), 0, back.screen);
  assert.deepEqual(app.rows('SELECT state FROM notes WHERE id = 41'), [['done']]);

  const forth = new TerminalSession(['return', '--release-hold'], { cwd: app.folder });
  await forth.until(/Return from 1\.0\.0 to 2\.0\.0\?/);
  forth.type(keys.yes);
  assert.equal(await forth.end(), 0, forth.screen);
  assert.deepEqual(app.rows('SELECT state FROM notes WHERE id = 41'), [['completed']]);
});

test('another answer than the proposed one is what a rollback follows', async (t) => {
  const app = installed(t);
  if (app === null) return;
  const session = new TerminalSession(['upgrade', '--to', '2.0.0'], { cwd: app.folder });
  await session.until(/What becomes/);
  session.type(keys.down);
  await session.until(/● park/);
  session.type(keys.enter);
  await session.until(/Upgrade from/);
  session.type(keys.yes);
  assert.equal(await session.end(), 0, session.screen);
  app.sql(`INSERT INTO notes VALUES (41, 'mine', 'completed', NULL)`);
  const { assets } = JSON.parse(app.backstep('plan', '--json').stdout);
  const [decision] = assets.notes.decisions;
  assert.deepEqual(
    [decision.place, decision.choice, decision.by],
    ['notes.state', 'park', 'operator'],
  );
});

test('Ctrl-C in a question ends with 130 and has touched nothing; no is 3', async (t) => {
  const app = installed(t);
  if (app === null) return;
  const session = new TerminalSession(['upgrade', '--to', '2.0.0'], { cwd: app.folder });
  await session.until(/What becomes/);
  session.type(keys.controlC);
  assert.equal(await session.end(), 130, session.screen);
  assert.equal(release(app), '1.0.0');
  assert.deepEqual(JSON.parse(app.backstep('history', '--json').stdout), []);
  assert.deepEqual(app.rows('SELECT DISTINCT state FROM notes'), [['done']]);

  assert.equal(app.backstep('upgrade', '--to', '2.0.0', '--yes').exitCode, 0);
  const back = new TerminalSession(['rollback'], { cwd: app.folder });
  await back.until(/Roll back from/);
  back.type(keys.enter);
  assert.equal(await back.end(), 3, back.screen);
  assert.match(back.screen, /the rollback was declined/);
  assert.equal(release(app), '2.0.0');
});

test('a narrow terminal without UTF-8 gets one short line in ASCII, and no colour where none is wanted', async (t) => {
  const app = installed(t);
  if (app === null) return;
  const session = new TerminalSession(['upgrade', '--to', '2.0.0', '--yes'], {
    cwd: app.folder,
    columns: 30,
    env: { LC_ALL: 'C', NO_COLOR: '1' },
  });
  assert.equal(await session.end(), 0, session.screen);
  assert.match(session.screen, /ok settle/);
  assert.doesNotMatch(session.raw, /[^\0-\x7f]/);
  const codes = session.raw.split('\u001b[').slice(1);
  assert.ok(!codes.some((code) => /^[0-9;]*m/.test(code)), session.raw);
  const drawn = session.raw.split('\r\u001b[K').filter((line) => /^[#.]{20}/.test(line));
  assert.ok(drawn.length > 5, session.raw);
  for (const line of drawn) assert.ok(line.length <= 29, line);
});

test('a rollback that is to begin later counts down, and Ctrl-C calls it off', async (t) => {
  const app = installed(t);
  if (app === null) return;
  assert.equal(app.backstep('upgrade', '--to', '2.0.0', '--yes').exitCode, 0);
  const waiting = new TerminalSession(['rollback', '--at', '+2h', '--yes'], { cwd: app.folder });
  await waiting.until(/the rollback to 1\.0\.0 begins in \d+ min/);
  assert.equal(app.backstep('release', 'mark-good', '2.0.0').exitCode, 0, 'nothing is held');
  waiting.type(keys.controlC);
  assert.equal(await waiting.end(), 130, waiting.screen);
  assert.equal(release(app), '2.0.0');
  const soon = app.backstep('rollback', '--at', '+1s', '--yes');
  assert.equal(soon.exitCode, 0, soon.stderr);
  assert.equal(release(app), '1.0.0');
  for (const [at, says] of [
    ['2001-01-01', /is in the past/],
    ['midnight', /neither a time nor a duration/],
    ['+400d', /more than 31 days away/],
  ] as const) {
    const refused = app.backstep('rollback', '--at', at, '--yes');
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, says);
  }
});
