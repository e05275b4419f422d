import { DiskError, isDiskError } from '../src/host/disk-error.ts';
import type { Disk, FileStat } from '../src/host/disk.ts';
import type { Chance } from './chance.ts';
import { fileActs } from './disk-files.ts';
import { nameActs } from './disk-names.ts';
import { DiskState, statOf, sync, type DiskTraits } from './disk-state.ts';
import type { Order } from './name-log.ts';

export const usualTraits: DiskTraits = { syncsWhole: true, clones: false, capacityBytes: 2 ** 40 };

/** A disk in memory that knows what of it was synced. */
export interface SimulatedDisk {
  /** As everyone sees it while the power is on. Everyone is root: no mode refuses anything. */
  readonly disk: Disk;
  /**
   * Another disk: this one after the power failed now, with nothing unsynced. This one stays as it is. Equal chances
   * leave equal disks.
   */
  crashed(chance: Chance, order: Order): SimulatedDisk;
  /**
   * What a failed fsync(2) leaves on Linux: the unsynced bytes of a file (null: of all files) are read from the cache and
   * taken for written, never reach the disk, and the next sync succeeds. Who syncs is told by other means.
   */
  failSync(path: string | null): void;
  /** From now on the bytes of this file cannot be read (`EIO`), until what is returned is called. */
  decay(path: string): () => void;
}

/** An empty one; `nowNs` is asked at each change and must not go back. */
export function simulatedDisk(
  nowNs: () => bigint,
  traits: DiskTraits = usualTraits,
): SimulatedDisk {
  return over(new DiskState(nowNs, traits));
}

function over(state: DiskState): SimulatedDisk {
  return {
    disk: {
      ...readers(state),
      ...fileActs(state),
      ...nameActs(state),
      ...attributeActs(state),
      ...syncs(state),
    },
    crashed: (chance, order) => over(state.crashed(chance, order)),
    failSync: (path) => state.failSync(path),
    decay: (path) => state.decay(path),
  };
}

type Reader =
  | 'lstat'
  | 'list'
  | 'listKinds'
  | 'readLink'
  | 'realPath'
  | 'freeBytes'
  | 'usedBytes'
  | 'mountPoints';

function readers(state: DiskState): Pick<Disk, Reader> {
  return {
    lstat: (path) => lstat(state, path),
    list: (path) => [...state.folder({ act: 'list', path }).names.keys()].sort(),
    listKinds: (path) =>
      [...state.folder({ act: 'list', path }).names]
        .map(([name, { kind }]) => ({ name, kind }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    readLink: (path) => {
      const tried = { act: 'read link', path };
      const { kind, target } = state.there(tried);
      if (kind !== 'link') throw new DiskError('EINVAL', tried);
      return target;
    },
    realPath: (path) => state.realPath({ act: 'resolve', path }),
    freeBytes: () => state.freeBytes(),
    usedBytes: () => state.usedBytes(),
    mountPoints: () => ['/'],
  };
}

function lstat(state: DiskState, path: string): FileStat | null {
  try {
    const { inode } = state.place({ act: 'stat', path });
    return inode === null ? null : statOf(inode);
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

/** Bits that an executable runs under another account by. */
const setIdBits = 0o6000;

function attributeActs(state: DiskState): Pick<Disk, 'chmod' | 'lchown' | 'setTimes'> {
  return {
    chmod: (path, mode) => state.change(state.there({ act: 'change mode of', path }), { mode }),
    lchown: (path, owner) => {
      const inode = state.there({ act: 'change owner of', path });
      const { mode } = inode.attributes;
      const isFile = inode.kind === 'file';
      state.change(inode, { ...owner, mode: isFile ? mode & ~setIdBits : mode });
    },
    setTimes: (times) => {
      for (const { path, modifiedNs } of times) {
        state.change(state.there({ act: 'set times of', path }), { modifiedNs });
      }
      return 'exact';
    },
  };
}

function syncs(state: DiskState): Pick<Disk, 'syncFile' | 'syncFolder' | 'syncFileSystem'> {
  return {
    syncFile: (path) => syncAt(state, path),
    syncFolder: (path) => syncAt(state, path),
    syncFileSystem: (path) => {
      state.there({ act: 'sync file system of', path });
      if (state.traits.syncsWhole) state.syncAll();
      return state.traits.syncsWhole;
    },
  };
}

/** fsync(2) does for each kind what that kind has. */
function syncAt(state: DiskState, path: string): void {
  const inode = state.there({ act: 'sync', path });
  if (inode.kind === 'folder') state.log.syncFolder(inode);
  sync(inode);
}
