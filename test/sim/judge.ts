import assert from 'node:assert/strict';
import type { DiskTraits } from '../../sim/disk-state.ts';
import type { Act } from '../../sim/observed-host.ts';
import { BackstepError } from '../../src/fault/backstep-error.ts';
import { accountOf } from './account.ts';
import type { SimulatedApplication } from './application.ts';
import type { Scene } from './scenes.ts';

/** A scene with its two ends, and what its command does when nothing befalls it. */
export interface Stage {
  readonly scene: Scene;
  readonly traits: Partial<DiskTraits>;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Where a command that was cut short may end. */
  readonly ends: readonly (readonly string[])[];
  readonly acts: readonly Act[];
}

export async function setUp(scene: Scene, traits: Partial<DiskTraits>): Promise<Stage> {
  const before = await withoutCommand(scene, traits);
  const app = await scene.prepare(traits);
  const acts: Act[] = [];
  const said = await app.backstep(scene.command, () => (act) => void acts.push(act));
  assert.equal(said.code, 0, said.text);
  const after = accountOf(app);
  const stayed = after.filter((line) => scene.mayStay?.(line) === true && !before.includes(line));
  const ends = stayed.length === 0 ? [before, after] : [before, [...before, ...stayed], after];
  return { scene, traits, before, after, ends, acts };
}

async function withoutCommand(
  scene: Scene,
  traits: Partial<DiskTraits>,
): Promise<readonly string[]> {
  const app = await scene.prepare(traits);
  if (scene.isInterrupted === true) await app.must(0, 'resume');
  return accountOf(app);
}

/** Every so many-th act, and the end, whose number is that of the acts. */
export function pointsOf({ acts }: Stage, everyAct: number): number[] {
  return [...acts.keys()].filter((at) => at % everyAct === 0).concat(acts.length);
}

/** What is tried, and what was lost in it. */
export interface Counts {
  /** Acts at which something befell a command. */
  points: number;
  /** Machines that were booted, or went on, after it. */
  disks: number;
  readonly losses: Loss[];
}

export interface Loss {
  readonly scene: string;
  /** What befell it, and when. */
  readonly at: string;
  readonly lines: readonly string[];
}

export function noCounts(): Counts {
  return { points: 0, disks: 0, losses: [] };
}

export function addCounts(total: Counts, { points, disks, losses }: Counts): void {
  total.points += points;
  total.disks += disks;
  total.losses.push(...losses);
}

/** Counts one machine, and what was lost on it. */
export function account(
  counts: Counts,
  { stage, what, at }: { readonly stage: Stage; readonly what: string; readonly at: number },
  lines: readonly string[],
): void {
  counts.disks += 1;
  if (lines.length === 0) return;
  const { name = 'the end', path = '' } = stage.acts[at] ?? {};
  counts.losses.push({
    scene: stage.scene.name,
    at: `${what} act ${at} (${name} ${path})`,
    lines,
  });
}

/** For a failure's message. */
export function shownLosses(seed: number, losses: readonly Loss[]): string {
  const shown = losses
    .slice(0, 5)
    .map(({ scene, at, lines }) => `${scene}: ${at}\n  ${lines.slice(0, 6).join('\n  ')}`);
  return `seed ${seed}: ${losses.length} losses\n${shown.join('\n')}`;
}

/** Resumes, and tells what is not as in the nearest of these ends; empty where all is as in one of them. An end
 * without records counts for the live state alone. */
export async function judge(
  app: SimulatedApplication,
  ends: readonly (readonly string[])[],
): Promise<string[]> {
  const resumed = await app.backstep(['resume']);
  if (resumed.code !== 0 && resumed.code !== 4) {
    return [`resume exits with ${resumed.code}: ${resumed.text}`];
  }
  const found = accountOrFault(app);
  const [nearest = []] = ends
    .map((wanted) => {
      const isStateAlone = wanted.every(isOfState);
      return differences(isStateAlone ? found.filter(isOfState) : found, wanted);
    })
    .toSorted((a, b) => a.length - b.length);
  return nearest;
}

/** Of the live state and what lies about: a switch that was taken back by its opposite leaves other records. */
export function isOfState(line: string): boolean {
  return !/^(?:book|departure|holds|parked)\b/.test(line);
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
