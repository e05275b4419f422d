import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { scenes } from './scenes.ts';
import { shownLosses, tryPowerLosses } from './trials.ts';

/** Replays with `node scripts/power-loss.ts --seed N`; other seeds are tried there. */
const seed = 4;

describe('the power fails at an act of the disk, and what was not synced is lost, torn or reordered', () => {
  for (const scene of scenes) {
    for (const syncsWhole of [true, false]) {
      const how = syncsWhole ? 'synced as a whole' : 'synced file by file';
      test(`${scene.name}, ${how}: nothing is lost`, async (t) => {
        const wishes = { seed, disksEach: 1, everyAct: 7, traits: { syncsWhole } };
        const { points, disks, losses } = await tryPowerLosses(scene, wishes);
        t.diagnostic(`${points} crash points, ${disks} disks, seed ${seed}`);
        assert.ok(points > 50);
        assert.deepEqual(losses, [], shownLosses(seed, losses));
      });
    }
  }
});
