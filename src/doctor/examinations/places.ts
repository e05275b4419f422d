import { join } from 'node:path/posix';
import { isDiskError } from '../../host/disk-error.ts';
import { randomHex } from '../../host/random.ts';
import { stateAssets, type Ground } from '../../switch/ground.ts';
import { innerMounts } from '../../switch/preflight/mounts.ts';
import { roomOf, roomText } from '../../switch/preflight/room.ts';
import type { DoctorFinding, Examination } from '../doctor.ts';

export const places: readonly Examination[] = [
  { about: 'space', look: ({ ground }) => space(ground) },
  { about: 'permissions', look: ({ ground }) => writable(ground) },
  { about: 'state folder', look: ({ ground }) => stateFolder(ground) },
  { about: 'owners', look: ({ ground }) => owners(ground) },
  { about: 'manifest', look: ({ ground }) => manifestFile(ground) },
  { about: 'mounts', look: ({ ground }) => mounts(ground) },
];

function space(ground: Ground): DoctorFinding[] {
  return roomOf(ground)
    .filter(({ freeBytes, neededBytes }) => freeBytes < neededBytes)
    .map((room) => ({
      severity: 'error',
      about: 'space',
      found: roomText(room),
      remedy: 'make room; `backstep prune` shows what of its own could go',
    }));
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
  return innerMounts(ground).map(({ asset, path }) => ({
    severity: 'error',
    about: 'mounts',
    found: `another file system is mounted inside the asset ${asset}: ${path}`,
    remedy: 'unmount it, make it an asset of its own, or leave it out with `exclude`',
  }));
}
