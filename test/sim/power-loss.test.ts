import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { shownLosses } from './judge.ts';
import { scenes } from './scenes.ts';
import { tryKillsThenPowerLosses, tryPowerLosses } from './trials.ts';

/** Others are tried by `node scripts/power-loss.ts --seed N`, which replays one as well. */
const seed = 4;

describe('the power fails at an act of the disk, and what was not synced is lost, torn or reordered', () => {
  for (const scene of scenes) {
    for (const syncsWhole of [true, false]) {
      const how = `${scene.name}, synced ${syncsWhole ? 'as a whole' : 'file by file'}`;
      const wishes = { seed, disksEach: 1, traits: { syncsWhole } };

      test(`${how}: nothing is lost`, async (t) => {
        const { points, disks, losses } = await tryPowerLosses(scene, { ...wishes, everyAct: 8 });
        t.diagnostic(`${points} crash points, ${disks} disks, seed ${seed}`);
        assert.ok(points > 40);
        assert.deepEqual(losses, [], shownLosses(seed, losses));
      });

      test(`${how}, killed before: nothing is lost`, async (t) => {
        const tried = await tryKillsThenPowerLosses(scene, { ...wishes, everyAct: 45 });
        t.diagnostic(`${tried.points} kills, ${tried.disks} disks, seed ${seed}`);
        assert.ok(tried.points > 8);
        assert.deepEqual(tried.losses, [], shownLosses(seed, tried.losses));
      });
    }
  }
});
