import { join } from 'node:path/posix';
import { z } from 'zod';
import { BackstepError } from '../fault/backstep-error.ts';
import { jsonOrNull } from '../form/json-text.ts';
import type { Disk, FileStat } from '../host/disk.ts';
import { readWhole, replaceWhole } from '../host/whole-file.ts';
import type { Ground } from './ground.ts';
import { exists } from './moves.ts';

/** Whose records lie in a state folder. All paths are absolute. */
const owner = z.object({
  v: z.literal(1),
  /** The manifest that was used first, as a person knows the application. */
  manifest: z.string(),
  /** The state folder itself: another path tells a copy. */
  state: z.string(),
  /** Where releases are put into their place: two applications never share it. */
  releases: z.string(),
});
type Owner = z.output<typeof owner>;

/**
 * Refuses an application whose state folder holds the records of another one (`switch/shared-state`): its releases,
 * pairs and interrupted runs would be taken for this one's. One that was moved or copied with its state folder is
 * written down anew. The caller holds the lock. Crash: the record is absent, the old one or the new one.
 */
export function claimState(ground: Ground): void {
  const { host, manifest, folders } = ground;
  const own: Owner = {
    v: 1,
    manifest: manifest.file,
    state: folders.root,
    releases: manifest.releases.root,
  };
  const path = join(folders.root, 'application.json');
  const recorded = recordedAt(host.disk, path);
  if (recorded !== null && isOneFolder(host.disk, recorded.state, own.state)) {
    if (isOneFolder(host.disk, recorded.releases, own.releases)) return;
    if (exists(host.disk, recorded.releases)) throw shared(recorded, own, path);
  }
  replaceWhole(host, path, { bytes: Buffer.from(`${JSON.stringify(own)}\n`), mode: 0o600 });
}

function recordedAt(disk: Disk, path: string): Owner | null {
  if (!exists(disk, path)) return null;
  return owner.safeParse(jsonOrNull(readWhole(disk, path).toString('utf8'))).data ?? null;
}

/** Also where one of the paths leads over a link or a bind mount. */
function isOneFolder(disk: Disk, one: string, other: string): boolean {
  if (one === other) return true;
  const [left, right] = [statOf(disk, one), statOf(disk, other)];
  if (left === null || right === null) return false;
  return left.device === right.device && left.inode === right.inode;
}

function statOf(disk: Disk, path: string): FileStat | null {
  return exists(disk, path) ? disk.lstat(disk.realPath(path)) : null;
}

function shared(recorded: Owner, own: Owner, path: string): BackstepError {
  return new BackstepError('switch/shared-state', {
    message: `${own.state} holds the records of the application of ${recorded.manifest}, whose releases lie in ${recorded.releases}; those of ${own.manifest} lie in ${own.releases}`,
    hint: `give each application a folder of its own: \`state:\` in its manifest; if it is one application whose releases were moved, remove ${path}`,
  });
}
