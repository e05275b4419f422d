import { join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Disk } from '../host/disk.ts';
import type { Manifest } from '../manifest/manifest.ts';

/** Where an application's releases are kept and how one of them is chosen. */
export interface ReleaseSite {
  readonly root: string;
  readonly layout: 'symlink' | 'in-place';
  /** The application's state folder. */
  readonly state: string;
}

/** Where the parts of one release lie. */
export interface ReleasePlaces {
  /** The frozen copy: `<root>/<version>`, or within the state folder where the root is the running release. */
  readonly folder: string;
  readonly listing: string;
}

export function siteOf({ releases, state }: Manifest): ReleaseSite {
  return { root: releases.root, layout: releases.layout, state };
}

/** Throws `release/version`. */
export function placesOf({ root, layout, state }: ReleaseSite, version: string): ReleasePlaces {
  requireVersion(version);
  const record = join(state, 'releases', version);
  const folder = layout === 'symlink' ? join(root, version) : join(record, 'files');
  return { folder, listing: join(record, 'listing.txt') };
}

function requireVersion(version: string): void {
  const isFit = /^[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}$/.test(version);
  if (isFit && version !== currentUnit) return;
  throw new BackstepError('release/version', {
    message: `${JSON.stringify(version)} cannot be the name of a release`,
    hint: 'letters, digits and . + _ - only, 64 at most, the first a letter or digit: 2.0.0',
  });
}

/** With `layout: symlink`, the link beside the version folders that says which one runs. */
export const currentUnit = 'current';
/** With `layout: in-place`, the file among the release's that says which one they are. */
export const markerUnit = '.backstep-release';

/** Names in the folder of records that may be versions. */
export function recordedVersions(disk: Disk, { state }: ReleaseSite): readonly string[] {
  const folder = join(state, 'releases');
  if (disk.lstat(folder)?.kind !== 'folder') return [];
  return disk.list(folder).filter((name) => disk.lstat(join(folder, name))?.kind === 'folder');
}
