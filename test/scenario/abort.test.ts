import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { NotesService } from './notes-service.ts';

const limits = { timeout: 900_000 };

/** Everything that Backstep leaves beside the live state while it works. */
function leftBeside(app: NotesService): string[] {
  return readdirSync(app.folder).filter((name) => name.startsWith('.backstep'));
}

async function requirePost(app: NotesService, body: string): Promise<void> {
  assert.notEqual(await app.post(body), null, body);
}

test('an abort before the commit record takes all of a running upgrade back', limits, async (t) => {
  const app = await NotesService.start(t);
  const nothing = app.backstep('abort');
  assert.equal(nothing.exitCode, 3, nothing.stderr);
  assert.match(nothing.stderr, /no run is under way or was interrupted/);

  app.block('before-commit-2.0.0');
  const run = app.begin('upgrade', '--to', '2.0.0', '--yes', '--json');
  await app.reached('before-commit-2.0.0');
  const aborted = app.must('abort', '--reason', 'wrong one');
  assert.equal(aborted.result, 'abandoned');
  const { code, stdout } = await run.ended;
  assert.equal(code, 4, stdout);
  assert.match(stdout, /switch\/aborted.*aborted at stage: wrong one/s);
  await requirePost(app, 'still here');
  assert.equal(app.must('status').release, '1.0.0');
  assert.deepEqual(leftBeside(app), []);

  const late = app.backstep('abort', aborted.run);
  assert.equal(late.exitCode, 3, late.stderr);
});

test(
  'after the commit record an abort is the policy: undone, with what was written',
  limits,
  async (t) => {
    const app = await NotesService.start(t);
    app.block('after-start-2.0.0');
    const run = app.begin('upgrade', '--to', '2.0.0', '--yes', '--json');
    await app.reached('after-start-2.0.0');
    await requirePost(app, 'written under 2.0.0');
    assert.equal(app.must('abort').result, 'undone');
    const { code, stdout } = await run.ended;
    assert.equal(code, 4, stdout);
    assert.match(stdout, /"undoneBy": "rollback-/);
    assert.equal(app.must('status').release, '1.0.0');
    assert.equal(app.bodies().at(-1), 'written under 2.0.0');
    await requirePost(app, 'and goes on');
    assert.deepEqual(leftBeside(app), []);
  },
);

test(
  'an abort of a run that holds leaves it committed and stopped, and says how to go on',
  limits,
  async (t) => {
    const app = await NotesService.start(t);
    app.block('probe-2.0.0');
    const run = app.begin('upgrade', '--to', '2.0.0', '--yes', '--on-failure', 'hold', '--json');
    await app.reached('probe-2.0.0');
    const aborted = app.backstep('abort', '--json');
    assert.equal(aborted.exitCode, 7, aborted.stderr);
    assert.equal(JSON.parse(aborted.stdout).result, 'held');
    assert.equal((await run.ended).code, 7);
    const status = app.backstep('status');
    assert.equal(status.exitCode, 7);
    assert.match(status.stdout, /2\.0\.0.*stopped/);
    assert.match(status.stdout, /HELD: upgrade-.*backstep service start.*backstep rollback/s);
    app.letGo('probe-2.0.0');
    app.must('rollback', '--yes');
    await requirePost(app, 'back');
  },
);

test('an interrupted run is aborted by its name', limits, async (t) => {
  const app = await NotesService.start(t);
  for (const [point, result] of [
    ['after-stop-1.0.0', 'abandoned'],
    ['after-commit-2.0.0', 'undone'],
    ['after-start-2.0.0', 'undone'],
  ] as const) {
    app.block(point);
    const run = app.begin('upgrade', '--to', '2.0.0', '--yes', '--release-hold');
    await app.reached(point);
    run.child.kill('SIGKILL');
    await run.ended;
    app.letGo(point);
    const open = app.backstep('status', '--json');
    assert.equal(open.exitCode, 7);
    const [name] = JSON.parse(open.stdout).interrupted;
    assert.deepEqual(app.must('abort', name), { run: name, result }, point);
    assert.equal(app.must('status').release, '1.0.0', point);
    await requirePost(app, `after ${point}`);
  }
  assert.deepEqual(
    app.bodies().filter((body) => body.startsWith('after')),
    ['after after-stop-1.0.0', 'after after-commit-2.0.0', 'after after-start-2.0.0'],
  );
  assert.deepEqual(leftBeside(app), []);
});
