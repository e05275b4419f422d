import assert from 'node:assert/strict';
import { mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { observedHost } from '../../sim/observed-host.ts';
import { nodeHost } from '../../src/host/node.ts';
import type { Executable } from '../crash/executable.ts';
import { inProcess, inProcessOn } from '../crash/in-process.ts';
import { removeTree } from '../crash/notes-application.ts';
import { sceneNamed } from '../crash/scenes.ts';
import { setUp, tryOnce } from '../crash/trial.ts';
import { mount, mountMemory, unmount, whyNoMount } from './mounts.ts';

const skip = whyNoMount() ?? false;

/** Of the acts of each command, spread evenly over all of it. */
const points = 6;

/** More than a switch asks for. */
const roomy = 'size=1g';

/**
 * A real file system that has no free block from an act on until the command has ended, for Backstep, for SQLite and for
 * the migration of the application alike. Then there is room again, and `resume` brings it to an end.
 */
describe('a disk that is full from an act on', { concurrency: false, skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-full-'));
  after(() => removeTree(folder));

  for (const [turn, name] of (['upgrade', 'rollback', 'return'] as const).entries()) {
    test(`${name}: nothing is lost`, async (t) => {
      const disk = join(folder, name, 'app');
      mountMemory(disk, '1g');
      try {
        const wishes = { port: null, executable: inProcess };
        const stage = await setUp(join(folder, name), sceneNamed(name), wishes);
        let failed = 0;
        for (let point = 0; point < points; point += 1) {
          const share = (point + turn / 3 + 0.1) / points;
          const at = Math.floor(share * stage.acts.length);
          const outcome = await tryOnce(stage, {
            strikes: [],
            executable: fullFrom(disk, at),
            afterStrike: () => mount('-o', `remount,${roomy}`, disk),
          });
          const [said] = outcome.said;
          const { phase, name: act, path } = stage.acts[at] ?? {};
          const where = `full from act ${at} on: ${phase}: ${act} ${path}`;
          assert.deepEqual(outcome.losses.filter(isNotUndone), [], where);
          assert.doesNotMatch(`${said?.stdout}${said?.stderr}`, /defect of Backstep/, where);
          if (said?.code !== 0) failed += 1;
          else assert.deepEqual([outcome.losses, outcome.end], [[], 'after'], where);
        }
        assert.ok(failed >= points / 3, `${failed} commands met it`);
        t.diagnostic(`tried: ${points} full disks, ${failed} commands failed`);
      } finally {
        unmount(disk);
      }
    });
  }
});

/**
 * A switch that was taken back by its opposite leaves another book, and its record still shows what it had parked; all
 * else is the same.
 */
function isNotUndone(line: string): boolean {
  return !/^(?:not found: book|found: book|found: parked): /.test(line);
}

/** No block is free from this act of the first command line on. */
function fullFrom(disk: string, number: number): Executable {
  let at = -1;
  return inProcessOn(
    observedHost(nodeHost(), () => {
      at += 1;
      if (at === number) mount('-o', `remount,size=${usedBytes(disk)}`, disk);
    }),
  );
}

function usedBytes(disk: string): number {
  const { blocks, bfree, bsize } = statfsSync(disk);
  return (blocks - bfree) * bsize;
}
