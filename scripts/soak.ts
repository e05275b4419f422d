/**
 * Kills switches at random acts, over and over: `node scripts/soak.ts --kills 1000 [--seed 7] [--folder /tmp]`.
 * Most trials run in this process, on a host that is dead from the strike on; every tenth is the real executable under
 * SIGKILL. The seed replays a soak. The last line tells kills, seed and losses; exit code 7 where anything was lost.
 */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { nodeHost } from '../src/host/node.ts';
import { realExecutable } from '../test/crash/executable.ts';
import { inProcess } from '../test/crash/in-process.ts';
import { nameOf } from '../test/crash/kill-points.ts';
import { removeTree } from '../test/crash/notes-application.ts';
import { randomFrom, randomStrikes } from '../test/crash/random-kills.ts';
import { scenes } from '../test/crash/scenes.ts';
import { setUp, tryOnce, type Stage } from '../test/crash/trial.ts';

/** How often it tells how far it is. */
const toldTrials = 25;

/** A scene without a running application is drawn so many times as often as one with. */
const quietShare = 6;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    folder: { type: 'string', default: tmpdir() },
  },
});
const [wanted, seed] = [Number(values.kills), Number(values.seed)];
if (!Number.isInteger(wanted) || wanted < 1 || !Number.isInteger(seed)) {
  process.stderr.write('usage: soak --kills N [--seed N] [--folder FOLDER]\n');
  process.exit(2);
}

mkdirSync(values.folder, { recursive: true });
const folder = mkdtempSync(join(values.folder, 'backstep-soak-'));
try {
  process.stdout.write(`seed ${seed}\n`);
  process.exitCode = (await soak()) === 0 ? 0 : 7;
} finally {
  removeTree(folder);
}

/** Returns how many trials lost something. */
async function soak(): Promise<number> {
  const random = randomFrom(seed);
  const stages = await setUpAll();
  const counts = new Map<string, number>();
  let [kills, losses] = [0, 0];
  for (let trial = 1; kills < wanted; trial += 1) {
    const stage = stages[Math.floor(random() * stages.length)];
    if (stage === undefined) break;
    const executable = trial % 10 === 0 ? realExecutable : inProcess;
    const strikes = randomStrikes(random, stage.acts);
    const outcome = await tryOnce(stage, { strikes, goesOn: random() < 0.25, executable });
    kills += outcome.said.filter(({ signal }) => signal === 'SIGKILL').length;
    const name = `${stage.scene.name}: ${outcome.end ?? 'LOST'}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (trial % toldTrials === 0) process.stdout.write(`… kills ${kills} · losses ${losses}\n`);
    if (outcome.losses.length === 0) continue;
    losses += 1;
    const points = strikes.map(nameOf).join(', then ');
    process.stdout.write(`LOST: trial ${trial}: ${stage.scene.name}: ${points}\n`);
    for (const line of outcome.losses) process.stdout.write(`  ${line}\n`);
  }
  for (const [name, count] of [...counts].toSorted(byName))
    process.stdout.write(`${name} ${count}\n`);
  process.stdout.write(`kills ${kills} · seed ${seed} · losses ${losses}\n`);
  return losses;
}

function byName([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1;
}

/** Each scene; those in which the application is started and stopped take longer, and are drawn less often. */
async function setUpAll(): Promise<Stage[]> {
  const stages: Stage[] = [];
  for (const [index, scene] of scenes.entries()) {
    const port = scene.isServed ? await nodeHost().network.freePort() : null;
    const wishes = { port, executable: inProcess };
    const stage = await setUp(join(folder, String(index)), scene, wishes);
    stages.push(...Array.from({ length: scene.isServed ? 1 : quietShare }, () => stage));
  }
  return stages;
}
