import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { SmallApplication } from './small-application.ts';
import { hasTerminals, keys, TerminalSession } from './terminal-session.ts';

const question = /notes\.notes\.state: rewritten in 40 of 40 values\. What becomes/;

/** An upgrade that was confirmed with no question open; a user then writes what the migration rewrites. */
async function askedInMidRun(
  t: TestContext,
): Promise<{ readonly app: SmallApplication; readonly session: TerminalSession } | null> {
  if (!hasTerminals) {
    t.skip('script is not installed');
    return null;
  }
  const app = new SmallApplication(t);
  app.sql(`UPDATE notes SET state = 'open'`);
  for (const version of ['1.0.0', '2.0.0']) {
    assert.equal(app.backstep('release', 'add', version, version).exitCode, 0);
  }
  const session = new TerminalSession(['upgrade', '--to', '2.0.0'], { cwd: app.folder });
  await session.until(/Upgrade from 1\.0\.0 to 2\.0\.0\?/);
  assert.doesNotMatch(session.screen, /What becomes/);
  app.sql(`UPDATE notes SET state = 'done'`);
  session.type(keys.yes);
  await session.until(question);
  assert.match(session.screen, /stopped until you answer; Ctrl-C takes the upgrade back/);
  return { app, session };
}

test('a question that appears only once the application is stopped is asked then', async (t) => {
  const asked = await askedInMidRun(t);
  if (asked === null) return;
  const { app, session } = asked;
  assert.deepEqual(app.rows('SELECT DISTINCT state FROM notes'), [['done']], 'nothing is placed');
  session.type(keys.enter);
  assert.equal(await session.end(), 0, session.screen);
  assert.deepEqual(app.rows('SELECT DISTINCT state FROM notes'), [['completed']]);

  app.sql(`INSERT INTO notes VALUES (41, 'mine', 'completed', NULL)`);
  assert.equal(app.backstep('rollback', '--yes').exitCode, 0);
  assert.deepEqual(app.rows('SELECT state FROM notes WHERE id = 41'), [['done']]);
});

test('who gives up at such a question has the old release as it was', async (t) => {
  const asked = await askedInMidRun(t);
  if (asked === null) return;
  const { app, session } = asked;
  session.type(keys.controlC);
  assert.equal(await session.end(), 130, session.screen);
  assert.equal(JSON.parse(app.backstep('status', '--json').stdout).release, '1.0.0');
  assert.deepEqual(app.rows('SELECT DISTINCT state FROM notes'), [['done']]);
  assert.deepEqual(readdirSync(app.path('data')).sort(), ['notes.db', 'settings.json']);
  const again = app.backstep('upgrade', '--to', '2.0.0', '--yes');
  assert.equal(again.exitCode, 0, again.stderr);
});
