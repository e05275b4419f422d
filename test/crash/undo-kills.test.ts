import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { nodeHost } from '../../src/host/node.ts';
import { inProcess } from './in-process.ts';
import { nameOf, spread } from './kill-points.ts';
import { removeTree } from './notes-application.ts';
import { scenes, type Scene } from './scenes.ts';
import type { Strike } from './strike.ts';
import { setUp, tryOnce, wasKilled, type Stage } from './trial.ts';

/** Of the kinds of acts, every so many-th: each trial starts and stops the application several times. */
const stride = 4;

/** Of what a person does about an interrupted run: each trial interrupts one first. The soak tries them all. */
const fewPoints = 3;

/**
 * The target is refused after its start, so the opposite switch takes it back, and that is killed: also what a user
 * wrote to the refused release is there in the end. The program runs in this process, on a host that dies.
 */
describe('killed while a switch is undone', { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-undo-kills-'));
  const stages: Stage[] = [];
  const served: readonly Scene[] = scenes.filter(({ isServed }) => isServed);
  after(() => removeTree(folder));
  before(async () => {
    for (const scene of served) {
      const port = await nodeHost().network.freePort();
      stages.push(await setUp(join(folder, scene.name), scene, { port, executable: inProcess }));
    }
  });

  for (const [turn, { name, opening }] of served.entries()) {
    test(`${name}: nothing is lost`, async (t) => {
      const traces = Object.fromEntries(
        stages
          .filter(({ scene }) => (scene.opening === undefined) === (opening === undefined))
          .map(({ scene, acts }) => [scene.name, acts]),
      );
      const stage = stages[turn];
      assert.ok(stage !== undefined);
      const points = spread(traces)[name] ?? [];
      const strikes =
        opening === undefined ? everySoMany(points.filter(isLate), stride, turn) : few(points);
      assert.ok(strikes.length >= (opening === undefined ? 8 : fewPoints), `${strikes.length}`);
      for (const strike of strikes) {
        const outcome = await tryOnce(stage, { strikes: [strike] });
        assert.deepEqual(outcome.losses, [], nameOf(strike));
        assert.ok(wasKilled(outcome), `${nameOf(strike)} was not reached`);
      }
      t.diagnostic(`tried: ${strikes.length} kill points`);
    });
  }
});

/** What comes before the target was started is another test's. */
function isLate({ phase }: Strike): boolean {
  return /^(start|verify|settle|2\..*)$/.test(phase ?? '');
}

function everySoMany(strikes: readonly Strike[], step: number, from: number): Strike[] {
  return strikes.filter((_, index) => index % step === from % step);
}

/** The first, the last, and what lies evenly between. */
function few(strikes: readonly Strike[]): Strike[] {
  return Array.from({ length: fewPoints }, (_, n) =>
    strikes.at(Math.floor((n * (strikes.length - 1)) / (fewPoints - 1))),
  ).filter((strike) => strike !== undefined);
}
