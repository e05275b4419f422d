import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileSystems, Image, whyNoImage, type FileSystem } from './image.ts';
import { killBefore, nameOf } from './kill-points.ts';
import { removeTree } from './notes-application.ts';
import { sceneNamed } from './scenes.ts';
import type { TracedAct } from './strike.ts';
import { setUp, tryOnce, wasKilled } from './trial.ts';

/**
 * The power fails while a rollback runs: everything lies on a real file system in an image, of which at the moment of
 * the kill only that is kept which the kernel had written. What was lost or put in another order by a device that lies
 * about its flushes is not tried here.
 */
describe('the power fails during a rollback', { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-power-'));
  after(() => removeTree(folder));

  for (const [turn, fileSystem] of fileSystems.entries()) {
    test(`on ${fileSystem}, nothing is lost`, async (t) => {
      const why = whyNoImage(join(folder, 'probe'), fileSystem);
      if (why !== null) {
        t.skip(why);
        return;
      }
      const tried = await failPower(join(folder, fileSystem), fileSystem, turn);
      t.diagnostic(`tried: ${tried} image crashes`);
    });
  }
});

async function failPower(folder: string, fileSystem: FileSystem, turn: number): Promise<number> {
  const image = new Image(folder, fileSystem);
  image.attach();
  try {
    const stage = await setUp(join(image.mount, 'trial'), sceneNamed('rollback'), { port: null });
    stage.app.bringBack(stage.template);
    image.detach();
    image.keep('beginning');
    image.attach();
    const power = {
      bringBack: () => {
        image.detach();
        image.bringBack('beginning');
      },
      afterStrike: () => image.cutPower(),
    };
    const acknowledged = await tryOnce(stage, { strikes: [], ...power });
    assert.deepEqual([acknowledged.losses, acknowledged.end], [[], 'after'], 'acknowledged');
    const points = powerPoints(stage.acts, turn);
    for (const act of points) {
      const strike = killBefore(act);
      const outcome = await tryOnce(stage, { strikes: [strike], ...power });
      assert.deepEqual(outcome.losses, [], `${fileSystem}: ${nameOf(strike)}`);
      assert.ok(wasKilled(outcome), `${nameOf(strike)} was not reached`);
    }
    return points.length;
  } finally {
    image.detach();
  }
}

/** Each act after which something new may be relied on, spread over the file systems; the renames on all of them. */
function powerPoints(acts: readonly TracedAct[], turn: number): TracedAct[] {
  const isRename = ({ phase, name }: TracedAct): boolean =>
    (phase === 'displace' || phase === 'place') && name === 'rename';
  const firsts = new Map<string, TracedAct>();
  for (const act of acts) {
    if (!['write', 'makeFolder', 'chmod', 'setTimes', 'lchown'].includes(act.name)) {
      firsts.set(`${act.phase} ${act.name}`, act);
    }
  }
  const shared = [...firsts.values()].filter(
    (_, index) => index % (4 * fileSystems.length) === turn,
  );
  return [...new Set([...shared, ...acts.filter(isRename)])];
}
