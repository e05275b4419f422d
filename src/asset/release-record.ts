import { dirname, join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Host } from '../host/host.ts';
import { makeDurableFolders, replaceWhole } from '../host/whole-file.ts';
import { frozen, requireFit, type AddedRelease } from './release-add.ts';
import { formatListing, listFolder } from './release-listing.ts';
import { placesOf, type ReleaseSite } from './release-site.ts';

/**
 * Makes a release of a folder that somebody has put where releases are kept: its files are hashed and made
 * read-only where they lie. The listing is written last: a crash before leaves no release, and the next call
 * begins anew. Throws `release/folder`, `release/version`, `disk/…`.
 */
export function recordRelease(host: Host, site: ReleaseSite, version: string): AddedRelease {
  const { disk } = host;
  const { folder, listing } = placesOf(site, version);
  if (disk.lstat(folder)?.kind !== 'folder') throw missing(folder);
  const { entries, others } = listFolder(disk, folder);
  requireFit(entries, folder);
  for (const { kind, path, mode } of entries.toReversed()) {
    if (kind !== 'link') disk.chmod(join(folder, path), frozen(mode));
  }
  makeDurableFolders(disk, dirname(listing), 0o700);
  const bytes = Buffer.from(formatListing({ version, addedMs: host.clock.now(), entries }));
  replaceWhole(host, listing, { bytes, mode: 0o600 });
  const fileCount = entries.filter(({ kind }) => kind === 'file').length;
  return { folder, fileCount, leftOut: others };
}

function missing(folder: string): BackstepError {
  return new BackstepError('release/folder', {
    message: `${JSON.stringify(folder)} is not there, or is no folder`,
    hint: 'name the folder that holds the files of the release',
  });
}
