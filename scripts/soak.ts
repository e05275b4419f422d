/**
 * Kills switches at random acts, over and over: `node scripts/soak.ts --kills 1000 [--seed 7] [--folder /tmp]`. Most
 * trials run in this process, on a host that is dead from the strike on; every tenth is the real executable under
 * SIGKILL. With `--figures` the crash tests, the simulated disk and the bad inputs are run and counted before, which is
 * every figure of docs/reliability.md; `--write` puts them there. The seed replays. The last line tells kills, seed and
 * losses; exit code 7 where anything was lost or a test failed.
 */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { figuresOfTests } from '../test/crash/figures.ts';
import { removeTree } from '../test/crash/notes-application.ts';
import { killAtRandom, type Soaked } from '../test/crash/random-trials.ts';
import { shownLosses } from '../test/sim/judge.ts';
import { simulatedCrashes } from '../test/sim/trials.ts';
import { figureTable, writeFigures } from './reliability-figures.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    folder: { type: 'string', default: tmpdir() },
    figures: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const [wanted, seed] = [Number(values.kills), Number(values.seed)];
if (!Number.isInteger(wanted) || wanted < 1 || !Number.isInteger(seed)) {
  process.stderr.write(
    'usage: soak [--kills N] [--seed N] [--folder FOLDER] [--figures [--write]]\n',
  );
  process.exit(2);
}

const tell = (line: string): void => void process.stdout.write(`${line}\n`);
tell(`seed ${seed}`);
const losses = values.figures || values.write ? await allFigures() : (await soak()).losses;
process.exitCode = losses === 0 ? 0 : 7;

/** Returns how many trials lost something. */
async function allFigures(): Promise<number> {
  const tests = await figuresOfTests(tell);
  const simulated = await simulatedCrashes(seed, { disksEach: 1, everyAct: 3 });
  if (simulated.losses.length > 0) tell(shownLosses(seed, simulated.losses));
  const soaked = await soak();
  const lost = soaked.losses + tests.failed.length + simulated.losses.length;
  const table = figureTable({ tests, simulated, soaked, seed, losses: lost });
  tell(table);
  if (values.write) writeFigures(table);
  for (const name of tests.skipped) tell(`not tried here: ${name}`);
  tell(`kills ${soaked.kills} · seed ${seed} · losses ${lost}`);
  return lost;
}

async function soak(): Promise<Soaked> {
  mkdirSync(values.folder, { recursive: true });
  const folder = mkdtempSync(join(values.folder, 'backstep-soak-'));
  try {
    const soaked = await killAtRandom({ kills: wanted, seed, folder, tell });
    tell(`kills ${soaked.kills} · seed ${seed} · losses ${soaked.losses}`);
    return soaked;
  } finally {
    removeTree(folder);
  }
}
