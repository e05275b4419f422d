import { join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import { isDiskError } from '../host/disk-error.ts';
import type { Host } from '../host/host.ts';
import { treeOf } from '../host/processes.ts';
import { readPseudoFile, readPseudoLink } from '../service/pseudo-file.ts';

/** What the kernel tells of a running application: of its first process, and what all of its tree holds open. */
export interface RunningProgram {
  readonly pid: number;
  readonly pids: readonly number[];
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The program file that runs; of a script its interpreter. */
  readonly executable: string;
  readonly uid: number;
  /** Regular files that it holds open, absolute; those that it may write first. */
  readonly files: readonly OpenFile[];
  /** TCP ports on which it listens, ascending. */
  readonly ports: readonly number[];
  readonly unit: { readonly name: string; readonly scope: 'system' | 'user' } | null;
}

export interface OpenFile {
  readonly path: string;
  readonly isWritten: boolean;
}

/** Throws `init/process` where there is no such process, or this user may not look into it. */
export function lookAtProcess(host: Host, pid: number): RunningProgram {
  const proc = `/proc/${pid}`;
  const cwd = readPseudoLink(host, join(proc, 'cwd'));
  const executable = readPseudoLink(host, join(proc, 'exe'));
  const stat = host.disk.lstat(proc);
  const argv = (readPseudoFile(host, join(proc, 'cmdline')) ?? '').split('\0').slice(0, -1);
  if (stat === null || cwd === null || executable === null || argv.length === 0) throw unseen(pid);
  const pids = treeOf(host.processes.list(), pid).map((entry) => entry.pid);
  const open = pids.flatMap((each) => openPaths(host, each));
  const sockets = new Set(open.flatMap(({ path }) => /^socket:\[(\d+)\]$/.exec(path)?.[1] ?? []));
  return {
    pid,
    pids,
    argv,
    cwd,
    executable,
    uid: stat.uid,
    files: regularFiles(host, open),
    ports: listeningPorts(host, pid, sockets),
    unit: unitOf(readPseudoFile(host, join(proc, 'cgroup')) ?? ''),
  };
}

function unseen(pid: number): BackstepError {
  return new BackstepError('init/process', {
    message: `process ${pid} is not there, or this user may not look into it`,
    hint: 'give the id of the running application, and run this as its user or as root',
  });
}

function openPaths(host: Host, pid: number): readonly OpenFile[] {
  return namesIn(host, `/proc/${pid}/fd`).flatMap((descriptor) => {
    const path = readPseudoLink(host, `/proc/${pid}/fd/${descriptor}`);
    const info = readPseudoFile(host, `/proc/${pid}/fdinfo/${descriptor}`) ?? '';
    // The last two bits of the flags are the way of access: 1 and 2 write (open(2)).
    const flags = Number.parseInt(/^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? '0', 8);
    return path === null ? [] : [{ path, isWritten: (flags & 3) !== 0 }];
  });
}

function namesIn(host: Host, folder: string): readonly string[] {
  try {
    return host.disk.list(folder);
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return [];
    throw error;
  }
}

function regularFiles(host: Host, open: readonly OpenFile[]): readonly OpenFile[] {
  const found = new Map<string, OpenFile>();
  for (const file of open) {
    const isOurs = file.path.startsWith('/') && !/^\/(proc|dev|sys)\//.test(file.path);
    if (!isOurs || host.disk.lstat(file.path)?.kind !== 'file') continue;
    const isWritten = file.isWritten || found.get(file.path)?.isWritten === true;
    found.set(file.path, { path: file.path, isWritten });
  }
  return [...found.values()].sort((a, b) => Number(b.isWritten) - Number(a.isWritten));
}

/** Source: proc_pid_net(5): state 0A listens, the tenth field is the socket's inode. */
function listeningPorts(host: Host, pid: number, sockets: ReadonlySet<string>): readonly number[] {
  const lines = ['tcp', 'tcp6'].flatMap((table) =>
    (readPseudoFile(host, `/proc/${pid}/net/${table}`) ?? '').split('\n').slice(1),
  );
  const ports = lines.flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [address, state, inode] = [fields[1] ?? '', fields[3], fields[9] ?? ''];
    const isOurs = state === '0A' && sockets.has(inode);
    return isOurs ? [Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16)] : [];
  });
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** The systemd service that the process belongs to, by its control group; null where it belongs to none. */
export function unitOf(cgroup: string): RunningProgram['unit'] {
  for (const line of cgroup.split('\n')) {
    const name = /\/([^/]+)\.service$/.exec(line)?.[1];
    if (name === undefined || name.startsWith('user@')) continue;
    return { name, scope: line.includes('/user@') ? 'user' : 'system' };
  }
  return null;
}
