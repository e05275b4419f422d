import { dirname, join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk, PathTime } from '../host/disk.ts';
import { removeTree } from '../host/whole-file.ts';
import type { Entry, FileEntry, FolderEntry, LinkEntry, ObjectHash } from './entry.ts';
import type { Layout } from './layout.ts';
import type { Snapshot } from './manifest.ts';
import { type RestoreOptions, selectEntries, type Wanted } from './selection.ts';
import { chunkSizes, type ObjectRead, objectReader, soundBytes } from './objects.ts';

export interface Restored {
  readonly fileCount: number;
  readonly sizeBytes: number;
  /** Paths whose owner this user may not give, so that they are this user's own. */
  readonly ownerNotKept: readonly string[];
  readonly leftOut: readonly string[];
  /** `rounded`: times are off by less than a microsecond. */
  readonly times: 'exact' | 'rounded';
}

/**
 * Writes entries to `target`, which is not there or is an empty folder. Every object's hash is checked before its
 * bytes are written. Whatever fails, what was written is removed again; a crash leaves a part of it. When it
 * returns, all of it is durable, unless `isDurable` is false.
 */
export function restoreTo(place: RestorePlace, options: RestoreOptions): Restored {
  const { disk, target } = place;
  const wanted = selectEntries(place.snapshot, options);
  const wasThere = requireEmpty(disk, target);
  try {
    return writeAll(place, wanted, options.isDurable ?? true);
  } catch (error) {
    if (wasThere) for (const name of disk.list(target)) removeTree(disk, join(target, name));
    else removeTree(disk, target);
    throw error;
  }
}

export interface RestorePlace {
  readonly disk: Disk;
  readonly layout: Layout;
  readonly snapshot: Snapshot;
  readonly target: string;
}

/** Whether the target was there, as an empty folder. */
function requireEmpty(disk: Disk, target: string): boolean {
  const there = disk.lstat(target);
  if (there === null) return false;
  if (there.kind === 'folder' && disk.list(target).length === 0) return true;
  throw new BackstepError('store/occupied', {
    message: `${JSON.stringify(target)} is not an empty folder`,
    hint: 'restore to a path where nothing is',
  });
}

function writeAll(place: RestorePlace, wanted: readonly Wanted[], isDurable: boolean): Restored {
  const { disk, target } = place;
  const run = new RestoreRun(place);
  if (wanted[0]?.name !== '' && disk.lstat(target) === null) disk.makeFolder(target, 0o700);
  for (const one of wanted) run.write(one);
  const times = run.finishAttributes();
  if (isDurable && !disk.syncFileSystem(dirname(target))) run.syncEach();
  return { ...run.report, times };
}

class RestoreRun {
  readonly report = {
    fileCount: 0,
    sizeBytes: 0,
    ownerNotKept: new Array<string>(),
    leftOut: new Array<string>(),
  };
  private readonly place: RestorePlace;
  /** Where the first name of each file went. */
  private readonly written = new Map<string, string>();
  private readonly folders: { readonly entry: FolderEntry; readonly path: string }[] = [];
  private readonly times: PathTime[] = [];
  private readonly readObject: (hash: ObjectHash) => ObjectRead;
  private canClone = true;

  constructor(place: RestorePlace) {
    this.place = place;
    this.readObject = objectReader(place.disk, place.layout);
  }

  write({ entry, name }: Wanted): void {
    const path = name === '' ? this.place.target : join(this.place.target, name);
    if (entry.kind === 'folder') this.writeFolder(entry, path);
    else if (entry.kind === 'file') this.writeFile(entry, path);
    else if (entry.kind === 'link') this.writeLink(entry, path);
    else if (entry.kind === 'hard-link') this.writeName(entry.first, path);
    else this.report.leftOut.push(entry.path);
  }

  /** Folders last and innermost first, since writing into one moves its time and needs its permission. */
  finishAttributes(): 'exact' | 'rounded' {
    const { disk } = this.place;
    for (const { entry, path } of this.folders.toReversed()) {
      this.giveOwner(entry, path);
      this.times.push({ path, modifiedNs: entry.modifiedNs });
    }
    const times = disk.setTimes(this.times);
    for (const { entry, path } of this.folders.toReversed()) disk.chmod(path, entry.mode);
    return times;
  }

  syncEach(): void {
    const { disk, target } = this.place;
    for (const path of this.written.values()) disk.syncFile(path);
    for (const { path } of this.folders) disk.syncFolder(path);
    disk.syncFolder(dirname(target));
  }

  private writeFolder(entry: FolderEntry, path: string): void {
    const { disk } = this.place;
    if (path !== this.place.target || disk.lstat(path) === null) disk.makeFolder(path, 0o700);
    this.folders.push({ entry, path });
  }

  private writeFile(entry: FileEntry, path: string): void {
    const { disk } = this.place;
    this.writeBytes(entry, path);
    this.giveOwner(entry, path);
    disk.chmod(path, entry.mode);
    this.times.push({ path, modifiedNs: entry.modifiedNs });
    this.written.set(entry.path, path);
    this.report.fileCount += 1;
    this.report.sizeBytes += entry.sizeBytes;
  }

  private writeLink(entry: LinkEntry, path: string): void {
    this.place.disk.symlink(entry.target, path);
    this.giveOwner(entry, path);
    this.times.push({ path, modifiedNs: entry.modifiedNs });
  }

  /** The first name may not be among what is restored; then this one becomes the first. */
  private writeName(first: string, path: string): void {
    const existing = this.written.get(first);
    const entry = this.place.snapshot.listing.entryOf(first);
    if (existing !== undefined) this.place.disk.link(existing, path);
    else if (entry?.kind === 'file') this.writeFile(entry, path);
  }

  private writeBytes(entry: FileEntry, path: string): void {
    const { disk } = this.place;
    if (this.writeClone(entry, path)) return;
    const sizes = chunkSizes(entry.sizeBytes);
    const file = disk.create(path, 0o600);
    try {
      let position = 0;
      let hasHole = false;
      for (const [at, hash] of entry.hashes.entries()) {
        const bytes = this.bytesOf(entry, hash);
        if (bytes.length !== sizes[at]) throw wrongSize(entry);
        if (isZeros(bytes)) hasHole = true;
        else file.write(bytes, position);
        position += bytes.length;
      }
      if (position !== entry.sizeBytes) throw wrongSize(entry);
      if (hasHole) file.truncate(position);
    } finally {
      file.close();
    }
  }

  /** Valid until the next object is read. */
  private bytesOf(entry: FileEntry, hash: ObjectHash): Buffer {
    return named(entry, () => soundBytes(hash, this.readObject(hash)));
  }

  /** Shares the object's blocks where the file system can; the object was checked just before. */
  private writeClone(entry: FileEntry, path: string): boolean {
    const { disk, layout } = this.place;
    const [hash, ...more] = entry.hashes;
    if (!this.canClone || hash === undefined || more.length > 0) return false;
    if (entry.sizeBytes < 65_536) return false;
    const bytes = this.bytesOf(entry, hash);
    if (bytes.length !== entry.sizeBytes) throw wrongSize(entry);
    this.canClone = disk.clone(layout.object(hash), path);
    return this.canClone;
  }

  private giveOwner(entry: Exclude<Entry, { kind: 'hard-link' | 'left-out' }>, path: string): void {
    const { disk } = this.place;
    const there = disk.lstat(path);
    if (there?.uid === entry.uid && there.gid === entry.gid) return;
    try {
      disk.lchown(path, { uid: entry.uid, gid: entry.gid });
    } catch (error) {
      if (!isDiskError(error, 'EPERM')) throw error;
      this.report.ownerNotKept.push(entry.path);
    }
  }
}

/** Says which entry a damaged object belongs to. */
function named<T>(entry: FileEntry, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BackstepError) || error.code !== 'store/damaged') throw error;
    throw new BackstepError('store/damaged', {
      message: `${JSON.stringify(entry.path)} cannot be restored: ${error.message}`,
      hint: error.hint,
      cause: error,
    });
  }
}

function wrongSize(entry: FileEntry): BackstepError {
  return new BackstepError('store/torn', {
    message: `${JSON.stringify(entry.path)} should have ${entry.sizeBytes} bytes, its objects have not`,
    hint: 'run `backstep verify`; restore another snapshot',
  });
}

/** Such a stretch is left as a hole. */
function isZeros(bytes: Buffer): boolean {
  return (
    bytes[0] === 0 && bytes[bytes.length - 1] === 0 && bytes.equals(Buffer.alloc(bytes.length))
  );
}
