import type { Host } from '../host/host.ts';
import { defaultPlaces, type System } from '../manifest/system.ts';
import { parsePasswdLine } from '../service/process/account.ts';
import type { Guess, NamedFolder } from './draft.ts';
import type { RunningProgram } from './process-look.ts';
import type { UnitLook } from './unit-look.ts';

export interface StateHints {
  readonly app: string;
  /** As it was said; null where it was not. */
  readonly said: string | null;
  readonly running: RunningProgram | null;
  readonly unit: UnitLook | null;
  readonly paths: readonly NamedFolder[];
}

/** Backstep's own folder, resolved once for the owner of the application, so that `sudo` finds the same one. */
export async function stateOf(
  { host, system }: { readonly host: Host; readonly system: System },
  { app, said, running, unit, paths }: StateHints,
): Promise<Guess<string>> {
  if (said !== null) return { value: said, why: 'as it was said' };
  const data = host.disk.lstat(paths[0]?.folder ?? '/');
  const uid = running?.uid ?? data?.uid ?? 0;
  const isSystem = uid === 0 || unit !== null || running?.unit?.scope === 'system';
  if (isSystem) {
    return { value: defaultPlaces(app, 'system', system).state, why: 'it belongs to the system' };
  }
  const isOwn = host.disk.lstat('/proc/self')?.uid === uid;
  const account = await accountOf(host, uid);
  const owner = isOwn ? system : { ...system, home: account?.home ?? system.home, env: {} };
  const { state } = defaultPlaces(app, 'user', owner);
  return { value: state, why: `its owner is ${account?.name ?? `user ${uid}`}` };
}

const limitMs = 10_000;

/** Asks the system, so that directory services count; null where there is no such account. */
async function accountOf(host: Host, uid: number): Promise<{ name: string; home: string } | null> {
  const asked = await host.processes.run(
    { argv: ['getent', 'passwd', '--', String(uid)] },
    { limitMs },
  );
  return asked.code === 0 ? parsePasswdLine(asked.stdout) : null;
}
