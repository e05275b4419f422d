import { DiskError, type DiskAct } from '../src/host/disk-error.ts';
import type { Disk } from '../src/host/disk.ts';
import type { DiskState } from './disk-state.ts';
import type { Inode } from './inode.ts';
import type { Place } from './disk-paths.ts';

/** The acts of a disk that give and take names. */
export function nameActs(
  state: DiskState,
): Pick<Disk, 'rename' | 'link' | 'symlink' | 'makeFolder' | 'removeFile' | 'removeFolder'> {
  return {
    rename: (path, to) => rename(state, { act: 'rename', path, to }),
    link: (path, to) => link(state, { act: 'link', path, to }),
    symlink: (target, path) => {
      const { folder, name } = state.free({ act: 'make link', path });
      const inode = state.make('link', 0o777, target);
      state.name({ effects: [{ folder, name, inode }], inodes: [inode] });
    },
    makeFolder: (path, mode) => {
      const { folder, name } = state.free({ act: 'make folder', path });
      const inode = state.make('folder', 0o700);
      state.name({ effects: [{ folder, name, inode }], inodes: [inode], made: inode });
      state.change(inode, { mode });
    },
    removeFile: (path) => {
      const tried = { act: 'remove', path };
      const { folder, name, inode } = taken(state.place(tried), tried);
      if (inode.kind === 'folder') throw new DiskError('EISDIR', tried);
      state.name({ effects: [{ folder, name, inode: null }], inodes: [inode] });
    },
    removeFolder: (path) => {
      const tried = { act: 'remove folder', path };
      const { folder, name, inode } = taken(state.place(tried), tried);
      if (inode.kind !== 'folder') throw new DiskError('ENOTDIR', tried);
      if (inode.names.size > 0) throw new DiskError('ENOTEMPTY', tried);
      state.name({ effects: [{ folder, name, inode: null }], inodes: [inode], removed: inode });
    },
  };
}

interface TwoPaths extends DiskAct {
  readonly to: string;
}

function rename(state: DiskState, tried: TwoPaths): void {
  const from = taken(state.place(tried), tried);
  const to = state.place({ ...tried, path: tried.to });
  if (to.inode === from.inode) return;
  if (from.inode.kind === 'folder' && isBelow(to.folder, from.inode)) {
    throw new DiskError('EINVAL', tried);
  }
  requireReplaceable(to.inode, from.inode, tried);
  const replaced = to.inode === null ? [] : [to.inode];
  state.name({
    effects: [
      { folder: from.folder, name: from.name, inode: null },
      { folder: to.folder, name: to.name, inode: from.inode },
    ],
    inodes: [from.inode, ...replaced],
    ...(to.inode?.kind === 'folder' ? { removed: to.inode } : {}),
  });
}

function requireReplaceable(there: Inode | null, by: Inode, tried: TwoPaths): void {
  if (there === null) return;
  if (by.kind !== 'folder' && there.kind === 'folder') throw new DiskError('EISDIR', tried);
  if (by.kind === 'folder' && there.kind !== 'folder') throw new DiskError('ENOTDIR', tried);
  if (there.names.size > 0) throw new DiskError('ENOTEMPTY', tried);
}

function isBelow(folder: Inode, above: Inode): boolean {
  if (folder === above) return true;
  return [...above.names.values()].some(
    (inode) => inode.kind === 'folder' && isBelow(folder, inode),
  );
}

function link(state: DiskState, tried: TwoPaths): void {
  const inode = state.there(tried);
  const { folder, name } = state.free({ ...tried, path: tried.to });
  if (inode.kind === 'folder') throw new DiskError('EPERM', tried);
  state.name({ effects: [{ folder, name, inode }], inodes: [inode] });
}

type TakenPlace = Place & { readonly inode: Inode };

/** Where something lies that a name can be taken from: anything but the root. */
function taken(place: Place, tried: DiskAct): TakenPlace {
  const { inode } = place;
  if (inode === null) throw new DiskError('ENOENT', tried);
  if (place.name === '') throw new DiskError('EBUSY', tried);
  return { ...place, inode };
}
