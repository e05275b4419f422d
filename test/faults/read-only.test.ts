import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { observedHost } from '../../sim/observed-host.ts';
import { nodeHost } from '../../src/host/node.ts';
import type { Executable } from '../crash/executable.ts';
import { inProcess, inProcessOn } from '../crash/in-process.ts';
import { removeTree } from '../crash/notes-application.ts';
import { sceneNamed } from '../crash/scenes.ts';
import { actNumbers } from '../crash/strike.ts';
import { setUp, tryOnce } from '../crash/trial.ts';
import { mount, unmount, whyNoMount } from './mounts.ts';

const skip = whyNoMount() ?? false;

/** Phases at whose first act the data turns read-only, and where `resume` ends. */
const struck = {
  upgrade: { stage: 'before', place: 'before' },
  rollback: { displace: 'before', settle: 'after' },
  return: { displace: 'before', place: 'before' },
} as const;

/** As a kernel does with a file system on which it found an error: nothing of it can be changed any more. */
describe('data that turns read-only in the middle', { concurrency: false, skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-read-only-'));
  after(() => removeTree(folder));

  for (const name of ['upgrade', 'rollback', 'return'] as const) {
    test(`${name}: nothing is lost`, async () => {
      const wishes = { port: null, executable: inProcess };
      const stage = await setUp(join(folder, name), sceneNamed(name), wishes);
      const data = stage.app.path('data');
      for (const [phase, end] of Object.entries(struck[name])) {
        const turned = readOnlyFrom(data, phase);
        const outcome = await tryOnce(stage, {
          strikes: [],
          executable: turned.executable,
          bringBack: () => {
            unmount(data);
            stage.app.bringBack(stage.template);
            mount('--bind', data, data);
          },
          afterStrike: () => mount('-o', 'remount,bind,rw', data),
        }).finally(() => unmount(data));
        const where = `${phase}: ${outcome.said[0]?.stdout}${outcome.said[0]?.stderr}`;
        assert.ok(turned.isReadOnly(), where);
        assert.deepEqual(outcome.losses, [], where);
        assert.equal(outcome.end, end, where);
        assert.doesNotMatch(where, /defect of Backstep/);
      }
    });
  }
});

/** From the first act of a phase on; a moment later where something is open for writing just then. */
function readOnlyFrom(
  data: string,
  phase: string,
): { readonly executable: Executable; isReadOnly(): boolean } {
  const number = actNumbers();
  let [isDue, isReadOnly] = [false, false];
  const executable = inProcessOn(
    observedHost(nodeHost(), (act) => {
      isDue ||= number(act).phase === phase;
      if (isReadOnly || !isDue) return;
      isReadOnly = spawnSync('mount', ['-o', 'remount,bind,ro', data]).status === 0;
    }),
  );
  return { executable, isReadOnly: () => isReadOnly };
}
