import { BackstepError } from '../../fault/backstep-error.ts';
import { stateAssets, type Ground } from '../ground.ts';
import { refuseInnerMounts } from './mounts.ts';
import { unwritable } from './permissions.ts';
import type { SwitchPlan } from '../plan.ts';
import { shortRooms } from './room.ts';
import type { Run } from '../run.ts';
import { warn } from '../warn.ts';
import { requireSeclusion } from '../stage/seclusion.ts';
import { sqliteShortfall } from './sqlite-floor.ts';
import { systemShortfall } from './system-floor.ts';

/**
 * Does the machine have what the run will need? Refuses with nothing touched: `switch/no-release`, `store/mount-inside`,
 * `disk/full`, and an upgrade also with `switch/not-writable` and `switch/unsupported`. A way back is not refused for these
 * two: they are told, but for the application's SQLite, which matters to an upgrade alone and takes a program to ask.
 */
export async function requireMachine(run: Run): Promise<void> {
  const { ground, plan } = run;
  requireRelease(ground, plan.to);
  refuseInnerMounts(ground);
  for (const asset of stateAssets(ground)) run.workspace.siblingOf(asset);
  requireRoom(ground);
  // One that takes another back goes on from what that one has asked.
  if (plan.undoes === null) await requireSupported(run);
}

function requireRelease({ releases }: Ground, version: string): void {
  const differences = releases.differences(version);
  if (differences.length === 0) return;
  throw new BackstepError('switch/no-release', {
    message: `release ${version} is not whole: ${differences.slice(0, 3).join('; ')}`,
    hint: `add it again from a good copy: backstep release add ${version} FOLDER`,
  });
}

function requireRoom(ground: Ground): void {
  const [short] = shortRooms(ground);
  if (short === undefined) return;
  const mb = (bytes: number): number => Math.floor(bytes / 1e6);
  throw new BackstepError('disk/full', {
    message: `${short.folder}: ${mb(short.freeBytes)} MB are free, a switch needs at least ${mb(short.leastBytes)} MB`,
    hint: 'make room (`backstep prune` shows what of its own could go), then run the command again',
  });
}

/** An upgrade that could not be taken back is refused; a way back may do without what is short, and says so. */
async function requireSupported(run: Run): Promise<void> {
  const { ground, plan } = run;
  if (plan.kind === 'upgrade') await requireSeclusion(ground);
  for (const { code, message, hint } of await shortIn(ground, plan)) {
    if (plan.kind === 'upgrade') {
      throw new BackstepError(code, { message, hint: `${hint}; nothing was touched` });
    }
    warn(run, message);
  }
}

interface Short {
  readonly code: 'switch/not-writable' | 'switch/unsupported';
  readonly message: string;
  readonly hint: string;
}

async function shortIn(ground: Ground, { run, kind }: SwitchPlan): Promise<Short[]> {
  const sqlite = kind === 'upgrade' ? await sqliteShortfall(ground) : null;
  const floors = [await systemShortfall(ground), sqlite];
  return [
    ...unwritable(ground, run).map((message): Short => {
      const hint = 'run this as the owner of the application or as root, or mend the permissions';
      return { code: 'switch/not-writable', message, hint };
    }),
    ...floors.flatMap((short): Short[] => {
      if (short === null) return [];
      const message = `${short.about}: ${short.found}`;
      return [{ code: 'switch/unsupported', message, hint: short.remedy }];
    }),
  ];
}
