import type { Disk, DiskFile } from '../src/host/disk.ts';
import type { Host } from '../src/host/host.ts';
import type { Processes } from '../src/host/processes.ts';

/** What changes the world outside: acts of the disk and of processes, by the names of their methods. */
export type ActName =
  | 'create'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'rename'
  | 'link'
  | 'symlink'
  | 'makeFolder'
  | 'removeFile'
  | 'removeFolder'
  | 'chmod'
  | 'lchown'
  | 'setTimes'
  | 'clone'
  | 'copy'
  | 'syncFile'
  | 'syncFolder'
  | 'syncFileSystem'
  | 'spawn'
  | 'spawned'
  | 'run'
  | 'running'
  | 'signal'
  | 'signalGroup';

/** One act that is about to be done. `spawned` and `running` come right after the child was made. */
export interface Act {
  readonly name: ActName;
  /** The path that is changed, or the program. */
  readonly path: string;
  /** What is about to be written. */
  readonly bytes?: Uint8Array;
  /** Does a part of the act, as an interrupted one leaves it; absent where an act has no parts. */
  readonly tear?: () => void;
}

/** Called before each act: whether it returns, throws or never returns decides what becomes of the act. */
export type Observer = (act: Act) => void;

/** A host that tells each act beforehand; what only reads passes by. */
export function observedHost(host: Host, observe: Observer): Host {
  return {
    ...host,
    disk: observedDisk(host.disk, observe),
    processes: observedProcesses(host.processes, observe),
  };
}

export function observedDisk(disk: Disk, observe: Observer): Disk {
  const open = (file: DiskFile, path: string): DiskFile => observedFile(file, { path, observe });
  return {
    ...disk,
    openWrite: (path) => open(disk.openWrite(path), path),
    create: (path, mode) => {
      observe({ name: 'create', path });
      return open(disk.create(path, mode), path);
    },
    rename: (from, to) => {
      observe({ name: 'rename', path: to });
      disk.rename(from, to);
    },
    link: (existing, to) => {
      observe({ name: 'link', path: to });
      disk.link(existing, to);
    },
    symlink: (target, path) => {
      observe({ name: 'symlink', path });
      disk.symlink(target, path);
    },
    makeFolder: (path, mode) => {
      observe({ name: 'makeFolder', path });
      disk.makeFolder(path, mode);
    },
    clone: (from, to) => {
      observe({ name: 'clone', path: to });
      return disk.clone(from, to);
    },
    copy: (from, to) => {
      observe({ name: 'copy', path: to, tear: () => copyHalf(disk, from, to) });
      return disk.copy(from, to);
    },
    ...observedRemovals(disk, observe),
    ...observedAttributes(disk, observe),
    ...observedSyncs(disk, observe),
  };
}

function observedRemovals(disk: Disk, observe: Observer): Partial<Disk> {
  return {
    removeFile: (path) => {
      observe({ name: 'removeFile', path });
      disk.removeFile(path);
    },
    removeFolder: (path) => {
      observe({ name: 'removeFolder', path });
      disk.removeFolder(path);
    },
  };
}

function observedAttributes(disk: Disk, observe: Observer): Partial<Disk> {
  return {
    chmod: (path, mode) => {
      observe({ name: 'chmod', path });
      disk.chmod(path, mode);
    },
    lchown: (path, owner) => {
      observe({ name: 'lchown', path });
      disk.lchown(path, owner);
    },
    setTimes: (times) => {
      observe({ name: 'setTimes', path: times[0]?.path ?? '' });
      return disk.setTimes(times);
    },
  };
}

function observedSyncs(disk: Disk, observe: Observer): Partial<Disk> {
  return {
    syncFile: (path) => {
      observe({ name: 'syncFile', path });
      disk.syncFile(path);
    },
    syncFolder: (path) => {
      observe({ name: 'syncFolder', path });
      disk.syncFolder(path);
    },
    syncFileSystem: (path) => {
      observe({ name: 'syncFileSystem', path });
      return disk.syncFileSystem(path);
    },
  };
}

function observedFile(
  file: DiskFile,
  { path, observe }: { readonly path: string; readonly observe: Observer },
): DiskFile {
  return {
    stat: () => file.stat(),
    read: (into, position) => file.read(into, position),
    write: (bytes, position) => {
      const tear = (): void =>
        file.write(bytes.subarray(0, Math.floor(bytes.length / 2)), position);
      observe({ name: 'write', path, bytes, tear });
      file.write(bytes, position);
    },
    truncate: (sizeBytes) => {
      observe({ name: 'truncate', path });
      file.truncate(sizeBytes);
    },
    sync: () => {
      observe({ name: 'sync', path });
      file.sync();
    },
    close: () => file.close(),
  };
}

export function observedProcesses(processes: Processes, observe: Observer): Processes {
  return {
    ...processes,
    spawn: (command, options) => {
      const path = command.argv[0];
      observe({ name: 'spawn', path });
      const child = processes.spawn(command, options);
      observe({ name: 'spawned', path });
      return child;
    },
    run: (command, limits) => {
      const path = command.argv[0];
      observe({ name: 'run', path });
      const finished = processes.run(command, limits);
      observe({ name: 'running', path });
      return finished;
    },
    signal: (identity, signal) => {
      observe({ name: 'signal', path: String(identity.pid) });
      return processes.signal(identity, signal);
    },
    signalGroup: (leaderPid, signal) => {
      observe({ name: 'signalGroup', path: String(leaderPid) });
      return processes.signalGroup(leaderPid, signal);
    },
  };
}

/** As a copy that was cut short leaves it: the new file with the first half of the bytes. */
function copyHalf(disk: Disk, from: string, to: string): void {
  const [source, target] = [disk.openRead(from), disk.create(to, 0o600)];
  try {
    const bytes = Buffer.alloc(Math.floor(source.stat().sizeBytes / 2));
    target.write(bytes.subarray(0, source.read(bytes, 0)), 0);
  } finally {
    source.close();
    target.close();
  }
}
