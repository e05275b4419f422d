import { test } from 'node:test';
import * as fc from 'fast-check';
import { bothWays, lacksShell } from '../../../test/rows/compiled.ts';
import { random } from '../../../test/rows/laws.ts';
import { plainTerms, Scene } from '../../../test/rows/scene.ts';

const runs = { numRuns: Number(process.env['BACKSTEP_LAW_RUNS'] ?? 30) };

test('the script carries what the law carries, and parks what it parks, in random databases', async (t) => {
  if (lacksShell(t)) return;
  const property = fc.asyncProperty(random.old, random.since, async (old, since) => {
    const scene = new Scene({});
    try {
      await scene.state('before', random.oldShape);
      scene.attempt('before', old);
      await scene.state('after', random.upgrade, 'before');
      await scene.state('now', '', 'after');
      scene.attempt('now', since);
      await bothWays(scene, { ...plainTerms, lenses: random.lenses });
    } finally {
      scene.close();
    }
  });
  await fc.assert(property, runs);
});
