import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotesService } from './notes-service.ts';

const limits = { timeout: 900_000 };

async function requirePost(app: NotesService, body: string): Promise<void> {
  assert.notEqual(await app.post(body), null, body);
}

/** Under 2.0.0, with a note and a color that 1.0.0 has no column for. */
async function upgraded(app: NotesService): Promise<void> {
  app.must('upgrade', '--to', '2.0.0', '--yes');
  await requirePost(app, 'under 2.0.0');
  app.sql(`UPDATE notes SET color = 'red' WHERE id = 7`);
}

test(
  'a rollback whose release is not sound is undone: data, what was parked, what was written',
  limits,
  async (t) => {
    const app = await NotesService.start(t);
    await upgraded(app);
    app.fail('probe-1.0.0');
    app.block('probe-1.0.0');
    const run = app.begin('rollback', '--yes', '--json');
    await app.reached('probe-1.0.0');
    assert.deepEqual(app.rows(`SELECT name FROM pragma_table_info('notes')`), [
      ['id'],
      ['body'],
      ['state'],
    ]);
    await requirePost(app, 'between start and undo');
    // It ends by itself and is bad, so only killing the application brings the gate to its end at once.
    // The probe never gets an answer; what ends the wait is that the application has ended.
    await app.crash('1.0.0');
    const { code, stdout } = await run.ended;
    assert.equal(code, 4, stdout);
    const report = JSON.parse(stdout);
    assert.equal(report.result, 'undone');
    assert.match(report.undoneBy, /^return-/);
    assert.equal(app.must('status').release, '2.0.0');
    assert.deepEqual(app.bodies().slice(-2), ['under 2.0.0', 'between start and undo']);
    assert.deepEqual(app.rows('SELECT color FROM notes WHERE id = 7'), [['red']]);
    await requirePost(app, 'and goes on');
  },
);

test('an undo that is killed, at several points, is brought to its end once', limits, async (t) => {
  const app = await NotesService.start(t);
  await upgraded(app);
  for (const point of ['after-stop-1.0.0', 'after-commit-2.0.0', 'after-start-2.0.0']) {
    app.mend('1.0.0');
    app.block(point);
    app.block('probe-1.0.0');
    const run = app.begin('rollback', '--yes', '--json');
    await app.reached('probe-1.0.0');
    await requirePost(app, `before ${point}`);
    await app.crash('1.0.0');
    await app.reached(point);
    run.child.kill('SIGKILL');
    await run.ended;
    app.letGo(point);
    const resumed = app.backstep('resume', '--json');
    assert.equal(resumed.exitCode, 4, resumed.stdout + resumed.stderr);
    const status = app.must('status');
    assert.equal(status.release, '2.0.0', point);
    assert.deepEqual(status.interrupted, []);
    await requirePost(app, `after ${point}`);
    assert.deepEqual(app.bodies().slice(-2), [`before ${point}`, `after ${point}`]);
  }
  assert.deepEqual(app.rows('SELECT color FROM notes WHERE id = 7'), [['red']]);
});

test(
  'a hook that fails after the commit record warns, and takes nothing back',
  limits,
  async (t) => {
    const app = await NotesService.start(t);
    app.fail('after-start-2.0.0');
    const report = app.must('upgrade', '--to', '2.0.0', '--yes');
    assert.equal(report.result, 'upgraded');
    assert.match(report.warnings.join(), /after-start: the hook .* refused: told to fail/);
  },
);
