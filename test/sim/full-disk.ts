import { chanceFrom } from '../../sim/chance.ts';
import type { Act } from '../../sim/observed-host.ts';
import { DiskError } from '../../src/host/disk-error.ts';
import { account, isOfState, judge, noCounts, pointsOf, setUp, type Counts } from './judge.ts';
import type { Scene } from './scenes.ts';

/** `once`: one act finds no room, the next one does · `stays`: no act finds room until the command has ended. */
export const fillings = ['once', 'stays'] as const;
export type Filling = (typeof fillings)[number];

/** Acts that take room; of a write, a part may have fitted. A sync is where some file systems notice. */
const takesRoom = new Set<Act['name']>([
  'create',
  'write',
  'truncate',
  'rename',
  'link',
  'symlink',
  'makeFolder',
  'clone',
  'copy',
  'sync',
  'syncFile',
  'syncFolder',
]);

/**
 * The disk is full from an act on, or at that act alone. However the command ends, once there is room `resume` brings
 * it to one of its ends; where it says that it is done, that is so.
 */
export async function tryFullDisk(
  scene: Scene,
  { everyAct, filling }: { readonly everyAct: number; readonly filling: Filling },
): Promise<Counts> {
  const stage = await setUp(scene, {});
  const beginning = await scene.prepare({});
  beginning.settle();
  const counts = noCounts();
  for (const at of pointsOf(stage, everyAct)) {
    const name = stage.acts[at]?.name;
    if (name === undefined || !takesRoom.has(name)) continue;
    const app = beginning.afterPowerLoss(chanceFrom(1), 'none');
    const said = await app.backstep(scene.command, () => filled(at, filling));
    const undone = stage.before.filter(isOfState);
    const ends = said.code === 0 ? [stage.after] : [...stage.ends, undone];
    const lines = await judge(app, ends);
    const told = said.code === 5 && filling === 'once' ? [`it exits with 5: ${said.text}`] : [];
    account(counts, { stage, what: `full (${filling}) at`, at }, [...lines, ...told]);
    counts.points += 1;
  }
  return counts;
}

function filled(from: number, filling: Filling): (act: Act) => void {
  let at = -1;
  return (act) => {
    at += 1;
    const isFull = filling === 'once' ? at === from : at >= from;
    if (!isFull || !takesRoom.has(act.name)) return;
    act.tear?.();
    throw new DiskError('ENOSPC', { act: act.name, path: act.path });
  };
}
