import { basename, dirname, join, resolve } from 'node:path/posix';
import type { AssetHandler } from '../../asset/asset.ts';
import { copyRunning, damageOf, workingFile } from '../../asset/sqlite-file.ts';
import { surveyTermsOf } from '../../asset/sqlite-terms.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { makeFolders, removeTree } from '../../host/whole-file.ts';
import type { Disk } from '../../host/disk.ts';
import { randomHex } from '../../host/random.ts';
import type { JudgedDatabase } from '../../law/reversal/judge.ts';
import type { Reversal } from '../../law/reversal/reversal.ts';
import { readPair, type Pair } from '../../switch/book.ts';
import type { Ground } from '../../switch/ground.ts';
import { openStates, type CapturedState } from '../../switch/stage/states.ts';
import type { Call } from '../context.ts';
import { companions, type Role } from '../merge/inputs.ts';

/** Two states of what a reversal speaks of, and where working files may lie. `close` removes those. */
export interface PairStates {
  readonly databases: readonly Omit<JudgedDatabase, 'terms'>[];
  /** Assets whose kind surveys documents, with their two sides. */
  readonly documents: readonly {
    readonly asset: AssetHandler;
    readonly before: CapturedState;
    readonly after: CapturedState;
  }[];
  /** A folder of this call. */
  readonly folder: string;
  /** The releases of a recorded pair; null where files were named. */
  readonly pair: Pair | null;
  close(): void;
}

/** How the law reads a database of a pair, by what a reversal says of it. */
export function judgedBy(
  reversal: Reversal | null,
  database: Omit<JudgedDatabase, 'terms'>,
): JudgedDatabase {
  return { ...database, terms: surveyTermsOf(database.asset, reversal) };
}

/** The states of a recorded pair, with the live database as `now`. Throws `switch/no-pair`, `store/…`. */
export async function openRecorded(call: Call, ground: Ground, id: string): Promise<PairStates> {
  const { host, folders, manifest } = ground;
  const pair = readPair(host, folders, id);
  const folder = freshFolder(call, folders.root);
  try {
    const states = openStates(ground, join(folder, 'states'));
    const [before, after] = [states(pair.before), states(pair.after)];
    const databases = [];
    for (const asset of ground.assets) {
      const declared = manifest.assets[asset.name];
      if (declared?.kind !== 'sqlite') continue;
      const found = await recordedDatabase(call, {
        asset,
        path: declared.path,
        before,
        after,
        folder,
      });
      if (found !== null) databases.push(found);
    }
    const documents = ground.assets
      .filter(({ name }) => manifest.assets[name]?.kind === 'json')
      .map((asset) => ({ asset, before, after }));
    return { databases, documents, folder, pair, close: () => removeTree(host.disk, folder) };
  } catch (error) {
    removeTree(host.disk, folder);
    throw error;
  }
}

interface Recorded {
  readonly asset: AssetHandler;
  /** Of the live database. */
  readonly path: string;
  readonly before: CapturedState;
  readonly after: CapturedState;
  readonly folder: string;
}

/** Null where one of the two releases has no such database. */
async function recordedDatabase(
  call: Call,
  { asset, path, before, after, folder }: Recorded,
): Promise<Omit<JudgedDatabase, 'terms'> | null> {
  const { disk } = call.host;
  const { name } = asset;
  const unit = basename(path);
  const at = (file: string): string => join(folder, name, file);
  const left = workingFile(disk, before.side(name), { unit, path: at('before.db') });
  const right = workingFile(disk, after.side(name), { unit, path: at('after.db') });
  if (left === null || right === null) return null;
  const isLive = disk.lstat(path) !== null && (await copyRunning(path, at('now.db')));
  const scratch = scratchFor(disk, at('scratch'), [left, right]);
  return { asset: name, before: left, after: right, now: isLive ? at('now.db') : null, scratch };
}

/** Databases by their files. */
export interface NamedFiles {
  readonly before: string;
  readonly after: string;
  readonly now: string | null;
  /** What the reversal calls the database. */
  readonly asset: string;
  /** A hidden folder for copies is made here, and removed. */
  readonly beside: string;
}

/** The states that are named on the command line; the files are only read. Throws `merge/input`. */
export function openNamed(call: Call, named: NamedFiles): PairStates {
  const { disk } = call.host;
  const folder = freshFolder(call, dirname(resolve(call.cwd, named.beside)));
  try {
    const file = (role: Role, written: string): string =>
      namedFile(call, folder, { role, written });
    const [before, after] = [file('before', named.before), file('after', named.after)];
    const now = named.now === null ? null : file('now', named.now);
    const scratch = scratchFor(disk, join(folder, 'scratch'), [before, after]);
    return {
      databases: [{ asset: named.asset, before, after, now, scratch }],
      documents: [],
      folder,
      pair: null,
      close: () => removeTree(disk, folder),
    };
  } catch (error) {
    removeTree(disk, folder);
    throw error;
  }
}

function namedFile(
  call: Call,
  folder: string,
  { role, written }: { readonly role: Role; readonly written: string },
): string {
  const { disk } = call.host;
  const path = resolve(call.cwd, written);
  const waiting = companions.filter((companion) => disk.lstat(path + companion) !== null);
  const side = new Map([
    ['it', path],
    ...waiting.map((companion): [string, string] => [`it${companion}`, path + companion]),
  ]);
  if (disk.lstat(path)?.kind !== 'file') throw refused(role, written, 'is no file that is there');
  const working = workingFile(disk, side, { unit: 'it', path: join(folder, `${role}.db`) });
  const damage = working === null ? 'it vanished' : damageOf(working);
  if (working !== null && damage === null) return working;
  throw refused(role, written, `is no sound database: ${damage ?? ''}`);
}

function refused(role: string, written: string, what: string): BackstepError {
  return new BackstepError('merge/input', {
    message: `${role}: ${JSON.stringify(written)} ${what}`,
    hint: 'name a copy of the database as it was before the upgrade, and one right after it',
  });
}

/** As many copies of a database as a round trip makes at most. */
const copies = 4;

/** A folder for a round trip; null where its copies would not fit beside what must stay free. */
function scratchFor(disk: Disk, folder: string, states: readonly string[]): string | null {
  const sizeBytes = states.reduce((sum, path) => sum + (disk.lstat(path)?.sizeBytes ?? 0), 0);
  makeFolders(disk, folder, 0o700);
  return disk.freeBytes(folder) > copies * sizeBytes + reserveBytes ? folder : null;
}

/** Not for us: what a machine needs to go on. */
const reserveBytes = 200_000_000;

function freshFolder(call: Call, below: string): string {
  const folder = join(below, `.checking-${randomHex(call.host.random, 6)}`);
  makeFolders(call.host.disk, folder, 0o700);
  return folder;
}
