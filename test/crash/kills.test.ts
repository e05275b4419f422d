import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { realExecutable } from './executable.ts';
import { inProcess } from './in-process.ts';
import { nameOf, spread } from './kill-points.ts';
import { removeTree } from './notes-application.ts';
import { scenes } from './scenes.ts';
import { setUp, tryOnce, wasKilled, type Stage } from './trial.ts';

/** Every so many-th kill is the real executable's; the others happen in this process, on a host that dies. */
const realStride = 3;

/**
 * Ended by SIGKILL before (or in the middle of) acts of its disk and its processes. After each
 * kill `resume` is run; then every row, file, setting and parked value is that of before the command or that of
 * after it, and the application stands accordingly.
 */
describe('killed at an act of the disk or of processes', { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-kills-'));
  const stages: Stage[] = [];
  after(() => removeTree(folder));
  before(async () => {
    for (const scene of scenes.filter(({ isServed }) => !isServed)) {
      stages.push(
        await setUp(join(folder, scene.name), scene, { port: null, executable: inProcess }),
      );
    }
  });

  for (const { name, isServed } of scenes) {
    if (isServed) continue;
    test(`${name}: nothing is lost, whatever it was doing`, async (t) => {
      const traces = Object.fromEntries(stages.map(({ scene, acts }) => [scene.name, acts]));
      const stage = stages.find(({ scene }) => scene.name === name);
      assert.ok(stage !== undefined);
      const strikes = spread(traces)[name] ?? [];
      assert.ok(strikes.length >= 10, `${strikes.length} kill points`);
      const ends: string[] = [];
      for (const [index, strike] of strikes.entries()) {
        const executable = index % realStride === 0 ? realExecutable : inProcess;
        const wishes = { strikes: [strike], goesOn: index % 4 === 0, executable };
        const outcome = await tryOnce(stage, wishes);
        assert.deepEqual(outcome.losses, [], nameOf(strike));
        assert.ok(wasKilled(outcome), `${nameOf(strike)} was not reached`);
        ends.push(outcome.end ?? '');
      }
      t.diagnostic(`tried: ${strikes.length} kill points`);
      assert.deepEqual([...new Set(ends)].sort(), ['after', 'before']);
    });
  }
});
