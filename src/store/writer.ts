import { join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import type { FileStat } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import type { Entry, FileEntry, LeftOutEntry } from './entry.ts';
import { attributesOf, entryWithoutBytes } from './found-entry.ts';
import { statThere } from './identity.ts';
import { type Intake, openIntake } from './intake.ts';
import type { Layout } from './layout.ts';
import { formatEntry, formatMode, hashesIn, requireInside, sizeIn } from './line.ts';
import type { Lock } from './lock.ts';
import { createManifest, type ManifestWriter, type SnapshotHeader } from './manifest.ts';
import { chunkSizes, type KnownObjects } from './objects.ts';
import type { SnapshotId } from './snapshot-id.ts';
import { requireStoreOutside } from './outside.ts';
import { openStatCache, type CapturedRoot, type StatCache } from './stat-cache.ts';
import { type OnRead, type SteadyFile, steadyReader } from './steady-read.ts';
import { type Choice, type Found, walk } from './walk.ts';

export interface TreeOptions extends Choice {
  /** Where it stands in the snapshot: a relative path. */
  readonly as: string;
  /** Told everything that is taken. */
  readonly sees?: (found: Found) => void;
}

/**
 * A snapshot that is being taken. It holds the store's writer lock until `commit` or `abort`, one of which must
 * be called. A crash before `commit` returns leaves the store as it was, and at most orphaned objects.
 */
export interface SnapshotWriter {
  readonly id: SnapshotId;
  /** A folder with all that is in it, or a single file or link. */
  addTree(root: string, options: TreeOptions): void;
  /**
   * A single file, if its bytes are in the store already and it cannot have changed since they were read; else
   * false, and nothing is added. Reads none of them.
   */
  addUnchanged(file: string, options: Pick<TreeOptions, 'as'>): boolean;
  /** Bytes that lie in no file, as a file owned by the store's owner. */
  addBytes(bytes: Uint8Array, options: BytesOptions): void;
  /** The line of a file or link in another snapshot of this store, under the same path; none of its bytes are read. */
  addKnown(path: string, line: string): void;
  /** Makes it durable; afterwards it is a snapshot. */
  commit(): Committed;
  /** May be called after `commit`, and does nothing then. */
  abort(): void;
}

export interface BytesOptions {
  readonly as: string;
  readonly mode: number;
}

export interface Committed {
  readonly id: SnapshotId;
  readonly entryCount: number;
  /** Bytes of all files in it. */
  readonly sizeBytes: number;
  /** What the store did not have before. */
  readonly newObjectCount: number;
  readonly newBytes: number;
  /** Files whose bytes were read; the others were known unchanged. */
  readonly readCount: number;
  readonly leftOut: readonly LeftOutEntry[];
}

export interface WriterParts {
  readonly host: Host;
  readonly layout: Layout;
  readonly known: KnownObjects;
  readonly header: SnapshotHeader;
  readonly lock: Lock;
  readonly onRead?: OnRead | undefined;
}

/** Takes over the lock. */
export function openWriter(parts: WriterParts): SnapshotWriter {
  return new OpenWriter(parts);
}

class OpenWriter implements SnapshotWriter {
  readonly id: SnapshotId;
  private readonly parts: WriterParts;
  private readonly intake: Intake;
  private readonly manifest: ManifestWriter;
  private readonly manifestPath: string;
  private readonly owner: FileStat;
  private readonly bootId: string;
  private readonly readSteady: (path: string) => SteadyFile | null;
  private readonly caches: StatCache[] = [];
  private readonly paths = new Set<string>();
  private readonly firstNames = new Map<string, string>();
  private readonly leftOut: LeftOutEntry[] = [];
  /** Stands in the snapshot; '' for none. */
  private latestParent = '';
  private sizeBytes = 0;
  private readCount = 0;
  private isOpen = true;

  constructor(parts: WriterParts) {
    const { layout, header, known } = parts;
    const { disk } = parts.host;
    this.parts = parts;
    this.id = header.id;
    this.intake = openIntake(disk, layout, { name: header.id, known });
    this.manifestPath = join(this.intake.folder, 'snapshot.txt');
    this.manifest = createManifest(disk, this.manifestPath, header);
    this.owner = statThere(disk, layout.root);
    this.bootId = parts.host.processes.self().bootId;
    this.readSteady = steadyReader(disk, this.intake, parts.onRead);
  }

  addTree(root: string, { as, takes, sees }: TreeOptions): void {
    const { host, layout } = this.parts;
    requireStoreOutside(host.disk, { root, store: layout.root });
    this.addParents(requireInside(as));
    const cache = openStatCache(host, layout, this.captured(root));
    const visit = (found: Found): void => {
      sees?.(found);
      this.addFound(found, { as: found.name === '' ? as : `${as}/${found.name}`, cache });
    };
    walk(host.disk, root, takes === undefined ? { visit } : { visit, takes });
    this.caches.push(cache);
  }

  addUnchanged(file: string, { as }: Pick<TreeOptions, 'as'>): boolean {
    const { host, layout } = this.parts;
    const stat = host.disk.lstat(file);
    if (stat?.kind !== 'file') return false;
    const cache = openStatCache(host, layout, this.captured(file));
    if (stat.linkCount > 1 || this.unchangedLine(stat, { as, cache }) === null) return false;
    this.addParents(requireInside(as));
    this.addFound({ path: file, name: '', stat }, { as, cache });
    this.caches.push(cache);
    return true;
  }

  private captured(root: string): CapturedRoot {
    return { root, startNs: this.intake.startNs, bootId: this.bootId };
  }

  addBytes(bytes: Uint8Array, { as, mode }: BytesOptions): void {
    this.addParents(requireInside(as));
    let position = 0;
    const hashes = chunkSizes(bytes.length).map((size) => {
      position += size;
      return this.intake.put(bytes.subarray(position - size, position));
    });
    const attributes = { ...this.ownAttributes(as), mode };
    this.add({ kind: 'file', ...attributes, sizeBytes: bytes.length, hashes });
  }

  addKnown(path: string, line: string): void {
    this.addParents(requireInside(path));
    this.addLine(path, line);
    this.sizeBytes += sizeIn(line);
  }

  commit(): Committed {
    const { host, layout, lock } = this.parts;
    this.requireOpen();
    this.manifest.finish();
    this.manifest.close();
    this.intake.settle();
    this.intake.syncNames(this.manifestPath);
    host.disk.rename(this.manifestPath, layout.snapshot(this.id));
    host.disk.syncFolder(layout.snapshots);
    this.isOpen = false;
    try {
      for (const cache of this.caches) cache.save();
      this.intake.discard();
    } finally {
      lock.release();
    }
    return {
      id: this.id,
      entryCount: this.paths.size,
      sizeBytes: this.sizeBytes,
      newObjectCount: this.intake.newCount,
      newBytes: this.intake.newBytes,
      readCount: this.readCount,
      leftOut: this.leftOut,
    };
  }

  abort(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    try {
      this.manifest.close();
      this.intake.discard();
    } finally {
      this.parts.lock.release();
    }
  }

  private addFound(found: Found, place: Place): void {
    if (found.stat.kind === 'file') {
      this.addFile(found, place);
      return;
    }
    const entry = entryWithoutBytes(this.parts.host.disk, found, place.as);
    if (entry !== null) this.add(entry);
  }

  private addFile(found: Found, place: Place): void {
    const { as: path, cache } = place;
    const first = this.firstNameOf(found.stat, path);
    if (first !== path) {
      this.add({ kind: 'hard-link', path, first });
      return;
    }
    const known = this.unchangedLine(found.stat, place);
    if (known === null) {
      this.addRead(found, place);
      return;
    }
    cache.keep(path, found.stat);
    this.addLine(path, known);
    this.noteName(path, found.stat);
    this.sizeBytes += found.stat.sizeBytes;
  }

  private addRead(found: Found, { as: path, cache }: Place): void {
    const isEmpty = found.stat.sizeBytes === 0;
    if (!isEmpty) this.readCount += 1;
    const file = isEmpty ? { stat: found.stat, hashes: [] } : this.readSteady(found.path);
    if (file === null) return;
    const { stat, hashes } = file;
    const entry = {
      kind: 'file',
      ...attributesOf(path, stat),
      sizeBytes: stat.sizeBytes,
      hashes,
    } as const;
    if (hashes.length > 0) cache.remember(stat, formatEntry(entry));
    this.add(entry);
    this.noteName(path, stat);
  }

  /** The file's line, where its bytes are in the store and nothing about it can have changed. */
  private unchangedLine(stat: FileStat, { as, cache }: Place): string | null {
    const line = stat.sizeBytes === 0 ? null : cache.lookUp(as, stat);
    if (line === null || !this.describes(line, stat)) return null;
    return hashesIn(line).every((hash) => this.intake.has(hash)) ? line : null;
  }

  /** Not every file system moves a time when mode or owner change. */
  private describes(line: string, { mode, uid, gid }: FileStat): boolean {
    return line.startsWith(`file\t${formatMode(mode)}\t${uid}\t${gid}\t`);
  }

  private noteName(path: string, stat: FileStat): void {
    if (stat.linkCount > 1) this.firstNames.set(inodeOf(stat), path);
  }

  private firstNameOf(stat: FileStat, path: string): string {
    return stat.linkCount > 1 ? (this.firstNames.get(inodeOf(stat)) ?? path) : path;
  }

  /** Folders that no captured tree describes belong to the store's owner. */
  private addParents(as: string): void {
    const parent = as.slice(0, Math.max(as.lastIndexOf('/'), 0));
    if (parent === '' || parent === this.latestParent) return;
    if (!this.paths.has(parent)) {
      this.addParents(parent);
      this.add({ kind: 'folder', ...this.ownAttributes(parent) });
    }
    this.latestParent = parent;
  }

  private ownAttributes(path: string): Omit<FileEntry, 'kind' | 'sizeBytes' | 'hashes'> {
    const { uid, gid } = this.owner;
    return { path, mode: 0o700, uid, gid, modifiedNs: this.parts.header.createdNs };
  }

  private add(entry: Entry): void {
    this.addLine(entry.path, formatEntry(entry));
    if (entry.kind === 'file') this.sizeBytes += entry.sizeBytes;
    if (entry.kind === 'left-out') this.leftOut.push(entry);
  }

  private addLine(path: string, line: string): void {
    this.requireOpen();
    if (this.paths.has(path)) {
      throw new BackstepError('store/occupied', {
        message: `the snapshot holds ${JSON.stringify(path)} already`,
        hint: 'give each asset a name of its own',
      });
    }
    this.paths.add(path);
    this.manifest.addLine(line);
  }

  private requireOpen(): void {
    if (this.isOpen) return;
    throw new TypeError(`snapshot ${this.id} was committed or given up`);
  }
}

/** Where something stands in the snapshot, and what is remembered of it. */
interface Place {
  readonly as: string;
  readonly cache: StatCache;
}

function inodeOf(stat: FileStat): string {
  return `${stat.device}:${stat.inode}`;
}
