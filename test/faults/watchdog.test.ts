import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { describe, test, type TestContext } from 'node:test';
import { eventually } from '../../examples/social-download-manager/test/patience.ts';
import { NotesService } from '../scenario/notes-service.ts';

/** A program that started the application. */
interface Watchdog {
  readonly pid: number | undefined;
  readonly end: () => Promise<void>;
}

/** Starts the release that is in its place, and knows nothing of Backstep; resolves once that has kept a note. */
async function startByWatchdog(t: TestContext, app: NotesService): Promise<Watchdog> {
  const argv = [app.path('releases/current/server.mjs'), 'data', String(app.port)];
  const child = spawn(process.execPath, argv, { cwd: app.path('.'), stdio: 'ignore' });
  const exited = once(child, 'exit');
  t.after(() => child.kill('SIGKILL'));
  await eventually(async () => (await app.post('by the watchdog')) !== null, true);
  return {
    pid: child.pid,
    end: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A rollback, and the application started by something else while it waits at a hook. */
async function rollBackWith(t: TestContext, hook: string) {
  const app = await NotesService.start(t);
  app.must('upgrade', '--to', '2.0.0', '--yes');
  assert.ok(await app.post('written under 2.0.0'));
  app.block(hook);
  const run = app.begin('rollback', '--yes', '--json');
  await app.reached(hook);
  const watchdog = await startByWatchdog(t, app);
  app.letGo(hook);
  const { code, stdout, stderr } = await run.ended;
  return { app, watchdog, code, report: JSON.parse(stdout), stderr };
}

function notesOf(app: NotesService): unknown {
  return app.rows(`SELECT body, state FROM notes WHERE id > 40 ORDER BY id`);
}

describe('something else starts the application in the middle of a rollback', () => {
  for (const hook of ['after-stop-2.0.0', 'before-commit-1.0.0']) {
    test(`${hook}: it is refused by the name of that program, and nothing is lost`, async (t) => {
      const { app, watchdog, code, report, stderr } = await rollBackWith(t, hook);
      assert.equal(code, 4, JSON.stringify(report));
      assert.equal(report.error.code, 'service/held');
      assert.ok(report.error.message.includes(`pid ${watchdog.pid} `), report.error.message);
      assert.match(stderr, /2\.0\.0 is in its place as before, and another program/);
      assert.equal(app.must('status').release, '2.0.0');
      assert.ok(await app.post('written after the refusal'));

      await watchdog.end();
      app.must('rollback', '--yes');
      assert.deepEqual(notesOf(app), [
        ['written under 2.0.0', 'done'],
        ['by the watchdog', 'done'],
        ['written after the refusal', 'done'],
      ]);
    });
  }

  for (const hook of ['after-commit-1.0.0', 'before-start-1.0.0']) {
    test(`${hook}: it is held, with what was written since`, async (t) => {
      const { app, watchdog, code, report } = await rollBackWith(t, hook);
      assert.equal(code, 7, JSON.stringify(report));
      assert.equal(report.result, 'held');
      assert.equal(report.fault.code, 'service/port-taken');
      assert.match(report.fault.message, new RegExp(`port ${app.port}`));
      assert.equal(report.undoneBy, null);

      await watchdog.end();
      app.must('service', 'start');
      assert.equal(JSON.parse(app.backstep('status', '--json').stdout).release, '1.0.0');
      assert.ok(await app.post('written afterwards'));
      assert.deepEqual(notesOf(app), [
        ['written under 2.0.0', 'done'],
        ['by the watchdog', 'done'],
        ['written afterwards', 'done'],
      ]);
    });
  }
});

test('a service is not started beside a program that answers at its port', async (t) => {
  const app = await NotesService.start(t);
  app.must('service', 'stop');
  const watchdog = await startByWatchdog(t, app);
  const { exitCode, stdout } = app.backstep('service', 'start', '--json');
  assert.equal(exitCode, 4, stdout);
  assert.equal(JSON.parse(stdout).error.code, 'service/port-taken');
  await watchdog.end();
  app.must('service', 'start');
});
