import { dirname, join } from 'node:path/posix';
import type { Host } from '../host/host.ts';
import { randomHex } from '../host/random.ts';
import { removeTree } from '../host/whole-file.ts';
import { hiddenName } from './release-add.ts';
import { placesOf, type ReleaseSite } from './release-site.ts';

/**
 * Removes the copy of a release and what is recorded of it. It is unknown from the first rename on; a crash leaves a
 * hidden folder beside it, which the next `release add` of that version removes.
 */
export function removeRelease({ disk, random }: Host, site: ReleaseSite, version: string): void {
  const { folder, listing } = placesOf(site, version);
  const gone = join(dirname(folder), hiddenName(folder, randomHex(random, 6)));
  disk.rename(folder, gone);
  disk.syncFolder(dirname(folder));
  removeTree(disk, dirname(listing));
  removeTree(disk, gone);
}
