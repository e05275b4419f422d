import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { shownLosses } from './judge.ts';
import { furtherScenes, switches } from './scenes.ts';
import { tryKillsThenPowerLosses, tryPowerLosses } from './trials.ts';

/** Others are tried by `node scripts/power-loss.ts --seed N`, which replays one as well. */
const seed = 4;

describe('the power fails at an act of the disk, and what was not synced is lost, torn or reordered', () => {
  for (const scene of switches) {
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

describe('the power fails under a restore, an adoption and an undo', () => {
  for (const [turn, scene] of furtherScenes.entries()) {
    test(`${scene.name}: nothing is lost`, async (t) => {
      const wishes = { seed, disksEach: 1, traits: { syncsWhole: turn % 2 === 0 } };
      const { points, disks, losses } = await tryPowerLosses(scene, { ...wishes, everyAct: 9 });
      t.diagnostic(`${points} crash points, ${disks} disks, seed ${seed}`);
      assert.ok(points > 10);
      const killed = await tryKillsThenPowerLosses(scene, { ...wishes, everyAct: 40 });
      const all = [...losses, ...killed.losses];
      assert.deepEqual(all, [], shownLosses(seed, all));
    });
  }
});
