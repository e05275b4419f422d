import type { Disk, Owner } from '../host/disk.ts';
import type { TreeEntry } from '../law/files/tree.ts';
import type { Side } from './asset.ts';
import { contentHash } from './content.ts';

/** One unit in a listing, and where it lies. */
export interface FileEntry extends TreeEntry, Owner {
  readonly kind: 'file' | 'link';
  readonly whole: string;
  readonly sizeBytes: number;
}

export type HashOf = (path: string) => string;

/** Hashes of files, each read once however many names and sides it has. */
export function openHashes(disk: Disk): HashOf {
  const known = new Map<string, string>();
  return (path) => {
    const stat = disk.lstat(path);
    const id = stat === null ? path : `${stat.device}:${stat.inode}:${stat.changedNs}`;
    const hash = known.get(id) ?? contentHash(disk, path);
    known.set(id, hash);
    return hash;
  };
}

/** What lies in a side; units that vanished are not in it. */
export function listSide(disk: Disk, side: Side, hashOf: HashOf): readonly FileEntry[] {
  return [...side].flatMap(([path, whole]): FileEntry[] => {
    const stat = disk.lstat(whole);
    if (stat === null) return [];
    const { mode, uid, gid, sizeBytes } = stat;
    const entry = { path, whole, uid, gid, sizeBytes };
    if (stat.kind === 'link') {
      return [{ ...entry, kind: 'link', hash: null, target: disk.readLink(whole), mode: 0 }];
    }
    return [{ ...entry, kind: 'file', hash: hashOf(whole), target: null, mode }];
  });
}
