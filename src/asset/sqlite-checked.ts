import { dirname, join } from 'node:path/posix';
import { z } from 'zod';
import { jsonOrNull } from '../form/json-text.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { randomHex } from '../host/random.ts';
import { createWhole, makeFolders, readWhole, replaceWhole } from '../host/whole-file.ts';
import { isRacy, keyOf } from '../store/identity.ts';
import type { Check } from './asset.ts';
import type { AssetContext } from './kind.ts';
import { isAtRest } from './sqlite-file.ts';

const remembered = z.object({
  path: z.string(),
  key: z.string(),
  bootId: z.string(),
  checks: z.array(
    z.object({
      row: z.string(),
      name: z.string(),
      status: z.enum(['success', 'warning']),
      measured: z.string(),
    }),
  ),
});
type Remembered = z.output<typeof remembered>;

/**
 * Checks a live database, or tells what an earlier check found where nobody can have written it since: nothing waits
 * beside it, and its device, inode, size and both times are what they were then, and older than that check. Faults are
 * never remembered, so a database that has one is always looked at again. What was found before the machine was started is
 * forgotten: a loss of power can take a file's blocks and leave its size and times. What decays on the device without being
 * written is found when it is next read. `state/checked/<asset>.json`; may be deleted at any time.
 */
export function checkOnce(
  { host, manifest }: Pick<AssetContext, 'host' | 'manifest'>,
  { name, path }: { readonly name: string; readonly path: string },
  look: () => readonly Check[],
): readonly Check[] {
  const { disk } = host;
  const file = join(manifest.state, 'checked', `${name}.json`);
  const key = keyAtRest(disk, path);
  const known = readRemembered(disk, file);
  const { bootId } = host.processes.self();
  const isKnown = known?.key === key && known?.path === path && known.bootId === bootId;
  if (key !== null && bootId !== '' && isKnown) return known.checks;
  const startNs = fileTimeNow(host, dirname(file));
  const checks = look();
  if (startNs !== null && key !== null && isUnwritten(disk, { path, key, startNs })) {
    remember(host, file, { path, key, bootId, checks });
  }
  return checks;
}

/** Null where there is no database, or where something waits beside it. */
function keyAtRest(disk: Disk, path: string): string | null {
  const isResting = isAtRest(disk, path);
  const stat = disk.lstat(path);
  return isResting && stat?.kind === 'file' ? keyOf(stat) : null;
}

/** By the file system's own clock, in nanoseconds; null where this user may not or cannot write there. */
function fileTimeNow({ disk, random }: Host, folder: string): bigint | null {
  const probe = join(folder, `.${randomHex(random, 8)}.new`);
  try {
    makeFolders(disk, folder, 0o700);
    createWhole(disk, probe, { bytes: new Uint8Array(), mode: 0o600 });
    const now = disk.lstat(probe)?.changedNs ?? null;
    disk.removeFile(probe);
    return now;
  } catch (error) {
    if (isUnwritable(error)) return null;
    throw error;
  }
}

function isUnwritten(
  disk: Disk,
  checked: { readonly path: string; readonly key: string; readonly startNs: bigint },
): boolean {
  const stat = disk.lstat(checked.path);
  return (
    stat !== null && keyAtRest(disk, checked.path) === checked.key && !isRacy(stat, checked.startNs)
  );
}

function remember(
  host: Host,
  file: string,
  checked: Omit<Remembered, 'checks'> & { readonly checks: readonly Check[] },
): void {
  if (checked.checks.some(({ status }) => status === 'error')) return;
  try {
    replaceWhole(host, file, { bytes: Buffer.from(JSON.stringify(checked)), mode: 0o600 });
  } catch (error) {
    if (!isUnwritable(error)) throw error;
  }
}

function isUnwritable(error: unknown): boolean {
  return isDiskError(error, 'EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT');
}

/** Null where nothing is remembered, or not by this form. */
function readRemembered(disk: Disk, file: string): Remembered | null {
  try {
    const text = readWhole(disk, file).toString('utf8');
    return remembered.safeParse(jsonOrNull(text)).data ?? null;
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'EACCES', 'EIO')) return null;
    throw error;
  }
}
