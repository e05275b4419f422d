import { chanceFrom } from '../../sim/chance.ts';
import type { DiskTraits } from '../../sim/disk-state.ts';
import { orders } from '../../sim/name-log.ts';
import { accountOf } from './account.ts';
import type { SimulatedApplication } from './application.ts';
import { failures, tryDeviceErrors } from './device-errors.ts';
import { fillings, tryFullDisk } from './full-disk.ts';
import {
  account,
  addCounts,
  judge,
  noCounts,
  pointsOf,
  setUp,
  type Counts,
  type Stage,
} from './judge.ts';
import { scenes, type Scene } from './scenes.ts';

/** Which losses of power are tried. */
export interface TrialWishes {
  readonly seed: number;
  /** Different disks that each crash point leaves. */
  readonly disksEach: number;
  /** Only every so many-th act is a crash point; 1 for all of them. */
  readonly everyAct: number;
  readonly traits?: Partial<DiskTraits>;
}

/** Every scene on disks that sync a whole file system and on disks that sync file by file; and on full ones. */
export async function simulatedCrashes(
  seed: number,
  budget: Pick<TrialWishes, 'disksEach' | 'everyAct'>,
): Promise<Counts> {
  const total = noCounts();
  for (const scene of scenes) {
    for (const syncsWhole of [true, false]) {
      const wishes = { seed, ...budget, traits: { syncsWhole } };
      addCounts(total, await tryPowerLosses(scene, wishes));
      addCounts(total, await tryKillsThenPowerLosses(scene, wishes));
    }
    for (const failure of failures) {
      addCounts(total, await tryDeviceErrors(scene, { failure, seed, everyAct: budget.everyAct }));
    }
    for (const filling of fillings) {
      addCounts(total, await tryFullDisk(scene, { everyAct: budget.everyAct, filling }));
    }
  }
  return total;
}

/** Crashed machines that are looked at before the command is run once more for the next ones. */
const heldMachines = 200;

/**
 * Runs a scene's command, lets the power fail before its acts and after its end, boots what each loss leaves, resumes,
 * and accounts for everything: as before the command, or as after it; as after it alone once it was acknowledged.
 */
export async function tryPowerLosses(scene: Scene, wishes: TrialWishes): Promise<Counts> {
  const stage = await setUp(scene, wishes.traits ?? {});
  const counts = noCounts();
  const points = pointsOf(stage, wishes.everyAct);
  const batchSize = Math.max(1, Math.floor(heldMachines / wishes.disksEach));
  for (let from = 0; from < points.length; from += batchSize) {
    const batch = new Set(points.slice(from, from + batchSize));
    for (const { app, at, disk } of await crash(stage, wishes, batch)) {
      const isAcknowledged = at === stage.acts.length;
      const ends = isAcknowledged ? [stage.after] : stage.ends;
      account(counts, { stage, what: `disk ${disk} before`, at }, await judge(app, ends));
    }
    counts.points += batch.size;
  }
  return counts;
}

interface Crashed {
  readonly app: SimulatedApplication;
  readonly at: number;
  readonly disk: number;
}

/** The command runs once, undisturbed, while each of these points leaves its disks. */
async function crash(
  { scene, traits }: Stage,
  { seed, disksEach }: TrialWishes,
  points: ReadonlySet<number>,
): Promise<Crashed[]> {
  const app = await scene.prepare(traits);
  const crashed: Crashed[] = [];
  let at = 0;
  const keep = (): void => {
    for (let disk = 0; points.has(at) && disk < disksEach; disk += 1) {
      const chance = chanceFrom(seed, at, disk);
      crashed.push({ app: app.afterPowerLoss(chance, chance.of(orders)), at, disk });
    }
    at += 1;
  };
  await app.backstep(scene.command, () => keep);
  keep();
  return crashed;
}

/** Acts of a `resume`, about; the power fails at any of them, or after its end. */
const resumeActs = 250;

/**
 * The process is killed before an act, and the power fails while, or after, the next one resumes: what the first one
 * left in the cache, nobody may take for durable.
 */
export async function tryKillsThenPowerLosses(scene: Scene, wishes: TrialWishes): Promise<Counts> {
  const { seed, everyAct, traits = {} } = wishes;
  const stage = await setUp(scene, traits);
  const beginning = await scene.prepare(traits);
  beginning.settle();
  const counts = noCounts();
  for (const at of pointsOf(stage, everyAct)) {
    const chance = chanceFrom(seed, at, -1);
    const app = beginning.afterPowerLoss(chance, 'none');
    await app.backstep(scene.command, (die) => whenReached(at, die));
    let crashed: SimulatedApplication | null = null;
    const lose = (): void => void (crashed = app.afterPowerLoss(chance, chance.of(orders)));
    await app.backstep(['resume'], () => whenReached(chance.below(resumeActs), lose));
    const ends = crashed === null ? endsNow(app, scene) : stage.ends;
    const booted = crashed ?? app.afterPowerLoss(chance, chance.of(orders));
    account(
      counts,
      { stage, what: 'killed, then power lost, before', at },
      await judge(booted, ends),
    );
    counts.points += 1;
  }
  return counts;
}

/** As it stands; what may stay of a command that came to nothing may also go again, since nobody was told of it. */
function endsNow(app: SimulatedApplication, { mayStay }: Scene): readonly (readonly string[])[] {
  const now = accountOf(app);
  return [now, now.filter((line) => mayStay?.(line) !== true)];
}

/** Something befalls the act with this number, from 0. */
function whenReached(number: number, befall: () => void): () => void {
  let at = -1;
  return () => {
    at += 1;
    if (at === number) befall();
  };
}
