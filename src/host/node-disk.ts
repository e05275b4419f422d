import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { DiskError, isDiskError } from './disk-error.ts';
import type { Disk, DiskFile, FileStat, Listed } from './disk.ts';
import { onDisk, onTwo } from './node-fault.ts';
import { kindOrNull, nodeFile, statOf } from './node-file.ts';
import { mountPoints } from './node-mounts.ts';
import { holdStill, patiently, renameWaitsMs } from './node-patience.ts';
import { fromNative, toNative } from './node-path.ts';
import { callSyncfs } from './node-syscalls.ts';
import { setTimes } from './node-times.ts';

/** The machine's own disk. */
export const nodeDisk: Disk = {
  lstat,
  list,
  listKinds,
  readLink: (path) =>
    onDisk('read link', path, (native) => fromNative(fs.readlinkSync(native, 'buffer'))),
  realPath: (path) =>
    onDisk('resolve', path, (native) => fromNative(fs.realpathSync.native(native, 'buffer'))),
  freeBytes: (path) =>
    onDisk('look for room at', path, (native) => {
      const { bavail, bsize } = fs.statfsSync(native);
      return bavail * bsize;
    }),
  usedBytes: (path) =>
    onDisk('look for room at', path, (native) => {
      const { blocks, bfree, bsize } = fs.statfsSync(native);
      return (blocks - bfree) * bsize;
    }),
  mountPoints,
  openRead: (path) => openRegular(path, fs.constants.O_RDONLY),
  openWrite: (path) => openRegular(path, fs.constants.O_RDWR),
  create,
  rename,
  link: (path, to) => onTwo('link', { path, to }, fs.linkSync),
  symlink: (target, path) =>
    onDisk('make link', path, (native) => fs.symlinkSync(toNative(target), native)),
  makeFolder: (path, mode) =>
    onDisk('make folder', path, (native) => {
      fs.mkdirSync(native, { mode: 0o700 });
      fs.chmodSync(native, mode);
    }),
  removeFile: (path) => onDisk('remove', path, (native) => fs.unlinkSync(native)),
  removeFolder: (path) => onDisk('remove folder', path, (native) => fs.rmdirSync(native)),
  chmod: (path, mode) => onDisk('change mode of', path, (native) => fs.chmodSync(native, mode)),
  lchown: (path, { uid, gid }) =>
    onDisk('change owner of', path, (native) => fs.lchownSync(native, uid, gid)),
  setTimes,
  clone,
  copy,
  syncFile: (path) => syncAt('sync', path),
  syncFolder: (path) => syncAt('sync folder', path),
  syncFileSystem,
};

/** Elsewhere than on Windows a refusal does not pass by itself. */
function rename(path: string, to: string): void {
  const waitsMs = process.platform === 'win32' ? renameWaitsMs : null;
  const act = (): void => onTwo('rename', { path, to }, fs.renameSync);
  if (waitsMs === null) act();
  else patiently(act, { waitsMs, wait: holdStill });
}

function lstat(path: string): FileStat | null {
  try {
    return onDisk('stat', path, (native) => {
      const stats = fs.lstatSync(native, { bigint: true, throwIfNoEntry: false });
      return stats ? statOf(stats) : null;
    });
  } catch (error) {
    if (isDiskError(error, 'ENOTDIR')) return null;
    throw error;
  }
}

/** Names are read as text first; a replacement character in one says that some may be no UTF-8. */
function list(folder: string): readonly string[] {
  return onDisk('list', folder, (native) => {
    const names = fs.readdirSync(native, 'utf8');
    if (!names.some((name) => name.includes('\u{fffd}'))) return names.sort();
    return fs.readdirSync(native, 'buffer').map(fromNative).sort();
  });
}

/** The kinds come with the names; where the file system does not tell one, it is looked at. */
function listKinds(folder: string): readonly Listed[] {
  return onDisk('list', folder, (native) => {
    const found = fs.readdirSync(native, { withFileTypes: true });
    if (found.some(({ name }) => name.includes('\u{fffd}'))) {
      return list(folder).flatMap((name) => lookedAt(folder, name));
    }
    return found
      .flatMap((entry) => {
        const kind = kindOrNull(entry);
        return kind === null ? lookedAt(folder, entry.name) : [{ name: entry.name, kind }];
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  });
}

function lookedAt(folder: string, name: string): readonly Listed[] {
  const kind = lstat(`${folder}/${name}`)?.kind;
  return kind === undefined ? [] : [{ name, kind }];
}

function openRegular(path: string, access: number): DiskFile {
  const { O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  const file = onDisk('open', path, (native) =>
    nodeFile(fs.openSync(native, access | O_NOFOLLOW | O_NONBLOCK), path),
  );
  if (file.stat().kind === 'file') return file;
  file.close();
  throw new DiskError('EINVAL', { act: 'open', path });
}

function create(path: string, mode: number): DiskFile {
  const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW } = fs.constants;
  return onDisk('create', path, (native) => {
    const descriptor = fs.openSync(native, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, 0o600);
    fs.fchmodSync(descriptor, mode);
    return nodeFile(descriptor, path);
  });
}

function clone(from: string, to: string): boolean {
  const { COPYFILE_EXCL, COPYFILE_FICLONE_FORCE } = fs.constants;
  try {
    copyFile(from, to, COPYFILE_EXCL | COPYFILE_FICLONE_FORCE);
    return true;
  } catch (error) {
    if (isDiskError(error, 'ENOTSUP', 'EOPNOTSUPP', 'ENOTTY', 'ENOSYS', 'EXDEV', 'EINVAL')) {
      return false;
    }
    throw error;
  }
}

function copy(from: string, to: string): 'cloned' | 'copied' {
  if (clone(from, to)) return 'cloned';
  copyFile(from, to, fs.constants.COPYFILE_EXCL);
  return 'copied';
}

function copyFile(path: string, to: string, flags: number): void {
  const kind = lstat(path)?.kind ?? 'file';
  if (kind !== 'file') throw new DiskError('EINVAL', { act: 'copy', path, to });
  onTwo('copy', { path, to }, (source, target) => {
    fs.copyFileSync(source, target, flags);
    fs.chmodSync(target, 0o600);
  });
}

function syncAt(act: string, path: string): void {
  onDisk(act, path, (native) => {
    const descriptor = fs.openSync(native, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  });
}

/**
 * syncfs(2) through the caller of system calls, else `sync -f` of coreutils. The path goes over as an open descriptor, since
 * arguments cannot hold bytes that are no UTF-8. False on platforms without it, and where the program is missing or refuses.
 */
function syncFileSystem(path: string): boolean {
  if (process.platform !== 'linux') return false;
  return onDisk('sync file system of', path, (native) => {
    const descriptor = fs.openSync(native, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    try {
      if (callSyncfs(descriptor)?.errno === 0) return true;
      const stdio = ['ignore', 'ignore', 'ignore', descriptor] as const;
      return spawnSync('sync', ['-f', '/proc/self/fd/3'], { stdio: [...stdio] }).status === 0;
    } finally {
      fs.closeSync(descriptor);
    }
  });
}
