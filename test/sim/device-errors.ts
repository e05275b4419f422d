import { chanceFrom } from '../../sim/chance.ts';
import type { DiskTraits } from '../../sim/disk-state.ts';
import { orders } from '../../sim/name-log.ts';
import type { Act } from '../../sim/observed-host.ts';
import { DiskError } from '../../src/host/disk-error.ts';
import type { Disk } from '../../src/host/disk.ts';
import type { Said, SimulatedApplication } from './application.ts';
import { account, isOfState, judge, noCounts, setUp, type Counts } from './judge.ts';
import type { Scene } from './scenes.ts';

/** `sync`: a sync fails, and what it was to sync never reaches the disk · `write`: an act that writes is refused. */
export const failures = ['sync', 'write'] as const;
export type Failure = (typeof failures)[number];

const struck: Readonly<Record<Failure, ReadonlySet<Act['name']>>> = {
  sync: new Set(['sync', 'syncFile', 'syncFolder', 'syncFileSystem']),
  write: new Set(['create', 'write', 'truncate', 'rename', 'link', 'makeFolder', 'copy', 'clone']),
};

export interface DeviceWishes {
  readonly failure: Failure;
  readonly seed: number;
  readonly everyAct: number;
  readonly traits?: Partial<DiskTraits>;
}

/**
 * The device refuses one act with `EIO`, and then works again. The command comes to its end, whichever; then the power
 * fails. What is there after the next boot and `resume` is as before the command, or as after it; as after it alone where
 * the command said that it was done.
 */
export async function tryDeviceErrors(scene: Scene, wishes: DeviceWishes): Promise<Counts> {
  const { failure, seed, everyAct, traits = {} } = wishes;
  const stage = await setUp(scene, traits);
  const beginning = await scene.prepare(traits);
  beginning.settle();
  const counts = noCounts();
  const points = [...stage.acts.keys()].filter((at) => {
    const name = stage.acts[at]?.name;
    return name !== undefined && struck[failure].has(name);
  });
  for (const at of points.filter((_, index) => index % everyAct === 0)) {
    const chance = chanceFrom(seed * 100_003 + at);
    const app = beginning.afterPowerLoss(chanceFrom(1), 'none');
    const said = await app.backstep(scene.command, () => refusedAt(app, at));
    const order = chance.of(orders);
    const undone = stage.before.filter(isOfState);
    const ends = said.code === 0 ? [stage.after] : [...stage.ends, undone];
    const lines = await judge(app.afterPowerLoss(chance, order), ends);
    const told = said.code === 5 ? [`it exits with 5: ${said.text}`] : [];
    account(counts, { stage, what: `EIO (${failure}) at`, at }, [...lines, ...told]);
    counts.points += 1;
  }
  return counts;
}

/**
 * One file after another cannot be read while the command runs, and can be afterwards. The command ends in order: with
 * what it was to do, or with nothing done, once `resume` was run.
 */
export async function tryUnreadable(scene: Scene): Promise<Counts> {
  const stage = await setUp(scene, {});
  const beginning = await scene.prepare({});
  beginning.settle();
  const counts = noCounts();
  for (const path of filesBelow(beginning.disk, beginning.folder)) {
    const app = beginning.afterPowerLoss(chanceFrom(1), 'none');
    const heal = app.simulated.decay(path);
    const said = await app.backstep(scene.command);
    heal();
    const lines = await judge(app, said.code === 0 ? [stage.after] : stage.ends);
    // What an interrupted run needs to go on cannot be had: it waits, as it was, for a person.
    const mayWait = scene.isInterrupted === true && said.code === 5;
    const isTold = said.code === 0 || mayWait || saysWhat(said);
    counts.disks += 1;
    counts.points += 1;
    const untold = isTold ? [] : [`it exits with ${said.code}: ${said.text}`];
    const all = [...lines, ...untold];
    if (all.length > 0)
      counts.losses.push({ scene: scene.name, at: `cannot read ${path}`, lines: all });
  }
  return counts;
}

/** Neither a state that only a person can mend, nor a defect of the program. */
function saysWhat({ code, text }: Said): boolean {
  return (code === 3 || code === 4 || code === 7) && !/internal|this is a defect/i.test(text);
}

function filesBelow(disk: Disk, folder: string): string[] {
  return disk.listKinds(folder).flatMap(({ name, kind }) => {
    const path = `${folder}/${name}`;
    if (kind === 'folder') return filesBelow(disk, path);
    return kind === 'file' ? [path] : [];
  });
}

function refusedAt(app: SimulatedApplication, from: number): (act: Act) => void {
  let at = -1;
  return ({ name, path }) => {
    at += 1;
    if (at !== from) return;
    if (name === 'syncFileSystem') app.simulated.failSync(null);
    else if (name === 'sync' || name === 'syncFile') app.simulated.failSync(path);
    throw new DiskError('EIO', { act: name, path });
  };
}
