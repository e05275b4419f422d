import { BackstepError } from '../fault/backstep-error.ts';
import type { Ground } from '../switch/ground.ts';

const writableByOthers = 0o022;
const writableByAll = 0o002;

/**
 * A command that changes the application trusts what is on record, and runs what the manifest says. Throws
 * `cli/open-to-others` where other users can write to the state folder, where it is a link, which leads wherever its
 * own folder's owner says, and where everybody can write the manifest of an application that root takes care of (its
 * state folder is root's).
 */
export function requireClosedToOthers({ host, folders, manifest }: Ground): void {
  const state = host.disk.lstat(folders.root);
  if (state === null) return;
  if (state.kind === 'link') {
    throw openToOthers(folders.root, 'name the folder itself in the manifest, not the link to it');
  }
  if ((state.mode & writableByOthers) !== 0) {
    throw openToOthers(folders.root, `chmod 700 ${folders.root}`);
  }
  const file = host.disk.lstat(manifest.file);
  if (state.uid === 0 && file?.kind === 'file' && (file.mode & writableByAll) !== 0) {
    throw openToOthers(manifest.file, `chmod o-w ${manifest.file}`);
  }
}

function openToOthers(path: string, remedy: string): BackstepError {
  return new BackstepError('cli/open-to-others', {
    message: `${path} can be written by other users, and what it says is done`,
    hint: `see who changed it, then: ${remedy}; nothing was touched`,
  });
}
