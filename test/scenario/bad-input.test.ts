import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotesService } from './notes-service.ts';

const limits = { timeout: 900_000 };

test(
  'a second run at the same time is refused, and a manifest edited during a run changes nothing of it',
  limits,
  async (t) => {
    const app = await NotesService.start(t);
    app.block('before-commit-2.0.0');
    const run = app.begin('upgrade', '--to', '2.0.0', '--yes', '--json');
    await app.reached('before-commit-2.0.0');

    const second = app.backstep('upgrade', '--to', '2.0.0', '--yes', '--json');
    assert.equal(second.exitCode, 3, second.stdout + second.stderr);
    assert.equal(JSON.parse(second.stdout).error.code, 'store/locked');

    const manifest = app.read('backstep.yaml');
    app.write('backstep.yaml', 'app: [this is no manifest');
    app.letGo('before-commit-2.0.0');
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, 0, stdout + stderr);
    assert.equal(JSON.parse(stdout).result, 'upgraded');
    assert.equal(
      app.backstep('status').exitCode,
      3,
      'the next command reads the manifest as it is',
    );

    app.write('backstep.yaml', manifest);
    assert.equal(app.must('status').release, '2.0.0');
    assert.notEqual(await app.post('goes on'), null);
  },
);
