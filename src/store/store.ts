import { join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Host } from '../host/host.ts';
import { removeTree } from '../host/whole-file.ts';
import { check, type CheckReport } from './check.ts';
import type { ObjectHash } from './entry.ts';
import { type Layout, layoutOf, makeLayout } from './layout.ts';
import { acquireLock, type Lock } from './lock.ts';
import { readHeader, requireThere, type Snapshot, type SnapshotHeader } from './manifest.ts';
import { manifestReader } from './manifest-reader.ts';
import { knownObjects, objectReader, soundBytes, syncObjectNames } from './objects.ts';
import { addPin, listPins, type Pin, removePin } from './pins.ts';
import { applyPrune, planPrune, type PrunePlan } from './prune.ts';
import { type Restored, restoreTo } from './restore.ts';
import type { RestoreOptions } from './selection.ts';
import { keptBy, type Retention } from './retention.ts';
import { isSnapshotId, newSnapshotId, type SnapshotId } from './snapshot-id.ts';
import type { OnRead } from './steady-read.ts';
import { openWriter, type SnapshotWriter, type WriterParts } from './writer.ts';

/**
 * Snapshots of files in a folder of plain files (docs/formats/store.md). One writer at a time, across processes;
 * readers need no lock, but a snapshot that is pruned while it is read or restored fails with `store/damaged` or
 * `disk/missing`. Throws `store/…` and `disk/…`.
 */
export interface Store {
  readonly root: string;
  /** Waits for another writer; `store/locked` when the wait is over. */
  beginSnapshot(options: BeginOptions): Promise<SnapshotWriter>;
  /** Oldest first. Listings whose first line cannot be read are left out; `check` finds them. */
  list(): readonly SnapshotHeader[];
  read(id: SnapshotId): Snapshot;
  /** The bytes of one file in a snapshot, checked. Holds all of it in memory. */
  readFile(id: SnapshotId, path: string): Buffer;
  /** Reads and hashes all that one snapshot, or every one, needs; `all` also lists orphans. */
  check(which: SnapshotId | 'all'): CheckReport;
  /**
   * Moves objects that `check` found damaged out of the way, so that the next snapshot of the same file stores
   * its bytes anew; until then they are missing.
   */
  setAside(hashes: readonly ObjectHash[]): void;
  /** See `restoreTo`: to a path where nothing is, or an empty folder. */
  restore(id: SnapshotId, target: string, options?: RestoreOptions): Restored;
  pin(pin: Pin): void;
  unpin(pin: Pin): void;
  pins(): readonly Pin[];
  /** Shows what would go; with `apply` it goes. What is pinned or in `keep` always stays. */
  prune(options: PruneOptions): Promise<PrunePlan>;
}

export interface BeginOptions {
  /** Why it is taken, in a word or two, for listings. */
  readonly label: string;
  /** How long to wait for another writer; none if left out. */
  readonly waitMs?: number;
  readonly abort?: AbortSignal;
  /** Told of each large file that is read, as it is. */
  readonly onRead?: OnRead;
}

export interface PruneOptions {
  readonly retention: Retention;
  /** Snapshots that stay whatever the retention says. */
  readonly keep?: readonly SnapshotId[];
  /** Pins that nobody needs any more: they do not count, and with `apply` they go. */
  readonly drop?: readonly Pin[];
  readonly apply?: boolean;
  readonly waitMs?: number;
  readonly abort?: AbortSignal;
}

/** Opens the store in `root`, an absolute path; makes what is missing of it, 0700. */
export function openStore(host: Host, root: string): Store {
  const { disk } = host;
  const layout = layoutOf(root);
  makeLayout(disk, layout);
  const read = manifestReader(disk, layout);
  const known = knownObjects(disk, layout);
  return {
    root,
    beginSnapshot: (options) => beginSnapshot({ host, layout, known }, options),
    list: () => list(host, layout),
    read,
    readFile: (id, path) => readFile(host, layout, { snapshot: read(id), path }),
    check: (which) => {
      const ids = which === 'all' ? snapshotIds(host, layout) : [which];
      return check(disk, layout, { ids, withOrphans: which === 'all' });
    },
    setAside: (hashes) => {
      for (const hash of hashes) disk.rename(layout.object(hash), join(layout.damaged, hash));
    },
    restore: (id, target, options) =>
      restoreTo({ disk, layout, snapshot: read(id), target }, options ?? {}),
    pin: (pin) => {
      requireThere(disk, layout, pin.id);
      addPin(disk, layout, pin);
    },
    unpin: (pin) => removePin(disk, layout, pin),
    pins: () => listPins(disk, layout),
    prune: (options) => prune(host, layout, options),
  };
}

async function beginSnapshot(
  { host, layout, known }: Pick<WriterParts, 'host' | 'layout' | 'known'>,
  options: BeginOptions,
): Promise<SnapshotWriter> {
  const lock = await lockStore(host, layout, { ...options, purpose: `snapshot ${options.label}` });
  try {
    sweepIncoming(host, layout);
    requireShort(options.label);
    const createdNs = BigInt(host.clock.now()) * 1_000_000n;
    const header = { id: newSnapshotId(host), label: options.label, createdNs };
    return openWriter({ host, layout, known, header, lock, onRead: options.onRead });
  } catch (error) {
    lock.release();
    throw error;
  }
}

const labelLimit = 200;

/** The header stands within the first 4 KiB of a listing. */
function requireShort(label: string): void {
  if (label.length <= labelLimit) return;
  throw new BackstepError('store/unsafe', {
    message: `the label of a snapshot has ${label.length} characters, at most ${labelLimit} fit`,
    hint: 'shorten it',
  });
}

interface LockWish {
  readonly purpose: string;
  readonly waitMs?: number;
  readonly abort?: AbortSignal;
}

function lockStore(
  host: Host,
  layout: Layout,
  { purpose, waitMs, abort }: LockWish,
): Promise<Lock> {
  const wait = { purpose, waitMs: waitMs ?? 0 };
  return acquireLock(host, layout.lock, abort ? { ...wait, abort } : wait);
}

/**
 * Whoever wrote there is dead, or the lock could not have been taken. The last objects that it named may be in the cache
 * alone, and would pass for stored: so they are made durable first.
 */
function sweepIncoming({ disk }: Host, layout: Layout): void {
  const left = disk.list(layout.incoming);
  if (left.length > 0) syncObjectNames(disk, layout);
  for (const name of left) removeTree(disk, join(layout.incoming, name));
}

function snapshotIds({ disk }: Host, layout: Layout): readonly SnapshotId[] {
  return disk
    .list(layout.snapshots)
    .map((name) => name.replace(/\.txt$/, ''))
    .filter(isSnapshotId);
}

function list(host: Host, layout: Layout): readonly SnapshotHeader[] {
  const headers = snapshotIds(host, layout).map((id) => headerOrNull(host, layout.snapshot(id)));
  return headers.filter((header) => header !== null);
}

function headerOrNull({ disk }: Host, path: string): SnapshotHeader | null {
  try {
    return readHeader(disk, path);
  } catch (error) {
    if (error instanceof BackstepError && error.code === 'store/torn') return null;
    throw error;
  }
}

function readFile(
  { disk }: Host,
  layout: Layout,
  { snapshot, path }: { readonly snapshot: Snapshot; readonly path: string },
): Buffer {
  const named = snapshot.listing.entryOf(path);
  const entry = named?.kind === 'hard-link' ? snapshot.listing.entryOf(named.first) : named;
  if (entry?.kind === 'file') {
    const read = objectReader(disk, layout);
    return Buffer.concat(entry.hashes.map((hash) => Buffer.from(soundBytes(hash, read(hash)))));
  }
  throw new BackstepError('store/no-snapshot', {
    message: `snapshot ${snapshot.id} holds no file ${JSON.stringify(path)}`,
    hint: 'its listing names what it holds',
  });
}

const nameOf = ({ id, by }: Pin): string => `${id} ${by}`;

async function prune(host: Host, layout: Layout, options: PruneOptions): Promise<PrunePlan> {
  const lock = await lockStore(host, layout, { ...options, purpose: 'prune' });
  try {
    const all = snapshotIds(host, layout).map((id) => readHeader(host.disk, layout.snapshot(id)));
    const drop = new Set((options.drop ?? []).map(nameOf));
    const pins = listPins(host.disk, layout);
    const pinned = pins.filter((pin) => !drop.has(nameOf(pin))).map(({ id }) => id);
    const wanted = keptBy(options.retention, all);
    const kept = new Set([...wanted, ...pinned, ...(options.keep ?? [])]);
    const plan = planPrune(host.disk, layout, { all, kept });
    if (options.apply === true) {
      sweepIncoming(host, layout);
      for (const pin of pins.filter((each) => drop.has(nameOf(each)))) {
        removePin(host.disk, layout, pin);
      }
      applyPrune(host.disk, layout, plan);
    }
    return plan;
  } finally {
    lock.release();
  }
}
