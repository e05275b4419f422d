import { onSdm } from './random-sdm.ts';
import { randomFrom, type RandomKind, type Tried } from './random-kills.ts';
import { atActs, atSystemCalls } from './random-scenes.ts';

/** How often it tells how far it is. */
const toldTrials = 25;

/** Every so many-th trial is on the real releases, and another one at a system call: both take seconds. */
const slowStride = 20;

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
  /** Kills on the real releases. */
  readonly sdmKills: number;
  /** Kills within SQLite's own system calls; null where nothing could be traced. */
  readonly callKills: number | null;
}

interface Kinds {
  readonly acts: RandomKind;
  readonly sdm: RandomKind;
  readonly calls: RandomKind | null;
}

/** Kills commands at random until so many kills are done. The seed replays all of it. */
export async function killAtRandom(wishes: SoakWishes): Promise<Soaked> {
  const cleanings: (() => void | Promise<void>)[] = [];
  const scope = { after: (clean: () => void | Promise<void>) => void cleanings.push(clean) };
  try {
    const kinds = {
      acts: await atActs(wishes.folder),
      sdm: await onSdm(scope),
      calls: await atSystemCalls(wishes.folder),
    };
    return await killAll(wishes, kinds);
  } finally {
    for (const clean of cleanings.toReversed()) await clean();
  }
}

async function killAll({ kills, seed, tell }: SoakWishes, kinds: Kinds): Promise<Soaked> {
  const random = randomFrom(seed);
  const counts = new Map<string, number>();
  const done = { acts: 0, sdm: 0, calls: 0 };
  let losses = 0;
  const soFar = (): number => done.acts + done.sdm + done.calls;
  for (let trial = 1; soFar() < kills; trial += 1) {
    const kind = kindOf(trial, kinds);
    const tried = await (kinds[kind] ?? kinds.acts)(random);
    done[kind] += tried.kills;
    const name = `${tried.name}: ${tried.end ?? 'LOST'}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (trial % toldTrials === 0) tell(`… kills ${soFar()} · losses ${losses}`);
    if (tried.losses.length === 0) continue;
    losses += 1;
    tellLoss(tell, { trial, tried });
  }
  for (const [name, count] of [...counts].toSorted(byName)) tell(`${name} ${count}`);
  const callKills = kinds.calls === null ? null : done.calls;
  tell(`of them on the real releases ${done.sdm}, within SQLite ${callKills ?? 'not tried here'}`);
  return { kills: soFar(), losses, sdmKills: done.sdm, callKills };
}

function kindOf(trial: number, { calls }: Kinds): keyof Kinds {
  const turn = trial % slowStride;
  if (turn === 0) return 'sdm';
  return turn === slowStride / 2 && calls !== null ? 'calls' : 'acts';
}

function tellLoss(
  tell: SoakWishes['tell'],
  { trial, tried }: { readonly trial: number; readonly tried: Tried },
): void {
  tell(`LOST: trial ${trial}: ${tried.name}: ${tried.point}`);
  for (const line of tried.losses) tell(`  ${line}`);
}

function byName([a]: readonly [string, number], [b]: readonly [string, number]): number {
  return a < b ? -1 : 1;
}
