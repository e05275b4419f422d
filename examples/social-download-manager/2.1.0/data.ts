import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where a server keeps everything: settings, database, exports and, unless told otherwise, downloads. */
export interface DataFolder {
  readonly root: string;
  /** The absolute path of something in the folder; an absolute name stays as it is. */
  path(name: string): string;
}

/** Opens a data folder, made for the owner alone when it is not there. */
export function openDataFolder(folder: string): DataFolder {
  const root = resolve(folder);
  if (!existsSync(root)) mkdirSync(root, { recursive: true, mode: 0o700 });
  mkdirSync(join(root, 'user_data'), { recursive: true, mode: 0o700 });
  return { root, path: (name) => resolve(root, name) };
}
