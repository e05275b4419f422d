import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { NotesService } from './notes-service.ts';

const limits = { timeout: 900_000 };

test(
  'a killed run whose journal alone is lost is found, and ends the way that its files prove',
  limits,
  async (t) => {
    const app = await NotesService.start(t);
    for (const [point, result, release] of [
      ['after-stop-1.0.0', 'abandoned', '1.0.0'],
      ['after-commit-2.0.0', 'upgraded', '2.0.0'],
    ] as const) {
      app.block(point);
      const begun = app.begin('upgrade', '--to', '2.0.0', '--yes');
      await app.reached(point);
      begun.child.kill('SIGKILL');
      await begun.ended;
      app.letGo(point);
      const status = app.backstep('status', '--json');
      assert.equal(status.exitCode, 7);
      const [run] = JSON.parse(status.stdout).interrupted;
      rmSync(app.path(`state/journal/${run}.jsonl`));
      assert.equal(app.backstep('status').exitCode, 7, 'it is still known to be interrupted');
      const resumed = JSON.parse(app.backstep('resume', '--json').stdout);
      assert.deepEqual(
        resumed.map((report: { result: string }) => report.result),
        [result],
      );
      assert.equal(app.must('status').release, release);
      assert.notEqual(await app.post(`after ${point}`), null);
    }
    assert.deepEqual(app.bodies().slice(-2), [
      'after after-stop-1.0.0',
      'after after-commit-2.0.0',
    ]);
  },
);
