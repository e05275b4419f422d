import { chanceFrom } from '../../sim/chance.ts';
import type { DiskTraits } from '../../sim/disk-state.ts';
import { orders } from '../../sim/name-log.ts';
import type { Act } from '../../sim/observed-host.ts';
import { BackstepError } from '../../src/fault/backstep-error.ts';
import { accountOf } from './account.ts';
import type { SimulatedApplication } from './application.ts';
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

export interface Loss {
  readonly scene: string;
  /** Number and name of the act before which the power failed, and which of its disks it was. */
  readonly at: string;
  readonly lines: readonly string[];
}

export interface Counts {
  readonly points: number;
  readonly disks: number;
  readonly losses: readonly Loss[];
}

/** Every scene, on disks that sync a whole file system and on disks that sync file by file. */
export async function simulatedCrashes(
  seed: number,
  budget: Pick<TrialWishes, 'disksEach' | 'everyAct'>,
): Promise<Counts> {
  const total = { points: 0, disks: 0, losses: new Array<Loss>() };
  for (const scene of scenes) {
    for (const syncsWhole of [true, false]) {
      const counts = await tryPowerLosses(scene, { seed, ...budget, traits: { syncsWhole } });
      total.points += counts.points;
      total.disks += counts.disks;
      total.losses.push(...counts.losses);
    }
  }
  return total;
}

/** For a failure's message. */
export function shownLosses(seed: number, losses: readonly Loss[]): string {
  const shown = losses
    .slice(0, 5)
    .map(({ scene, at, lines }) => `${scene}: ${at}\n  ${lines.slice(0, 6).join('\n  ')}`);
  return `seed ${seed}: ${losses.length} losses\n${shown.join('\n')}`;
}

/** Crashed machines that are looked at before the command is run once more for the next ones. */
const heldMachines = 200;

/**
 * Runs a scene's command, lets the power fail before its acts and after its end, boots what each loss leaves, resumes,
 * and accounts for everything: as before the command, or as after it; as after it alone once it was acknowledged.
 */
export async function tryPowerLosses(scene: Scene, wishes: TrialWishes): Promise<Counts> {
  const traits = wishes.traits ?? {};
  const first = await scene.prepare(traits);
  const before = accountOf(first);
  const acts: Act[] = [];
  await first.backstep(scene.command, () => (act) => void acts.push(act));
  const after = accountOf(first);
  const counts = { points: 0, disks: 0, losses: new Array<Loss>() };
  const points = [...acts.keys(), acts.length].filter(
    (at) => at % wishes.everyAct === 0 || at === acts.length,
  );
  const batchSize = Math.max(1, Math.floor(heldMachines / wishes.disksEach));
  for (let from = 0; from < points.length; from += batchSize) {
    const batch = new Set(points.slice(from, from + batchSize));
    for (const crashed of await crash(scene, wishes, batch)) {
      const isAcknowledged = crashed.at === acts.length;
      const ends = isAcknowledged ? [after] : [before, after];
      const lines = await judge(crashed.app, ends);
      counts.disks += 1;
      if (lines.length === 0) continue;
      const { name = 'the end', path = '' } = acts[crashed.at] ?? {};
      const at = `before act ${crashed.at} (${name} ${path}), disk ${crashed.disk}`;
      counts.losses.push({ scene: scene.name, at, lines });
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
  scene: Scene,
  { seed, disksEach, traits }: TrialWishes,
  points: ReadonlySet<number>,
): Promise<Crashed[]> {
  const app = await scene.prepare(traits ?? {});
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

/** What is not as in the nearest of these ends; empty where all is as in one of them. */
async function judge(
  app: SimulatedApplication,
  ends: readonly (readonly string[])[],
): Promise<string[]> {
  const resumed = await app.backstep(['resume']);
  if (resumed.code !== 0 && resumed.code !== 4) {
    return [`resume exits with ${resumed.code}: ${resumed.text}`];
  }
  const found = accountOrFault(app);
  const [nearest = []] = ends
    .map((wanted) => differences(found, wanted))
    .toSorted((a, b) => a.length - b.length);
  return nearest;
}

/** What cannot even be read says why. */
function accountOrFault(app: SimulatedApplication): readonly string[] {
  try {
    return accountOf(app);
  } catch (error) {
    if (!(error instanceof BackstepError)) throw error;
    return [error.message];
  }
}

function differences(found: readonly string[], wanted: readonly string[]): string[] {
  return [
    ...found.filter((line) => !wanted.includes(line)).map((line) => `found: ${line}`),
    ...wanted.filter((line) => !found.includes(line)).map((line) => `not found: ${line}`),
  ];
}
