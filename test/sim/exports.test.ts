import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chanceFrom } from '../../sim/chance.ts';
import { orders } from '../../sim/name-log.ts';
import { readWhole } from '../../src/host/whole-file.ts';
import type { SimulatedApplication } from './application.ts';
import { rolledBack } from './scenes.ts';

const seed = 6;
const disks = 40;

/** Whoever is told that a file was written may lose power right then. */
for (const [what, command] of Object.entries({
  'what was parked': ['parked', 'export', '--out', 'written'],
  'the record of a procedure': ['runbook', 'record', '--into', 'written'],
})) {
  test(`${what} is on the disk once its file is told to be written`, async () => {
    const app = await rolledBack({});
    await app.must(
      0,
      'runbook',
      'rollback',
      '--reason',
      'it went bad',
      '--by',
      'operator',
      '--json',
    );
    app.settle();
    await app.must(0, ...command);
    const text = textOf(app);
    assert.ok(text.length > 0);
    for (let disk = 0; disk < disks; disk += 1) {
      const chance = chanceFrom(seed, disk);
      const booted = app.afterPowerLoss(chance, chance.of(orders));
      assert.equal(textOf(booted), text, `seed ${seed}, disk ${disk}`);
    }
  });
}

function textOf(app: SimulatedApplication): string {
  return readWhole(app.disk, app.path('written')).toString();
}
