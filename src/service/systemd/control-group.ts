import { join } from 'node:path';
import { isDiskError } from '../../host/disk-error.ts';
import type { Host } from '../../host/host.ts';
import { readPseudoFile } from '../pseudo-file.ts';

/**
 * Pids of a control group and all groups below it; none where the group is gone, as systemd removes it
 * with its last process. Source: cgroups(7); the unified hierarchy, else systemd's own of version 1.
 */
export function pidsOfControlGroup(host: Host, controlGroup: string): readonly number[] {
  if (controlGroup === '') return [];
  const root = hierarchies.find((folder) => host.disk.lstat(join(folder, processFile)) !== null);
  return root === undefined ? [] : pidsBelow(host, join(root, controlGroup));
}

function pidsBelow(host: Host, folder: string): readonly number[] {
  const own = (readPseudoFile(host, join(folder, processFile)) ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
  return [...own, ...foldersIn(host, folder).flatMap((inner) => pidsBelow(host, inner))];
}

function foldersIn(host: Host, folder: string): readonly string[] {
  try {
    return host.disk
      .list(folder)
      .map((name) => join(folder, name))
      .filter((path) => host.disk.lstat(path)?.kind === 'folder');
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return [];
    throw error;
  }
}

const processFile = 'cgroup.procs';
const hierarchies = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];
