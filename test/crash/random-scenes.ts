import { join } from 'node:path';
import { nodeHost } from '../../src/host/node.ts';
import { databaseCalls } from './database-calls.ts';
import { realExecutable } from './executable.ts';
import { inProcess } from './in-process.ts';
import { nameOf } from './kill-points.ts';
import { oneOf, randomStrikes, type RandomKind, type Tried } from './random-kills.ts';
import { sceneNamed, scenes, type Scene } from './scenes.ts';
import { startedUpgrade } from './started-upgrade.ts';
import { killedAt, whyNoTrace, type SystemCall } from './system-calls.ts';
import { setUp, tryOnce, wasKilled, type Outcome, type Stage } from './trial.ts';

/** A scene in which nothing is started is drawn so many times as often as the others. */
const quietShare = 6;

/** Every so many-th trial is the real executable's, under SIGKILL; the others happen in this process. */
const realStride = 10;

/** Commands of the small application at random acts of its disk, and `resume`s after them. */
export async function atActs(folder: string): Promise<RandomKind> {
  const stages: Stage[] = [];
  for (const [index, scene] of [...scenes, startedUpgrade].entries()) {
    const port = scene.isServed ? await nodeHost().network.freePort() : null;
    const wishes = { port, executable: inProcess };
    const stage = await setUp(join(folder, String(index)), scene, wishes);
    stages.push(...Array.from({ length: isQuick(scene) ? quietShare : 1 }, () => stage));
  }
  let trials = 0;
  return async (random) => {
    trials += 1;
    const stage = oneOf(random, stages);
    const executable = trials % realStride === 0 ? realExecutable : inProcess;
    const strikes = randomStrikes(random, stage.acts);
    const outcome = await tryOnce(stage, { strikes, goesOn: random() < 0.25, executable });
    const kills = outcome.said.filter(({ signal }) => signal === 'SIGKILL').length;
    return told(outcome, stage.scene.name, { kills, point: strikes.map(nameOf).join(', then ') });
  };
}

/** The same at random system calls of SQLite; null where nothing can be traced. */
export async function atSystemCalls(folder: string): Promise<RandomKind | null> {
  if (whyNoTrace() !== null) return null;
  const stages: { readonly stage: Stage; readonly calls: readonly SystemCall[] }[] = [];
  for (const name of ['upgrade', 'rollback', 'return', 'restore'] as const) {
    const wishes = { port: null, executable: inProcess };
    const stage = await setUp(join(folder, `calls-${name}`), sceneNamed(name), wishes);
    stages.push({ stage, calls: await databaseCalls(stage, 1) });
  }
  return async (random) => {
    const { stage, calls } = oneOf(random, stages);
    const call = oneOf(random, calls);
    const outcome = await tryOnce(stage, { strikes: [], executable: killedAt(call) });
    return told(outcome, `${stage.scene.name} within SQLite`, {
      kills: wasKilled(outcome) ? 1 : 0,
      point: `${call.name}:${call.nth} ${call.path}`,
    });
  };
}

function isQuick(scene: Scene): boolean {
  return !scene.isServed && scene !== startedUpgrade;
}

function told(
  { end, losses }: Outcome,
  name: string,
  { kills, point }: Pick<Tried, 'kills' | 'point'>,
): Tried {
  return { name, kills, point, end, losses };
}
