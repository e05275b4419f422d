import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotesService } from './notes-service.ts';

const limits = { timeout: 900_000 };

test(
  'an asset is restored live, the others stay, and the safety snapshot takes it back',
  limits,
  async (t) => {
    const app = await NotesService.start(t);
    const seeded = app.bodies();
    const { id } = app.must('snapshot');
    assert.notEqual(await app.post('written later'), null);
    app.write('data/settings.json', '{\n  "language": "vi"\n}\n');

    const refused = app.backstep('restore', '--at', id, '--live');
    assert.equal(refused.exitCode, 2, refused.stderr);
    const both = app.backstep('restore', '--at', id, '--live', '--into', 'x', '--yes');
    assert.equal(both.exitCode, 2, both.stderr);

    const report = app.must('restore', '--at', id, '--live', '--asset', 'notes', '--yes');
    assert.deepEqual(
      [report.result, report.way, report.from, report.to],
      ['restored', 'captured', '1.0.0', '1.0.0'],
    );
    assert.equal(report.objective.type, 'database');
    assert.deepEqual(app.bodies(), seeded);
    assert.match(app.read('data/settings.json'), /"vi"/);
    assert.notEqual(await app.post('after the restore'), null);

    const safety = app.safetySnapshot(report.run);
    app.must('restore', '--at', safety, '--live', '--yes');
    assert.deepEqual(app.bodies(), [...seeded, 'written later']);
  },
);

test(
  'a restore whose result is not sound is undone, with what was written in between',
  limits,
  async (t) => {
    const app = await NotesService.start(t);
    const { id } = app.must('snapshot');
    assert.notEqual(await app.post('written later'), null);
    app.block('after-start-1.0.0');
    const run = app.begin('restore', '--at', id, '--live', '--yes', '--json');
    await app.reached('after-start-1.0.0');
    assert.notEqual(await app.post('in between'), null);
    // The undo runs through the same hook, which must not wait again.
    const abort = app.begin('abort', '--json');
    await app.reached('after-start-1.0.0');
    app.letGo('after-start-1.0.0');
    assert.equal(JSON.parse((await abort.ended).stdout).result, 'undone');
    assert.equal((await run.ended).code, 4);
    assert.deepEqual(app.bodies().slice(-2).sort(), ['in between', 'written later']);
  },
);

test('a state of another release is not restored under this one', limits, async (t) => {
  const app = await NotesService.start(t);
  const { id } = app.must('snapshot');
  app.must('upgrade', '--to', '2.0.0', '--yes');
  const refused = app.backstep('restore', '--at', id, '--live', '--yes');
  assert.equal(refused.exitCode, 3, refused.stderr);
  assert.match(refused.stderr, /no state of 2\.0\.0 was captured/);
  assert.notEqual(await app.post('goes on'), null);
});
