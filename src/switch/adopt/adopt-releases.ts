import { basename, join } from 'node:path/posix';
import { currentUnit, siteOf } from '../../asset/release-site.ts';
import { openReleases, type ReleaseShelf } from '../../asset/releases.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { jsonOrNull } from '../../form/json-text.ts';
import { isDiskError } from '../../host/disk-error.ts';
import { readWhole } from '../../host/whole-file.ts';
import { ownership } from '../../manifest/territory.ts';
import { backupNames } from './adopt-backup.ts';
import type { Ground } from '../ground.ts';
import { bookNow } from '../operations.ts';

export interface ReleaseRequest {
  /** The release that the backup is of. */
  readonly release: string;
  /** Its files, absolute; null looks where the manual keeps them, `backup/v1.2.1` among the releases. */
  readonly files: string | null;
  /** The version that runs, where it is not known here; null finds it out. */
  readonly running: string | null;
}

export interface AdoptedReleases {
  readonly from: string;
  readonly to: string;
  /** Versions that were not known here before. */
  readonly added: readonly string[];
}

/** Makes both releases known: the one that runs, and the old one. Throws `adopt/release`, `release/…`. */
export function adoptReleases(ground: Ground, request: ReleaseRequest): AdoptedReleases {
  const shelf = openReleases(ground.host, siteOf(ground.manifest));
  const known = new Set(shelf.list());
  const to = bookNow(ground).release ?? adoptRunning(ground, shelf, request.running);
  const { release: from } = request;
  if (from === to) {
    throw new BackstepError('adopt/release', {
      message: `release ${to} is the one that runs`,
      hint: 'name the release that the backup was made under: --release VERSION',
    });
  }
  if (!known.has(from)) adoptOld(ground, shelf, request);
  return { from, to, added: shelf.list().filter((version) => !known.has(version)) };
}

/** The release that was put in its place by hand. */
function adoptRunning(ground: Ground, shelf: ReleaseShelf, said: string | null): string {
  const { root, layout } = ground.manifest.releases;
  const { disk } = ground.host;
  if (layout === 'in-place') {
    const version = said ?? versionIn(ground, root) ?? throwUnknown(root);
    shelf.add({ version, folder: root, isLeftOut: notOfRelease(ground) });
    return version;
  }
  const link = join(root, currentUnit);
  if (disk.lstat(link)?.kind !== 'link') return throwUnknown(link);
  const folder = disk.realPath(link);
  const version = basename(folder);
  if (folder !== join(disk.realPath(root), version)) return throwUnknown(link);
  shelf.record(version);
  return version;
}

function throwUnknown(where: string): never {
  throw new BackstepError('adopt/release', {
    message: `which release runs cannot be told from ${where}`,
    hint: 'name it with --running VERSION; with `layout: symlink`, `current` must lead to a folder beside it',
  });
}

/** What lies among the files of a release that runs in place and is none of them: state, data, old backups. */
function notOfRelease(ground: Ground): (path: string) => boolean {
  const { manifest } = ground;
  const { root } = manifest.releases;
  const others = Object.entries(manifest.assets).filter(([, { kind }]) => kind !== 'release');
  const ownerOf = ownership(
    Object.fromEntries(others.map(([name, { territory }]) => [name, territory])),
    manifest.platform,
  );
  const folders = [manifest.state, ...Object.values(manifest.paths)].filter(
    (path) => path !== root,
  );
  return (path) => {
    const whole = join(root, path);
    return (
      path === 'backup' ||
      folders.includes(whole) ||
      manifest.file === whole ||
      ownerOf(whole) !== null
    );
  };
}

function adoptOld(ground: Ground, shelf: ReleaseShelf, { release, files }: ReleaseRequest): void {
  const { root, layout } = ground.manifest.releases;
  const { disk } = ground.host;
  const isFolder = (path: string): boolean => disk.lstat(path)?.kind === 'folder';
  const beside = join(root, release);
  if (layout === 'symlink' && isFolder(beside) && (files === null || files === beside)) {
    shelf.record(release);
    return;
  }
  const places = files === null ? [root] : [files];
  const candidates = places.flatMap((place) =>
    backupNames(release).map((name) => join(place, name)),
  );
  const folder = candidates.find(isFolder) ?? files;
  if (folder !== null) {
    shelf.add({ version: release, folder });
    return;
  }
  throw new BackstepError('adopt/release', {
    message: `the files of release ${release} are in none of ${candidates.join(', ')}`,
    hint: 'name the folder that holds them with --files FOLDER',
  });
}

/** As `package.json` or a file `VERSION` says. */
function versionIn(ground: Ground, folder: string): string | null {
  const described = jsonOrNull(textAt(ground, join(folder, 'package.json')) ?? '');
  const isDescribed = typeof described === 'object' && described !== null && 'version' in described;
  if (isDescribed && typeof described.version === 'string') return described.version;
  const written = textAt(ground, join(folder, 'VERSION'))?.trim();
  return written === undefined || written === '' ? null : written.replace(/^v(?=\d)/, '');
}

function textAt({ host }: Ground, path: string): string | null {
  try {
    return readWhole(host.disk, path).toString('utf8');
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'EINVAL')) return null;
    throw error;
  }
}
