import { emptyData, type FileData } from './file-data.ts';

/** A file, folder or link of the simulated disk. What is `synced` is on the disk, the rest in its cache. */
export interface Inode {
  readonly number: bigint;
  readonly kind: 'file' | 'folder' | 'link';
  attributes: Attributes;
  syncedAttributes: Attributes;
  linkCount: number;
  /** Of a file. */
  data: FileData;
  /** Of a link. */
  readonly target: string;
  /** Of a folder: what each name stands for. */
  readonly names: Map<string, Inode>;
  readonly syncedNames: Map<string, Inode>;
}

export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
}

/** A new one that no name stands for yet. */
export function makeInode(
  kind: Inode['kind'],
  made: { readonly number: bigint; readonly attributes: Attributes; readonly target?: string },
): Inode {
  return {
    number: made.number,
    kind,
    attributes: made.attributes,
    syncedAttributes: made.attributes,
    linkCount: 0,
    data: emptyData(),
    target: made.target ?? '',
    names: new Map(),
    syncedNames: new Map(),
  };
}
