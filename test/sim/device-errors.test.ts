import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failures, tryDeviceErrors, tryUnreadable } from './device-errors.ts';
import { shownLosses } from './judge.ts';
import { furtherScenes, switches } from './scenes.ts';

const seed = 3;

describe('the device refuses an act, works again, and the power fails', () => {
  for (const scene of [...switches, ...furtherScenes]) {
    for (const failure of failures) {
      test(`${scene.name}, ${failure}: nothing is lost`, async (t) => {
        const wishes = { failure, seed, everyAct: 4, traits: { syncsWhole: false } };
        const { points, losses } = await tryDeviceErrors(scene, wishes);
        t.diagnostic(`${points} refused acts, seed ${seed}`);
        assert.deepEqual(losses, [], shownLosses(seed, losses));
      });
    }
  }
});

describe('the bytes of one file cannot be read', () => {
  for (const scene of [...switches, ...furtherScenes]) {
    test(`${scene.name}: it is told, and nothing is lost`, async (t) => {
      const { points, losses } = await tryUnreadable(scene);
      t.diagnostic(`${points} files`);
      assert.ok(points > 10);
      assert.deepEqual(losses, [], shownLosses(0, losses));
    });
  }
});
