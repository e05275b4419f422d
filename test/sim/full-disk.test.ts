import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fillings, tryFullDisk } from './full-disk.ts';
import { shownLosses } from './judge.ts';
import { switches } from './scenes.ts';

describe('the disk is full at an act that takes room', () => {
  for (const scene of switches) {
    for (const filling of fillings) {
      test(`${scene.name}, ${filling}: nothing is lost, and resume ends it`, async (t) => {
        const { points, losses } = await tryFullDisk(scene, { everyAct: 23, filling });
        t.diagnostic(`${points} full disks`);
        assert.ok(points > 8);
        assert.deepEqual(losses, [], shownLosses(0, losses));
      });
    }
  }
});
