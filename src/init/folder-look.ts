import { join } from 'node:path/posix';
import { isDiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';
import { kindOfFile, type FileKind } from './file-kind.ts';

export interface FoundFile extends FileKind {
  readonly path: string;
  /** Below the folder that was looked at, `/` between its parts. */
  readonly name: string;
  readonly sizeBytes: number;
}

export interface FoundFolder {
  readonly files: readonly FoundFile[];
  /** Folders right below the one that was looked at, empty ones too. */
  readonly folders: readonly string[];
  /** Folders that were not looked into, with the reason. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
  /** False where there were too many files to look at all of them. */
  readonly isComplete: boolean;
}

/** More files than this are not looked at one by one. */
const mostFiles = 20_000;

const foldersLeftOut: readonly (readonly [name: RegExp, why: string])[] = [
  [/^backups?$/i, 'backups'],
  [/^\.?cache$/i, 'a cache'],
  [/^(tmp|temp)$/i, 'temporary files'],
  [/^logs?$/i, 'logs'],
  [/^\.git$|^node_modules$/, 'neither settings nor data'],
  [/^\.backstep-/, 'Backstep works there'],
];

/** Looks at every file below a folder; links are not followed. `isElsewhere` names what is another part's. */
export function lookAtFolder(
  disk: Disk,
  root: string,
  options: { readonly pids: readonly number[]; readonly isElsewhere: (path: string) => boolean },
): FoundFolder {
  const files: FoundFile[] = [];
  const leftOut: { name: string; why: string }[] = [];
  const folders: string[] = [];
  const pending = [''];
  let isComplete = true;
  for (let folder = pending.shift(); folder !== undefined; folder = pending.shift()) {
    for (const own of namesIn(disk, join(root, folder))) {
      const name = join(folder, own);
      const path = join(root, name);
      const stat = disk.lstat(path);
      if (stat === null || options.isElsewhere(path)) continue;
      if (stat.kind === 'folder') {
        const why = foldersLeftOut.find(([pattern]) => pattern.test(own))?.[1];
        if (why !== undefined) leftOut.push({ name, why });
        else {
          pending.push(name);
          if (folder === '') folders.push(name);
        }
      } else if (files.length >= mostFiles) isComplete = false;
      else {
        const kind = kindOfFile(disk, path, { stat, pids: options.pids });
        files.push({ ...kind, path, name, sizeBytes: stat.sizeBytes });
      }
    }
  }
  return { files, folders, leftOut, isComplete };
}

function namesIn(disk: Disk, folder: string): readonly string[] {
  try {
    return disk.list(folder);
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return [];
    throw error;
  }
}
