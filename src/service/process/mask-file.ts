import { join } from 'node:path';
import type { Host } from '../../host/host.ts';
import { ensurePrivateFolder, readPrivate, removeIfThere, writePrivate } from '../private-file.ts';

/**
 * The mask of a supervised application: while this file is there, no supervisor starts the child. The
 * supervisor looks right before each start, and stopping comes after masking, so whatever it started
 * just before is stopped with the rest.
 */
export function maskPath(folder: string): string {
  return join(folder, 'masked');
}

export function writeMask(host: Host, folder: string, reason: string): void {
  ensurePrivateFolder(host.disk, folder);
  const at = new Date(host.clock.now()).toISOString();
  writePrivate(host, maskPath(folder), `${reason}\n${at}\n`);
}

export function removeMask(host: Host, folder: string): void {
  removeIfThere(host.disk, maskPath(folder));
}

/** Why it is masked; null where it is not. */
export function maskReason(host: Host, folder: string): string | null {
  return readPrivate(host.disk, maskPath(folder))?.split('\n')[0] ?? null;
}
