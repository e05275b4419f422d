/** Lower-case SHA-256 of an object's bytes. */
export type ObjectHash = string & { readonly __brand: 'ObjectHash' };

export function isObjectHash(text: string): text is ObjectHash {
  return /^[0-9a-f]{64}$/.test(text);
}

/** What every entry that comes back as a file, folder or link has. */
interface Attributes {
  /** Relative, `/` between, no `.`, `..` or empty parts. */
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since 1970. */
  readonly modifiedNs: bigint;
}

export interface FolderEntry extends Attributes {
  readonly kind: 'folder';
}

export interface FileEntry extends Attributes {
  readonly kind: 'file';
  readonly sizeBytes: number;
  /** The objects that hold the file's bytes, in order; none if it is empty. */
  readonly hashes: readonly ObjectHash[];
}

export interface LinkEntry extends Attributes {
  readonly kind: 'link';
  readonly target: string;
}

/** A further name of a file that stands earlier in the same snapshot. */
export interface HardLinkEntry {
  readonly kind: 'hard-link';
  readonly path: string;
  readonly first: string;
}

/** Was there, but holds no bytes of its own: a socket, a FIFO or a device. */
export interface LeftOutEntry {
  readonly kind: 'left-out';
  readonly path: string;
  readonly what: string;
}

export type Entry = FolderEntry | FileEntry | LinkEntry | HardLinkEntry | LeftOutEntry;
