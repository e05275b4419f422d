import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { inProcess } from '../crash/in-process.ts';
import { removeTree } from '../crash/notes-application.ts';
import { manifestText } from '../crash/notes-releases.ts';
import { sceneNamed } from '../crash/scenes.ts';
import { setUp, tryOnce, type Stage } from '../crash/trial.ts';
import { mount, mountMemory, unmount, whyNoMount } from './mounts.ts';

const skip = whyNoMount() ?? false;

/** Nothing can be renamed across the border of a file system, and nothing of one that is not there can be captured. */
describe('a file system that is mounted inside an asset', { concurrency: false, skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-mounts-'));
  let stage: Stage;
  const inside = (): string => stage.app.path('data/attachments/mounted');
  after(() => removeTree(folder));
  before(async () => {
    const wishes = { port: null, executable: inProcess };
    stage = await setUp(join(folder, 'rollback'), sceneNamed('rollback'), wishes);
  });

  /** From the beginning; whatever was mounted is gone in the end. */
  async function onMounted(work: () => Promise<void>): Promise<void> {
    stage.app.bringBack(stage.template);
    stage.app.executable = inProcess;
    try {
      await work();
    } finally {
      unmount(inside());
      unmount(stage.app.path('data/notes.db'));
    }
  }

  async function refused(...argv: readonly string[]): Promise<void> {
    const said = await stage.app.must(3, ...argv);
    assert.match(said.stderr, /store\/mount-inside/);
  }

  for (const holds of ['a file', 'nothing']) {
    test(`with ${holds} in it, it is refused before anything is touched`, async () => {
      await onMounted(async () => {
        mountMemory(inside(), '64k');
        if (holds === 'a file') stage.app.write('data/attachments/mounted/four.txt', 'four\n');
        await refused('snapshot');
        await refused('rollback', '--yes');
        assert.match((await stage.app.must(0, 'status')).stdout, /2\.0\.0/);
        assert.match((await stage.app.must(7, 'doctor')).stdout, /mounted inside the asset/);
      });
      const outcome = await tryOnce(stage, { strikes: [], executable: inProcess });
      assert.deepEqual([outcome.losses, outcome.end], [[], 'after']);
    });
  }

  test('a single file that is a mount point is refused before anything is touched', async () => {
    await onMounted(async () => {
      const database = stage.app.path('data/notes.db');
      mount('--bind', database, database);
      await refused('rollback', '--yes');
    });
  });

  test('one that is excluded is left alone', async () => {
    await onMounted(async () => {
      mountMemory(inside(), '64k');
      const manifest = manifestText({ port: null });
      const root = "root: '{data}/attachments'";
      stage.app.write('backstep.yaml', manifest.replace(root, `${root}, exclude: ['mounted/**']`));
      await stage.app.must(0, 'rollback', '--yes');
    });
  });

  test('one that appears in the middle of a switch takes the run back', async () => {
    const spoil = (): void => {
      mkdirSync(inside());
      const run = JSON.stringify(['/bin/sh', '-c', `mount -t tmpfs backstep '${inside()}'`]);
      const more = `hooks: { before-commit: { run: ${run}, timeout: 60s } }`;
      stage.app.write('backstep.yaml', manifestText({ port: null, more }));
    };
    const gone = (): void => {
      unmount(inside());
      rmSync(inside(), { recursive: true });
    };
    const outcome = await tryOnce(stage, {
      strikes: [],
      spoil,
      afterStrike: gone,
      executable: inProcess,
    });
    assert.deepEqual([outcome.losses, outcome.end], [[], 'before']);
    assert.equal(outcome.said[0]?.code, 4);
    assert.match(outcome.said[0]?.stdout ?? '', /mount/);
  });

  test('a bind mount at the root of an asset is switched within itself', async () => {
    const root = stage.app.path('data');
    const spoil = (): void => mount('--bind', root, root);
    const outcome = await tryOnce(stage, {
      strikes: [],
      spoil,
      afterStrike: () => unmount(root),
      executable: inProcess,
    }).finally(() => unmount(root));
    assert.deepEqual([outcome.losses, outcome.end], [[], 'after']);
  });
});
