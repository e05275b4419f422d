import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { goBackWithoutSqlite } from './kit-tools.ts';
import { SmallApplication } from './small-application.ts';
import { hasTerminals, keys, TerminalSession } from './terminal-session.ts';

const underTwo = `SELECT body, state FROM notes WHERE body = 'under two'`;

/** Brought back by a script that left the rows out; `resume` shows what it would carry, and asks. */
async function asked(
  t: TestContext,
): Promise<{ readonly app: SmallApplication; readonly session: TerminalSession } | null> {
  if (!hasTerminals) {
    t.skip('script is not installed');
    return null;
  }
  const app = new SmallApplication(t);
  for (const argv of [
    ['release', 'add', '1.0.0', '1.0.0'],
    ['release', 'add', '2.0.0', '2.0.0'],
    ['upgrade', '--to', '2.0.0', '--yes'],
  ]) {
    assert.equal(app.backstep(...argv).exitCode, 0, argv.join(' '));
  }
  app.sql(`INSERT INTO notes (body, state, color) VALUES ('under two', 'completed', 'red')`);
  goBackWithoutSqlite(app);
  const session = new TerminalSession(['resume'], { cwd: app.folder });
  // Where an assertion fails, nobody answers.
  t.after(() => session.type(keys.controlC));
  await session.until(/Stop 1\.0\.0, carry this into it, and start it again\?/);
  assert.match(
    session.screen,
    /what the emergency rollback left out would be carried into 1\.0\.0/,
  );
  assert.match(session.screen, /notes +\+1 ~0/);
  assert.deepEqual(app.rows(underTwo), [], 'nothing is carried before the answer');
  return { app, session };
}

function waiting(app: SmallApplication): unknown {
  return JSON.parse(app.backstep('status', '--json').stdout).uncarried;
}

test('what a script left out is carried once a person says so', async (t) => {
  const shown = await asked(t);
  if (shown === null) return;
  const { app, session } = shown;
  session.type(keys.yes);
  assert.equal(await session.end(), 0, session.screen);
  assert.deepEqual(app.rows(underTwo), [['under two', 'done']]);
  assert.deepEqual(waiting(app), []);
});

for (const [answer, exitCode] of [
  ['enter', 0],
  ['controlC', 130],
] as const) {
  test(`answered with ${answer}, it waits, and comes with a return`, async (t) => {
    const shown = await asked(t);
    if (shown === null) return;
    const { app, session } = shown;
    session.type(keys[answer]);
    assert.equal(await session.end(), exitCode, session.screen);
    assert.deepEqual(app.rows(underTwo), []);
    assert.deepEqual(waiting(app), ['notes']);
    assert.equal(app.backstep('return', '--release-hold', '--yes').exitCode, 0);
    assert.deepEqual(app.rows(underTwo), [['under two', 'completed']]);
  });
}
