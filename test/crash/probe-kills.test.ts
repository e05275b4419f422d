import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inProcess } from './in-process.ts';
import { killBefore } from './kill-points.ts';
import { removeTree } from './notes-application.ts';
import { sceneNamed } from './scenes.ts';
import { setUp, tryOnce } from './trial.ts';

test('a kill while it is probed where live files lie leaves nothing there', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-probe-kills-'));
  t.after(() => removeTree(folder));
  const wishes = { port: null, executable: inProcess };
  const stage = await setUp(join(folder, 'rollback'), sceneNamed('rollback'), wishes);
  const probing = stage.acts.filter(({ path }) => path.endsWith('.probe'));
  assert.ok(probing.length >= 4, `${probing.length} acts`);
  for (const act of probing) {
    const outcome = await tryOnce(stage, { strikes: [killBefore(act)], executable: inProcess });
    assert.deepEqual(outcome.losses, [], `${act.name} ${act.path}`);
    assert.equal(outcome.end, 'before');
  }
});
