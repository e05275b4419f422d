import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { nodeHost } from '../../src/host/node.ts';
import { inProcess } from './in-process.ts';
import { nameOf, spread } from './kill-points.ts';
import { removeTree } from './notes-application.ts';
import { scenes } from './scenes.ts';
import { setUp, tryOnce, wasKilled, type Stage } from './trial.ts';

/** Of the kinds of acts, every so many-th: each trial starts and stops the application several times. */
const stride = 4;

/**
 * The target is refused after its start, so the opposite switch takes it back, and that is killed: also what a user
 * wrote to the refused release is there in the end. The program runs in this process, on a host that dies.
 */
describe('killed while a switch is undone', { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-undo-kills-'));
  const stages: Stage[] = [];
  const served = scenes.filter(({ isServed }) => isServed);
  after(() => removeTree(folder));
  before(async () => {
    for (const scene of served) {
      const port = await nodeHost().network.freePort();
      stages.push(await setUp(join(folder, scene.name), scene, { port, executable: inProcess }));
    }
  });

  for (const [turn, { name }] of served.entries()) {
    test(`${name}: nothing is lost`, async () => {
      const traces = Object.fromEntries(stages.map(({ scene, acts }) => [scene.name, acts]));
      const stage = stages[turn];
      assert.ok(stage !== undefined);
      const late = (spread(traces)[name] ?? []).filter(({ phase }) =>
        /^(start|verify|settle|2\..*)$/.test(phase ?? ''),
      );
      const strikes = late.filter((_, index) => index % stride === turn);
      assert.ok(strikes.length >= 8, `${strikes.length} kill points`);
      for (const strike of strikes) {
        const outcome = await tryOnce(stage, { strikes: [strike] });
        assert.deepEqual(outcome.losses, [], nameOf(strike));
        assert.ok(wasKilled(outcome), `${nameOf(strike)} was not reached`);
      }
    });
  }
});
