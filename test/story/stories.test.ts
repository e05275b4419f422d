/** Whole stories on a real application, through the switch: several upgrades, back and forth, edits everywhere, kills. */
import { test } from 'node:test';
import { fc } from '../chance.ts';
import { stories } from './story.ts';
import { tell } from './telling.ts';

/** A story takes seconds. `BACKSTEP_LAW_RUNS=100 node --test test/story/stories.test.ts` tells more of them. */
const runsOf = (usual: number): { readonly numRuns: number } => ({
  numRuns: Number(process.env['BACKSTEP_LAW_RUNS'] ?? usual),
});

test('over several upgrades, back and forth, with edits on every side, each law holds', async () => {
  await fc.assert(
    fc.asyncProperty(stories(4), (story) => tell(story, { folds: true })),
    runsOf(4),
  );
});

const kills = fc.record({
  at: fc.integer({ min: 1, max: 6 }),
  share: fc.nat(999),
  how: fc.constantFrom('kill', 'tear'),
});

test('a story that is killed somewhere, and resumed, goes on as if nothing had been', async () => {
  await fc.assert(
    fc.asyncProperty(stories(3), kills, (story, kill) => tell(story, { kill })),
    runsOf(2),
  );
});

test('ten times back and forth over several upgrades, with edits on both sides', async () => {
  await fc.assert(
    fc.asyncProperty(stories(10, 10), (story) => tell(story, {})),
    runsOf(1),
  );
});
