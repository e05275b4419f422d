import { join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Disk } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { createWhole, readWhole } from '../host/whole-file.ts';
import type { Side } from './asset.ts';
import { copyWhole } from './attributes.ts';
import { contentHash } from './content.ts';
import {
  addRelease,
  frozen,
  removeHalfAdded,
  type AddedRelease,
  type NewRelease,
} from './release-add.ts';
import { recordRelease } from './release-record.ts';
import { removeRelease } from './release-remove.ts';
import { differencesOf, listFolder, readListing, type Listing } from './release-listing.ts';
import {
  currentUnit,
  markerUnit,
  placesOf,
  recordedVersions,
  type ReleaseSite,
} from './release-site.ts';

/** The releases of one application on this machine. Throws `release/…` and `disk/…`. */
export interface ReleaseShelf {
  /** Known versions, oldest first by when they were added. */
  list(): readonly string[];
  /** The version that is in its place now; null where none is, or one that is not known here. */
  current(): string | null;
  /** The frozen copy, absolute: `{release}` in commands. */
  folderOf(version: string): string;
  listingOf(version: string): Listing;
  /** What differs from when it was added, one line each; empty where it is whole. Reads all of it. */
  differences(version: string): readonly string[];
  /** The units of the release asset for a version, made in an empty folder on the live file system. */
  wanted(version: string, into: string): Side;
  add(release: NewRelease): AddedRelease;
  /** Makes a release of a folder that lies in `root` already; see `recordRelease`. */
  record(version: string): AddedRelease;
  /** See `removeRelease`. Throws `release/unknown`. */
  remove(version: string): void;
  /** Removes what additions that were killed have left. The caller holds the lock. */
  removeHalfAdded(): void;
}

export function openReleases(host: Host, site: ReleaseSite): ReleaseShelf {
  const { disk } = host;
  const shelf = {
    list: () => listings(disk, site).map(({ version }) => version),
    current: () => (site.layout === 'symlink' ? linked(disk, site) : inPlace(disk, site)),
    folderOf: (version: string) => {
      knownListing(disk, site, version);
      return placesOf(site, version).folder;
    },
    listingOf: (version: string) => knownListing(disk, site, version),
    differences: (version: string) => verifyRelease(host, site, version),
    wanted: (version: string, into: string) => makeUnits(disk, site, { version, into }),
    add: (release: NewRelease) => addRelease(host, site, release),
    record: (version: string) => recordRelease(host, site, version),
    remove: (version: string) => {
      knownListing(disk, site, version);
      removeRelease(host, site, version);
    },
    removeHalfAdded: () => removeHalfAdded(disk, site),
  };
  return shelf;
}

/** Hashes the kept files of a release again and tells what differs, one line each. */
export function verifyRelease(
  { disk }: Host,
  site: ReleaseSite,
  version: string,
): readonly string[] {
  const { entries } = knownListing(disk, site, version);
  const { folder } = placesOf(site, version);
  if (disk.lstat(folder)?.kind !== 'folder') return [`${JSON.stringify(folder)} is missing`];
  const found = listFolder(disk, folder);
  const others = found.others.map((path) => `${JSON.stringify(path)} was not part of it`);
  return [...differencesOf(entries, found.entries, ({ mode }) => frozen(mode)), ...others];
}

function knownListing(disk: Disk, site: ReleaseSite, version: string): Listing {
  const listing = readListing(disk, placesOf(site, version).listing);
  if (listing !== null) return listing;
  throw new BackstepError('release/unknown', {
    message: `there is no release ${version} here`,
    hint: `known are: ${recordedVersions(disk, site).join(', ') || 'none'}; add it with \`backstep release add ${version} FOLDER\``,
  });
}

/** Oldest first. A record without a copy is that of an `add` that never ended. */
function listings(disk: Disk, site: ReleaseSite): readonly Listing[] {
  const found = recordedVersions(disk, site).flatMap((version) => {
    const isRecord = disk.lstat(join(site.state, 'releases', version))?.kind === 'folder';
    if (!isRecord || disk.lstat(placesOf(site, version).folder) === null) return [];
    return readListing(disk, placesOf(site, version).listing) ?? [];
  });
  return found.sort((a, b) => a.addedMs - b.addedMs);
}

function linked(disk: Disk, site: ReleaseSite): string | null {
  const link = join(site.root, currentUnit);
  if (disk.lstat(link)?.kind !== 'link') return null;
  const target = disk.readLink(link);
  const known = listings(disk, site).map(({ version }) => version);
  return known.find((version) => [version, join(site.root, version)].includes(target)) ?? null;
}

/** By its marker; without one, the version whose files are all there as they were added. */
function inPlace(disk: Disk, site: ReleaseSite): string | null {
  const known = listings(disk, site);
  const marker = join(site.root, markerUnit);
  if (disk.lstat(marker)?.kind === 'file') {
    const marked = readWhole(disk, marker).toString('utf8').trim();
    return known.find(({ version }) => version === marked)?.version ?? null;
  }
  return known.findLast((listing) => isInPlace(disk, site.root, listing))?.version ?? null;
}

function isInPlace(disk: Disk, root: string, { entries }: Listing): boolean {
  return entries.every(({ kind, path, hash, target }) => {
    const whole = join(root, path);
    if (disk.lstat(whole)?.kind !== kind) return false;
    if (kind === 'link') return disk.readLink(whole) === target;
    return kind === 'folder' || contentHash(disk, whole) === hash;
  });
}

interface Making {
  readonly version: string;
  readonly into: string;
}

function makeUnits(disk: Disk, site: ReleaseSite, { version, into }: Making): Side {
  const { entries } = knownListing(disk, site, version);
  if (site.layout === 'symlink') {
    disk.symlink(version, join(into, currentUnit));
    return new Map([[currentUnit, join(into, currentUnit)]]);
  }
  const { folder } = placesOf(site, version);
  const units = new Map<string, string>();
  for (const { kind, path, mode } of entries) {
    if (kind === 'folder') continue;
    const made = join(into, path);
    copyWhole(disk, join(folder, path), made);
    if (kind === 'file') disk.chmod(made, mode);
    units.set(path, made);
  }
  const marker = join(into, markerUnit);
  createWhole(disk, marker, { bytes: Buffer.from(`${version}\n`), mode: 0o644 });
  return units.set(markerUnit, marker);
}
