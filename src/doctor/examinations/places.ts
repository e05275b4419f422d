import { dirname, join } from 'node:path/posix';
import { isDiskError } from '../../host/disk-error.ts';
import { randomHex } from '../../host/random.ts';
import { stateAssets, type Ground } from '../../switch/ground.ts';
import type { DoctorFinding, Examination } from '../doctor.ts';

export const places: readonly Examination[] = [
  { about: 'space', look: ({ ground }) => space(ground) },
  { about: 'permissions', look: ({ ground }) => writable(ground) },
  { about: 'state folder', look: ({ ground }) => stateFolder(ground) },
  { about: 'owners', look: ({ ground }) => owners(ground) },
  { about: 'manifest', look: ({ ground }) => manifestFile(ground) },
  { about: 'mounts', look: ({ ground }) => mounts(ground) },
];

/** At least so much must be free wherever a switch builds something (the manual's own figure). */
const leastBytes = 500_000_000;

/** Beside each asset a whole copy of it is built, and its capture goes to the store. */
function space(ground: Ground): DoctorFinding[] {
  const { disk } = ground.host;
  const sizes = new Map<string, number>();
  let total = 0;
  for (const asset of stateAssets(ground)) {
    const paths = [...asset.live().values()];
    const sizeBytes = paths.reduce((sum, path) => sum + (disk.lstat(path)?.sizeBytes ?? 0), 0);
    total += sizeBytes;
    const folder = existing(ground, dirname(paths[0] ?? ground.folders.root));
    sizes.set(folder, (sizes.get(folder) ?? 0) + sizeBytes);
  }
  const state = existing(ground, ground.folders.root);
  sizes.set(state, (sizes.get(state) ?? 0) + total);
  return [...sizes].flatMap(([folder, sizeBytes]) => {
    const needed = Math.max(leastBytes, 2 * sizeBytes);
    const free = disk.freeBytes(folder);
    if (free >= needed) return [];
    const mb = (bytes: number): string => `${Math.floor(bytes / 1e6)} MB`;
    const found = `${folder}: ${mb(free)} are free, a switch may need ${mb(needed)}`;
    const remedy = 'make room; `backstep prune` shows what of its own could go';
    return [{ severity: 'error', about: 'space', found, remedy }];
  });
}

function existing(ground: Ground, folder: string): string {
  return ground.host.disk.lstat(folder) === null && folder !== '/'
    ? existing(ground, dirname(folder))
    : folder;
}

/** Folders in which a switch renames and builds. */
function workedIn(ground: Ground): string[] {
  const { releases, assets } = ground.manifest;
  const roots = Object.values(assets).flatMap(({ territory }) => territory.map(({ root }) => root));
  const there = [ground.folders.root, releases.root, ...roots].filter(
    (folder) => ground.host.disk.lstat(folder)?.kind === 'folder',
  );
  return [...new Set(there)];
}

/** Makes and removes an empty file: permissions alone tell nothing of a file system that is read-only. */
function writable(ground: Ground): DoctorFinding[] {
  return workedIn(ground).flatMap((folder) => {
    const found = whyNotWritable(ground, folder);
    if (found === null) return [];
    const remedy = 'run this as the owner of the application or as root, or mend the permissions';
    return [{ severity: 'error', about: 'permissions', found, remedy }];
  });
}

function whyNotWritable({ host }: Ground, folder: string): string | null {
  const path = join(folder, `.backstep-doctor-${randomHex(host.random, 4)}`);
  try {
    host.disk.create(path, 0o600).close();
    host.disk.removeFile(path);
    return null;
  } catch (error) {
    if (isDiskError(error)) return error.message;
    throw error;
  }
}

function stateFolder({ host, folders }: Ground): DoctorFinding[] {
  const stat = host.disk.lstat(folders.root);
  if (stat === null || (stat.mode & 0o077) === 0) return [];
  const found = `${folders.root} has mode ${stat.mode.toString(8)}: others can look into what is kept there`;
  const remedy = `chmod 700 ${folders.root}`;
  return [{ severity: 'error', about: 'state folder', found, remedy }];
}

/** Only root gives a file to somebody else. */
function owners(ground: Ground): DoctorFinding[] {
  const { disk } = ground.host;
  const own = ownUid(ground);
  if (own === null || own === 0) return [];
  const foreign = stateAssets(ground).flatMap((asset) =>
    [...asset.live()].flatMap(([unit, path]) => {
      const stat = disk.lstat(path);
      return stat === null || stat.uid === own ? [] : [`${asset.name}/${unit}`];
    }),
  );
  if (foreign.length === 0) return [];
  const found = `user ${own} cannot give back to their owners: ${foreign.slice(0, 5).join(', ')}`;
  const remedy = 'run Backstep as the owner of these files, or as root';
  return [{ severity: 'error', about: 'owners', found, remedy }];
}

/** Whoever makes a file owns it; null where none can be made. */
function ownUid({ host, folders }: Ground): number | null {
  const path = join(folders.root, `.backstep-doctor-${randomHex(host.random, 4)}`);
  try {
    const file = host.disk.create(path, 0o600);
    const { uid } = file.stat();
    file.close();
    host.disk.removeFile(path);
    return uid;
  } catch (error) {
    if (isDiskError(error)) return null;
    throw error;
  }
}

/** The manifest holds commands, which a rollback runs. */
function manifestFile({ host, manifest }: Ground): DoctorFinding[] {
  const stat = host.disk.lstat(manifest.file);
  if (stat === null || stat.kind !== 'file' || (stat.mode & 0o002) === 0) return [];
  const found = `${manifest.file} can be written by everybody, and its commands are run`;
  const remedy = `chmod o-w ${manifest.file}`;
  return [{ severity: 'error', about: 'manifest', found, remedy }];
}

/** A switch renames within one file system. */
function mounts(ground: Ground): DoctorFinding[] {
  const roots = Object.values(ground.manifest.assets)
    .filter(({ kind }) => kind === 'files' || kind === 'release')
    .flatMap(({ territory }) => territory.map(({ root }) => root));
  const inside = ground.host.disk
    .mountPoints()
    .filter((mount) => roots.some((root) => mount.startsWith(`${root}/`)));
  return inside.map((mount) => ({
    severity: 'error',
    about: 'mounts',
    found: `another file system is mounted inside an asset: ${mount}`,
    remedy: 'move it out, or leave it out with `exclude`',
  }));
}
