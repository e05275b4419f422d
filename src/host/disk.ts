/**
 * The disk, synchronous and small: every durable act is a method of its own, so that a disk that counts or
 * forgets can wrap it. Reasons: docs/decisions/003-synchronous-disk.md.
 *
 * A path is a string. Bytes of a name that are no UTF-8 are kept as lone surrogates U+DC80 to U+DCFF, one a
 * byte, and come back as the same bytes. Nothing follows a symbolic link in the last component of a path,
 * except `realPath`, `freeBytes` and `usedBytes`.
 *
 * Every method throws `DiskError` (see `disk-error.ts`) and nothing else.
 */
export interface Disk {
  /** What lies at the path; null where nothing does, or where a folder on the way is missing. */
  lstat(path: string): FileStat | null;
  /** Names in a folder without `.` and `..`, sorted by code unit. */
  list(folder: string): readonly string[];
  /** What is in a folder, with its kind, sorted as `list` does; what vanishes meanwhile is passed over. */
  listKinds(folder: string): readonly Listed[];
  readLink(path: string): string;
  /** Absolute, without links, `.` or `..`. */
  realPath(path: string): string;
  /** What an unprivileged writer may still use on the file system that holds the path. */
  freeBytes(path: string): number;
  /** What is in use on it: no folder there holds more. */
  usedBytes(path: string): number;
  /** Where file systems are mounted, absolute, sorted. Empty where the platform does not tell. */
  mountPoints(): readonly string[];

  /** Opens a regular file to read. Never waits (a FIFO is refused with `EINVAL`), never follows a link. */
  openRead(path: string): DiskFile;
  /** Opens a regular file that exists, to read and write. */
  openWrite(path: string): DiskFile;
  /** Makes a file that must not exist (`EEXIST`), with exactly this mode whatever the umask. */
  create(path: string, mode: number): DiskFile;

  /** Replaces a file at `to`. Durable once the folders of both were synced. */
  rename(from: string, to: string): void;
  /** A second name for a file; `EEXIST` if `to` is taken. */
  link(existing: string, to: string): void;
  /** `target` is stored as it stands. */
  symlink(target: string, path: string): void;
  /** One level, with exactly this mode whatever the umask; `EEXIST` if taken. */
  makeFolder(path: string, mode: number): void;
  /** Removes a file or a link. */
  removeFile(path: string): void;
  /** Removes an empty folder. */
  removeFolder(path: string): void;

  /** Mode of a file or folder, 0o7777 at most. Links have none. */
  chmod(path: string, mode: number): void;
  /** Owner of the file, folder or link itself. Clears set-user-id bits, so it comes before `chmod`. */
  lchown(path: string, owner: Owner): void;
  /**
   * Sets access and modification time of each, links included. `rounded`: the platform gave no way to
   * set nanoseconds, and times are off by less than a microsecond.
   */
  setTimes(times: readonly PathTime[]): 'exact' | 'rounded';

  /** Shares `from`'s blocks with a new file `to` (mode 0600); false, with nothing made, where the file system cannot. */
  clone(from: string, to: string): boolean;
  /** A new file `to` (mode 0600) with `from`'s bytes, shared where the file system can. */
  copy(from: string, to: string): 'cloned' | 'copied';

  /** Data and size of one file reach the disk. */
  syncFile(path: string): void;
  /** Names in one folder reach the disk. */
  syncFolder(path: string): void;
  /** Everything on the file system that holds the path reaches the disk; false where there is no such act. */
  syncFileSystem(path: string): boolean;
}

/** An open file. `close` must be called; it may be called twice. */
export interface DiskFile {
  stat(): FileStat;
  /** Reads until `into` is full or the file ends; returns how many bytes. */
  read(into: Uint8Array, position: number): number;
  /** Writes all of `bytes`. A full disk may leave a part of them. */
  write(bytes: Uint8Array, position: number): void;
  truncate(sizeBytes: number): void;
  sync(): void;
  close(): void;
}

export type FileKind = 'file' | 'folder' | 'link' | 'socket' | 'fifo' | 'device';

export interface Listed {
  readonly name: string;
  readonly kind: FileKind;
}

export interface FileStat {
  readonly kind: FileKind;
  /** Permission bits, 0o7777 at most. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** What the file takes on the disk; less than its size where it is sparse. */
  readonly allocatedBytes: number;
  readonly linkCount: number;
  readonly device: bigint;
  readonly inode: bigint;
  /** Nanoseconds since 1970. */
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export interface PathTime {
  readonly path: string;
  /** Nanoseconds since 1970; may be negative. */
  readonly modifiedNs: bigint;
}
