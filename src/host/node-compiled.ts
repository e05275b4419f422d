import { lstatSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { errnoOf } from './node-fault.ts';

/**
 * Lets Node keep what it compiles of the program in `$XDG_CACHE_HOME/backstep`, else `~/.cache/backstep`, so that the next
 * command starts sooner. Whoever can write there decides what is run: it is used only where this user alone can, and
 * else nothing is kept. May be deleted at any time.
 */
export function keepCompiled(env: Readonly<Record<string, string | undefined>>): void {
  const folder = ownFolder(env['XDG_CACHE_HOME']);
  if (folder !== null) enableCompileCache(folder);
}

/** Made where it is missing; null where it cannot be, or is somebody else's. */
function ownFolder(wished: string | undefined): string | null {
  const cache = wished !== undefined && isAbsolute(wished) ? wished : join(homedir(), '.cache');
  const folder = join(cache, 'backstep');
  try {
    // `sudo` may leave the home folder of another user: neither theirs nor one in it is this user's.
    if (!isOwn(homedir())) return null;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return isOwn(folder) && isClosed(folder) ? folder : null;
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    return null;
  }
}

function isOwn(folder: string): boolean {
  const stats = lstatSync(folder);
  return stats.isDirectory() && (process.getuid === undefined || stats.uid === process.getuid());
}

/** Windows keeps a profile from other users by other means. */
function isClosed(folder: string): boolean {
  return process.getuid === undefined || (lstatSync(folder).mode & 0o077) === 0;
}
