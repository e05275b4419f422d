/**
 * Lets the power fail under upgrade, rollback and return on the simulated disk:
 * `node scripts/power-loss.ts [--seed 7] [--disks 3] [--every 1]`. `--every 1` fails it before each act, and `--disks`
 * says how many different disks each of these points leaves. The seed replays it. The last line tells crash points,
 * disks, seed and losses; exit code 7 where anything was lost.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { shownLosses } from '../test/sim/judge.ts';
import { simulatedCrashes } from '../test/sim/trials.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    disks: { type: 'string', default: '3' },
    every: { type: 'string', default: '1' },
  },
});
const [seed, disksEach, everyAct] = [values.seed, values.disks, values.every].map(Number);
if (![seed, disksEach, everyAct].every((value) => Number.isInteger(value) && Number(value) > 0)) {
  process.stderr.write('usage: power-loss [--seed N] [--disks N] [--every N]\n');
  process.exit(2);
}
const { points, disks, losses } = await simulatedCrashes(seed ?? 1, {
  disksEach: disksEach ?? 1,
  everyAct: everyAct ?? 1,
});
if (losses.length > 0) process.stdout.write(`${shownLosses(seed ?? 1, losses)}\n`);
process.stdout.write(
  `crash points ${points} · disks ${disks} · seed ${seed} · losses ${losses.length}\n`,
);
process.exitCode = losses.length === 0 ? 0 : 7;
