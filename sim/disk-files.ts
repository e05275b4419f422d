import { DiskError, type DiskAct } from '../src/host/disk-error.ts';
import type { Disk, DiskFile } from '../src/host/disk.ts';
import { statOf, sync, type DiskState } from './disk-state.ts';
import { truncated, written } from './file-data.ts';
import type { Inode } from './inode.ts';

/** The acts of a disk that open files and make them. */
export function fileActs(
  state: DiskState,
): Pick<Disk, 'openRead' | 'openWrite' | 'create' | 'clone' | 'copy'> {
  const { clones } = state.traits;
  return {
    openRead: (path) => open(state, path),
    openWrite: (path) => open(state, path),
    create: (path, mode) => handle(state, create(state, { act: 'create', path }, mode), path),
    clone: (path, to) => {
      if (clones) copy(state, { act: 'copy', path, to });
      return clones;
    },
    copy: (path, to) => {
      copy(state, { act: 'copy', path, to });
      return clones ? 'cloned' : 'copied';
    },
  };
}

function open(state: DiskState, path: string): DiskFile {
  const tried = { act: 'open', path };
  const inode = state.there(tried);
  if (inode.kind === 'file') return handle(state, inode, path);
  throw new DiskError(inode.kind === 'link' ? 'ELOOP' : 'EINVAL', tried);
}

/** The mode that is asked for comes right after the name, as an act of its own. */
function create(state: DiskState, tried: DiskAct, mode: number): Inode {
  const { folder, name } = state.free(tried);
  const inode = state.make('file', 0o600);
  state.name({ effects: [{ folder, name, inode }], inodes: [inode] });
  state.change(inode, { mode });
  return inode;
}

function copy(state: DiskState, tried: DiskAct & { readonly to: string }): void {
  const from = state.there(tried);
  if (from.kind !== 'file') throw new DiskError('EINVAL', tried);
  const to = create(state, { act: 'copy', path: tried.to }, 0o600);
  state.requireReadable(from, tried);
  state.put(to, written(to.data, 0, from.data.current), tried);
}

function handle(state: DiskState, inode: Inode, path: string): DiskFile {
  let isOpen = true;
  const trying = (act: string): DiskAct => {
    if (isOpen) return { act, path };
    throw new DiskError('EBADF', { act, path });
  };
  return {
    stat: () => {
      trying('stat');
      return statOf(inode);
    },
    read: (into, position) => {
      state.requireReadable(inode, trying('read'));
      const { current } = inode.data;
      if (position >= current.length) return 0;
      return current.copy(into, 0, position, position + into.length);
    },
    write: (bytes, position) => {
      const tried = trying('write');
      state.put(inode, written(inode.data, position, bytes), tried);
    },
    truncate: (sizeBytes) => {
      const tried = trying('truncate');
      state.put(inode, truncated(inode.data, sizeBytes), tried);
    },
    sync: () => {
      trying('sync');
      sync(inode);
    },
    close: () => {
      isOpen = false;
    },
  };
}
