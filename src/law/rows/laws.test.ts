import { test } from 'node:test';
import { complete, surviving, unchanged, undisturbed } from '../../../test/rows/laws.ts';
import { fc } from '../../../test/chance.ts';

const runs = { numRuns: Number(process.env['BACKSTEP_LAW_RUNS'] ?? 60) };

test('back with no change since gives exactly before', async () => {
  await fc.assert(unchanged, runs);
});

test('every changed cell is carried or parked, and back and forth again gives exactly now', async () => {
  await fc.assert(complete, runs);
});

test('an edit made under the old release survives going forward', async () => {
  await fc.assert(surviving, runs);
});

test('an edit of one row under the old release never disturbs the return of another, a deleted one stays away', async () => {
  await fc.assert(undisturbed, runs);
});
