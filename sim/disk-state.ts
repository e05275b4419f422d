import { DiskError, type DiskAct } from '../src/host/disk-error.ts';
import type { FileStat } from '../src/host/disk.ts';
import type { Chance } from './chance.ts';
import { placeOf, type Place } from './disk-paths.ts';
import {
  afterFailedSync,
  dataAfterCrash,
  settledData,
  syncedData,
  type FileData,
} from './file-data.ts';
import { makeInode, type Attributes, type Inode } from './inode.ts';
import { NameLog, put, type NameAct, type Order } from './name-log.ts';

/** What a simulated disk can do and hold. */
export interface DiskTraits {
  /** Whether there is an act that syncs a whole file system. */
  readonly syncsWhole: boolean;
  /** Whether files can share blocks. */
  readonly clones: boolean;
  /** What would make all files together longer than this is refused with `ENOSPC`. */
  readonly capacityBytes: number;
}

/** The inodes of a simulated disk, and what of them was synced. */
export class DiskState {
  readonly traits: DiskTraits;
  readonly log = new NameLog();
  readonly #nowNs: () => bigint;
  #root: Inode;
  #lastNumber = 0n;
  readonly #decayed = new Set<Inode>();

  constructor(nowNs: () => bigint, traits: DiskTraits) {
    this.#nowNs = nowNs;
    this.traits = traits;
    this.#root = this.make('folder', 0o755);
  }

  make(kind: Inode['kind'], mode: number, target = ''): Inode {
    const now = this.#nowNs();
    this.#lastNumber += 1n;
    const attributes = { mode, uid: 0, gid: 0, modifiedNs: now, changedNs: now };
    return makeInode(kind, { number: this.#lastNumber, attributes, target });
  }

  place(tried: DiskAct): Place {
    return placeOf(this.#root, tried.path, tried);
  }

  /** What lies there; `ENOENT` where nothing does. */
  there(tried: DiskAct): Inode {
    const { inode } = this.place(tried);
    if (inode === null) throw new DiskError('ENOENT', tried);
    return inode;
  }

  folder(tried: DiskAct): Inode {
    const inode = this.there(tried);
    if (inode.kind !== 'folder') throw new DiskError('ENOTDIR', tried);
    return inode;
  }

  /** A place for something new; `EEXIST` where something is. */
  free(tried: DiskAct): Place {
    const place = this.place(tried);
    if (place.inode !== null) throw new DiskError('EEXIST', tried);
    return place;
  }

  /** Without links, `.` and `..`. */
  realPath(tried: DiskAct): string {
    const { inode, folderPath, name } = this.place(tried);
    if (inode === null) throw new DiskError('ENOENT', tried);
    const above = folderPath === '/' ? '' : folderPath;
    if (inode.kind !== 'link') return `${above}/${name}`;
    const path = inode.target.startsWith('/') ? inode.target : `${above}/${inode.target}`;
    return this.realPath({ ...tried, path });
  }

  /** Names come and go: in the cache, until their folders are synced. */
  name(act: NameAct): void {
    for (const { folder, name, inode } of act.effects) {
      const before = folder.names.get(name);
      if (before !== undefined) before.linkCount -= 1;
      if (inode !== null) inode.linkCount += 1;
    }
    this.log.act(act);
    for (const { folder } of act.effects) this.change(folder, { modifiedNs: this.#nowNs() });
    for (const inode of act.inodes) this.change(inode, {});
  }

  change(inode: Inode, to: Partial<Omit<Attributes, 'changedNs'>>): void {
    inode.attributes = { ...inode.attributes, ...to, changedNs: this.#nowNs() };
  }

  put(inode: Inode, data: FileData, tried: DiskAct): void {
    const more = data.current.length - inode.data.current.length;
    if (more > 0 && more > this.freeBytes()) throw new DiskError('ENOSPC', tried);
    inode.data = data;
    this.change(inode, { modifiedNs: this.#nowNs() });
  }

  freeBytes(): number {
    return this.traits.capacityBytes - this.usedBytes();
  }

  usedBytes(): number {
    let used = 0;
    for (const inode of inodesBelow(this.#root)) used += inode.data.current.length;
    return used;
  }

  syncAll(): void {
    this.log.syncAll();
    for (const inode of inodesBelow(this.#root)) sync(inode);
  }

  /** The device refuses to write: of one file, or of every one. */
  failSync(path: string | null): void {
    const tried = { act: 'sync', path: path ?? '/' };
    const struck = path === null ? inodesBelow(this.#root) : [this.there(tried)];
    for (const inode of struck) inode.data = afterFailedSync(inode.data);
  }

  /** The bytes of a file can no longer be read, until what is returned is called. */
  decay(path: string): () => void {
    const inode = this.there({ act: 'decay', path });
    this.#decayed.add(inode);
    return () => void this.#decayed.delete(inode);
  }

  requireReadable(inode: Inode, tried: DiskAct): void {
    if (this.#decayed.has(inode)) throw new DiskError('EIO', tried);
  }

  /** What a loss of power would leave, with nothing unsynced on it. This one stays as it is. */
  crashed(chance: Chance, order: Order): DiskState {
    const after = new DiskState(this.#nowNs, this.traits);
    const namesOf = this.#namesAfterCrash(chance, order);
    const settled = new Map<Inode, Inode>();
    const settle = (inode: Inode): Inode => {
      const known = settled.get(inode);
      if (known !== undefined) return known;
      const fresh = settledInode(inode, chance, order);
      settled.set(inode, fresh);
      for (const [name, below] of namesOf(inode)) {
        const kept = settle(below);
        kept.linkCount += 1;
        fresh.names.set(name, kept);
        fresh.syncedNames.set(name, kept);
      }
      return fresh;
    };
    after.#root = settle(this.#root);
    after.#lastNumber = this.#lastNumber;
    return after;
  }

  #namesAfterCrash(chance: Chance, order: Order): (folder: Inode) => Map<string, Inode> {
    const names = new Map<Inode, Map<string, Inode>>();
    const namesOf = (folder: Inode): Map<string, Inode> => {
      const known = names.get(folder) ?? new Map(folder.syncedNames);
      names.set(folder, known);
      return known;
    };
    for (const { effects } of this.log.keptAfterCrash(chance, order)) {
      for (const effect of effects) put(namesOf(effect.folder), effect);
    }
    return namesOf;
  }
}

function settledInode(inode: Inode, chance: Chance, order: Order): Inode {
  const { number, target, kind } = inode;
  const attributes = chance.isOf(0.5) ? inode.attributes : inode.syncedAttributes;
  const settled = makeInode(kind, { number, attributes, target });
  settled.data = settledData(
    dataAfterCrash(inode.data, chance, { isOrdered: order === 'journal' }),
  );
  return settled;
}

/** Bytes and attributes of a file, or the attributes of a folder, reach the disk. */
export function sync(inode: Inode): void {
  inode.data = syncedData(inode.data);
  inode.syncedAttributes = inode.attributes;
}

function inodesBelow(root: Inode): Set<Inode> {
  const found = new Set([root]);
  for (const inode of found) for (const below of inode.names.values()) found.add(below);
  return found;
}

const blockBytes = 4096;

export function statOf(inode: Inode): FileStat {
  const sizeBytes = inode.kind === 'link' ? inode.target.length : inode.data.current.length;
  return {
    kind: inode.kind,
    ...inode.attributes,
    sizeBytes,
    allocatedBytes: Math.ceil(sizeBytes / blockBytes) * blockBytes,
    linkCount: inode.linkCount,
    device: 1n,
    inode: inode.number,
  };
}
