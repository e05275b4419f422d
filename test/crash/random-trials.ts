import { join } from 'node:path';
import { nodeHost } from '../../src/host/node.ts';
import { realExecutable } from './executable.ts';
import { inProcess } from './in-process.ts';
import { nameOf } from './kill-points.ts';
import { randomFrom, randomStrikes } from './random-kills.ts';
import { scenes } from './scenes.ts';
import { setUp, tryOnce, type Stage } from './trial.ts';

/** How often it tells how far it is. */
const toldTrials = 25;

/** A scene without a running application is drawn so many times as often as one with. */
const quietShare = 6;

/** Every so many-th trial is the real executable's, under SIGKILL; the others happen in this process. */
const realStride = 10;

export interface SoakWishes {
  readonly kills: number;
  readonly seed: number;
  /** Empty; it is left as it is in the end. */
  readonly folder: string;
  readonly tell: (line: string) => void;
}

export interface Soaked {
  readonly kills: number;
  /** Trials that lost something. */
  readonly losses: number;
}

/** Kills commands of all scenes at random acts until so many kills are done. The seed replays all of it. */
export async function killAtRandom(wishes: SoakWishes): Promise<Soaked> {
  const { seed, tell } = wishes;
  const random = randomFrom(seed);
  const stages = await setUpAll(wishes.folder);
  const counts = new Map<string, number>();
  let [kills, losses] = [0, 0];
  for (let trial = 1; kills < wishes.kills; trial += 1) {
    const stage = stages[Math.floor(random() * stages.length)];
    if (stage === undefined) break;
    const executable = trial % realStride === 0 ? realExecutable : inProcess;
    const strikes = randomStrikes(random, stage.acts);
    const outcome = await tryOnce(stage, { strikes, goesOn: random() < 0.25, executable });
    kills += outcome.said.filter(({ signal }) => signal === 'SIGKILL').length;
    const name = `${stage.scene.name}: ${outcome.end ?? 'LOST'}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (trial % toldTrials === 0) tell(`… kills ${kills} · losses ${losses}`);
    if (outcome.losses.length === 0) continue;
    losses += 1;
    tell(`LOST: trial ${trial}: ${stage.scene.name}: ${strikes.map(nameOf).join(', then ')}`);
    for (const line of outcome.losses) tell(`  ${line}`);
  }
  for (const [name, count] of [...counts].toSorted(byName)) tell(`${name} ${count}`);
  return { kills, losses };
}

function byName([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1;
}

/** Each scene; those in which the application is started and stopped take longer, and are drawn less often. */
async function setUpAll(folder: string): Promise<Stage[]> {
  const stages: Stage[] = [];
  for (const [index, scene] of scenes.entries()) {
    const port = scene.isServed ? await nodeHost().network.freePort() : null;
    const wishes = { port, executable: inProcess };
    const stage = await setUp(join(folder, String(index)), scene, wishes);
    stages.push(...Array.from({ length: scene.isServed ? 1 : quietShare }, () => stage));
  }
  return stages;
}
