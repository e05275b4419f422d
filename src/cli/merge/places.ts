import { basename, dirname, join, resolve } from 'node:path/posix';
import { giveAttributes, type Attributes } from '../../asset/attributes.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { isDiskError } from '../../host/disk-error.ts';
import type { Disk } from '../../host/disk.ts';
import { randomHex } from '../../host/random.ts';
import type { Call } from '../context.ts';
import { companions, isSameFile, type Inputs } from './inputs.ts';

/** Where a merge writes. */
export interface Places {
  readonly out: string;
  readonly parked: string;
  /** A hidden folder beside `out`, for everything until both are whole; a crash leaves it, and no `out`. */
  readonly work: string;
  readonly replaces: boolean;
}

export interface PlaceWishes {
  readonly out: string;
  readonly parked: string | undefined;
  readonly force: boolean;
}

/** Throws `merge/out` where something is in the way. */
export function choosePlaces(call: Call, inputs: Inputs, wishes: PlaceWishes): Places {
  const { disk, random } = call.host;
  const extension = inputs.kind === 'sqlite' ? '.parked.db' : '.parked.json';
  const out = resolve(call.cwd, wishes.out);
  const parked = resolve(call.cwd, wishes.parked ?? `${wishes.out}${extension}`);
  if (out === parked) {
    throw inTheWay('--out and --parked are one file', 'give each a name of its own');
  }
  for (const path of [out, parked]) requireFree(disk, path, { inputs, force: wishes.force });
  const name = `.${basename(out)}.${randomHex(random, 6)}.merging`;
  return { out, parked, work: join(dirname(out), name), replaces: wishes.force };
}

/**
 * Gives a finished file its place, durable. Without `replaces` a file that appeared meanwhile is never
 * overwritten (`merge/out`). A crash leaves the place as it was, or with the whole file.
 */
export function install(
  disk: Disk,
  from: string,
  to: { readonly path: string; readonly replaces: boolean },
): void {
  disk.syncFile(from);
  try {
    if (to.replaces) disk.rename(from, to.path);
    else disk.link(from, to.path);
  } catch (error) {
    if (!isDiskError(error, 'EEXIST')) throw error;
    throw taken(to.path);
  }
  disk.syncFolder(dirname(to.path));
}

/** A file of the work folder with these bytes, which shares nothing with where they came from. */
export function ownCopy(
  disk: Disk,
  from: string,
  to: { readonly path: string; readonly attributes: Attributes | null },
): string {
  disk.copy(from, to.path);
  if (to.attributes !== null) giveAttributes(disk, to.path, to.attributes);
  return to.path;
}

function requireFree(
  disk: Disk,
  path: string,
  { inputs, force }: { readonly inputs: Inputs; readonly force: boolean },
): void {
  const folder = disk.lstat(realOrSame(disk, dirname(path)));
  if (folder?.kind !== 'folder') {
    throw inTheWay(`${JSON.stringify(dirname(path))} is no folder`, 'make it first');
  }
  for (const input of Object.values(inputs.files)) {
    if (!isSameFile(disk, path, input.path)) continue;
    const message = `${JSON.stringify(path)} is ${input.role}, which a merge only reads`;
    throw inTheWay(message, 'write the result under another name');
  }
  const there = disk.lstat(path);
  if (there !== null && (!force || there.kind !== 'file')) throw taken(path);
  const beside = companions.find((companion) => disk.lstat(path + companion) !== null);
  if (beside === undefined) return;
  throw inTheWay(
    `${JSON.stringify(path + beside)} lies there, and SQLite would fold it into the result`,
    'stop what uses that database and move the file away, or choose another name',
  );
}

function realOrSame(disk: Disk, path: string): string {
  try {
    return disk.realPath(path);
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR')) return path;
    throw error;
  }
}

function taken(path: string): BackstepError {
  return inTheWay(
    `${JSON.stringify(path)} is there already`,
    'choose another name, or --force to replace it',
  );
}

function inTheWay(message: string, hint: string): BackstepError {
  return new BackstepError('merge/out', { message, hint: `${hint}; nothing was written` });
}
