import { basename, dirname, join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Disk } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { randomHex } from '../host/random.ts';
import { makeDurableFolders, removeTree, replaceWhole } from '../host/whole-file.ts';
import { copyWhole, giveAttributes } from './attributes.ts';
import { differencesOf, formatListing, listFolder, type ListedEntry } from './release-listing.ts';
import {
  placesOf,
  recordedVersions,
  type ReleasePlaces,
  type ReleaseSite,
} from './release-site.ts';
import { staysIn } from './side.ts';
import type { UnitName } from './asset.ts';

export interface NewRelease {
  readonly version: string;
  /** Absolute; it stays as it is. */
  readonly folder: string;
  /** What of the folder is no part of the release: relative paths; a folder goes with all that is in it. */
  readonly isLeftOut?: (path: UnitName) => boolean;
}

export interface AddedRelease {
  /** Where the copy lies. */
  readonly folder: string;
  readonly fileCount: number;
  /** Sockets, FIFOs and devices, which are in no release. */
  readonly leftOut: readonly string[];
}

/** What a release is kept with: nobody writes it any more. */
export const frozen = (mode: number): number => mode & ~0o222;

/**
 * Copies a folder to where releases are kept, hashes and freezes it. The listing is durable first, and the copy gets
 * its name last: a crash leaves a hidden folder that the next call or a `resume` removes, and no release. Throws `release/version`,
 * `release/present`, `release/folder`, `disk/…`.
 */
export function addRelease(host: Host, site: ReleaseSite, wanted: NewRelease): AddedRelease {
  const { disk } = host;
  const places = placesOf(site, wanted.version);
  requireNew(disk, places, wanted.version);
  const from = requireFolder(disk, wanted.folder, places);
  const { entries, others } = listFolder(disk, from, wanted.isLeftOut);
  requireFit(entries, wanted.folder);
  makeDurableFolders(disk, dirname(places.folder), site.layout === 'symlink' ? 0o755 : 0o700);
  removeLeftOvers(disk, places.folder);
  const copy = join(dirname(places.folder), hiddenName(places.folder, randomHex(host.random, 6)));
  try {
    copyTree(disk, { from: wanted.folder, to: copy, entries });
    requireSame(disk, copy, { entries, folder: wanted.folder });
    if (!disk.syncFileSystem(copy)) syncEach(disk, copy, entries);
    makeDurableFolders(disk, dirname(places.listing), 0o700);
    const listing = { version: wanted.version, addedMs: host.clock.now(), entries };
    const bytes = Buffer.from(formatListing(listing));
    replaceWhole(host, places.listing, { bytes, mode: 0o600 });
    disk.rename(copy, places.folder);
  } catch (error) {
    removeTree(disk, copy);
    throw error;
  }
  disk.syncFolder(dirname(places.folder));
  const fileCount = entries.filter(({ kind }) => kind === 'file').length;
  return { folder: places.folder, fileCount, leftOut: others };
}

function requireNew(disk: Disk, places: ReleasePlaces, version: string): void {
  if (disk.lstat(places.folder) === null) return;
  throw new BackstepError('release/present', {
    message: `release ${version} lies in ${JSON.stringify(places.folder)} already`,
    hint: 'give the new one a version of its own; a release never changes',
  });
}

function requireFolder(disk: Disk, folder: string, places: ReleasePlaces): string {
  const kind = disk.lstat(folder)?.kind;
  const isAround = `${places.folder}/`.startsWith(`${folder}/`);
  if (kind === 'folder' && !isAround) return folder;
  const what = kind === undefined ? 'is not there' : 'is no folder that a release can be made of';
  throw new BackstepError('release/folder', {
    message: `${JSON.stringify(folder)} ${what}`,
    hint: 'name the folder that holds the files of the release, outside of where releases are kept',
  });
}

/** Throws `release/folder` for a folder that is no whole release: empty, or with a link that leads out. */
export function requireFit(entries: readonly ListedEntry[], folder: string): void {
  const out = entries.find(
    ({ kind, path, target }) => kind === 'link' && !isRelativeInside(path, target),
  );
  if (out === undefined && entries.some(({ kind }) => kind === 'file')) return;
  throw new BackstepError('release/folder', {
    message:
      out === undefined
        ? `${JSON.stringify(folder)} holds no file`
        : `${JSON.stringify(join(folder, out.path))} is a link to ${JSON.stringify(out.target)}, outside of the release`,
    hint: 'a release must be whole by itself: put the files themselves there; nothing was touched',
  });
}

/** An absolute link would lead out of the copy, wherever it leads. */
function isRelativeInside(path: string, target: string): boolean {
  return !target.startsWith('/') && staysIn('', path, target);
}

/** The name beside a release's folder that only what is half made or half removed has. */
export const hiddenName = (folder: string, random: string): string =>
  `.${basename(folder)}.${random}.new`;

const hiddenPattern = /^\.(?<version>.+)\.[0-9a-f]{12}\.new$/;

function removeLeftOvers(disk: Disk, folder: string): void {
  removeHidden(disk, dirname(folder), (version) => version === basename(folder));
}

function removeHidden(disk: Disk, around: string, isMeant: (version: string) => boolean): void {
  for (const name of disk.list(around)) {
    const version = hiddenPattern.exec(name)?.groups?.['version'];
    if (version !== undefined && isMeant(version)) removeTree(disk, join(around, name));
  }
}

/** Removes what every copy that was killed has left. The caller holds the lock. */
export function removeHalfAdded(disk: Disk, site: ReleaseSite): void {
  const records = join(site.state, 'releases');
  const ofRecords = recordedVersions(disk, site).map((version) => join(records, version));
  for (const around of site.layout === 'symlink' ? [site.root] : ofRecords) {
    if (disk.lstat(around)?.kind === 'folder') removeHidden(disk, around, () => true);
  }
}

interface Copying {
  readonly from: string;
  readonly to: string;
  readonly entries: readonly ListedEntry[];
}

/** Folders are frozen last and innermost first, since writing into one needs its permission. */
function copyTree(disk: Disk, { from, to, entries }: Copying): void {
  disk.makeFolder(to, 0o700);
  for (const { kind, path } of entries) {
    if (kind === 'folder') disk.makeFolder(join(to, path), 0o700);
    else copyWhole(disk, join(from, path), join(to, path));
    if (kind === 'file') freeze(disk, join(from, path), join(to, path));
  }
  const folders = entries.filter(({ kind }) => kind === 'folder').toReversed();
  for (const { path } of folders) freeze(disk, join(from, path), join(to, path));
  freeze(disk, from, to);
}

function freeze(disk: Disk, from: string, to: string): void {
  const stat = disk.lstat(from);
  if (stat !== null) giveAttributes(disk, to, { ...stat, mode: frozen(stat.mode) });
}

function requireSame(
  disk: Disk,
  copy: string,
  { entries, folder }: { readonly entries: readonly ListedEntry[]; readonly folder: string },
): void {
  const wrong = differencesOf(entries, listFolder(disk, copy).entries, ({ mode }) => frozen(mode));
  if (wrong.length === 0) return;
  throw new BackstepError('release/folder', {
    message: `${JSON.stringify(folder)} changed while it was copied: ${wrong[0]}`,
    hint: 'wait until whatever writes there is done, then add it again',
  });
}

function syncEach(disk: Disk, copy: string, entries: readonly ListedEntry[]): void {
  for (const { kind, path } of entries) {
    if (kind === 'file') disk.syncFile(join(copy, path));
    if (kind === 'folder') disk.syncFolder(join(copy, path));
  }
  disk.syncFolder(copy);
}
