import { join } from 'node:path';
import { z } from 'zod';
import { ensurePrivateFolder, readPrivate, removeIfThere, writePrivate } from '../private-file.ts';
import { triggerCommand, triggerStateCommand } from './commands.ts';
import { actBy, ask, type UnitScope } from './unit.ts';

/**
 * Sockets, timers and paths that start the unit by themselves. A masked unit makes its socket fail when
 * somebody connects, and it would stay failed after the switch: so those that are active are stopped
 * with the unit, remembered, and started before it.
 */
export async function stopTriggers(
  scope: UnitScope,
  triggers: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  if (triggers.length === 0) return;
  const printed = await ask(scope, triggerStateCommand(scope.definition, triggers));
  const states = printed.stdout.split('\n');
  const active = triggers.filter((_name, index) => states[index] === 'active');
  if (active.length === 0) return;
  const { host, folder } = scope.surroundings;
  ensurePrivateFolder(host.disk, folder);
  // Written first, and added to: a run that is killed in between, and run again, forgets none.
  const names = [...new Set([...remembered(scope), ...active])];
  writePrivate(host, fileOf(scope), JSON.stringify(names));
  await actBy(scope, triggerCommand(scope.definition, 'stop', active), { signal });
}

/** Starts what `stopTriggers` stopped. */
export async function startTriggers(scope: UnitScope, signal?: AbortSignal): Promise<void> {
  const names = remembered(scope);
  if (names.length === 0) return;
  await actBy(scope, triggerCommand(scope.definition, 'start', names), { signal });
  removeIfThere(scope.surroundings.host.disk, fileOf(scope));
}

function remembered(scope: UnitScope): readonly string[] {
  const text = readPrivate(scope.surroundings.host.disk, fileOf(scope));
  return text === null ? [] : z.array(z.string()).parse(JSON.parse(text));
}

function fileOf({ surroundings }: UnitScope): string {
  return join(surroundings.folder, 'systemd-triggers.json');
}
