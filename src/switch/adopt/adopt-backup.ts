import { basename, join, relative } from 'node:path/posix';
import type { AssetHandler } from '../../asset/asset.ts';
import { attributesOf, giveAttributes } from '../../asset/attributes.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import { isInside } from '../../manifest/territory.ts';
import { isRelease, stateAssets, type Ground } from '../ground.ts';
import { isMoved, sameIn } from '../stage/stage-upgrade.ts';
import { rebased, relocated, treeIn } from '../stage/staged-tree.ts';
import { freshFolder, layOut, type Workspace } from '../stage/workspace.ts';

/** Where the old state lies in a backup: `paths` name → folder, absolute. Paths within another one are left out. */
export type BackupFolders = Readonly<Record<string, string>>;

export interface BackupRequest {
  readonly release: string;
  /** Absolute; null looks where the manual keeps it: `backup/v1.2.1` within the application's folders. */
  readonly state: string | null;
}

/** The names under which a backup of a release is kept beside what it was taken of. */
export const backupNames = (release: string): readonly string[] => [
  `backup/v${release}`,
  `backup/${release}`,
];

/**
 * Finds, for each of the application's folders, the one in the backup that holds its files. Throws `adopt/backup`
 * where there is none at all.
 */
export function findBackup(ground: Ground, request: BackupRequest): BackupFolders {
  const outer = outermostPaths(ground);
  const looked: string[] = [];
  const found = outer.flatMap(([name, live]): [string, string][] => {
    const candidates = candidatesFor({ name, live }, request);
    looked.push(...candidates);
    const folder = candidates.find((each) => holdsUnits(ground, name, each));
    return folder === undefined ? [] : [[name, folder]];
  });
  if (found.length > 0) return Object.fromEntries(found);
  throw new BackstepError('adopt/backup', {
    message: `no file of an asset lies in ${looked.join(', ')}`,
    hint: 'name the folder of the old backup with --state FOLDER: the copy of the data folder itself, or what holds it',
  });
}

function outermostPaths({ manifest }: Ground): [name: string, folder: string][] {
  const { paths, platform } = manifest;
  const all = Object.entries(paths);
  return all.filter(
    ([name, folder]) =>
      !all.some(
        ([other, around]) =>
          other !== name &&
          isInside(folder, around, platform) &&
          !(around === folder && other > name),
      ),
  );
}

function candidatesFor(
  { name, live }: { readonly name: string; readonly live: string },
  { release, state }: BackupRequest,
): readonly string[] {
  if (state === null) return backupNames(release).map((backup) => join(live, backup));
  const inside = backupNames(release).map((backup) => join(state, backup));
  return [...inside, state].flatMap((base) => [join(base, name), join(base, basename(live)), base]);
}

function holdsUnits(ground: Ground, name: string, folder: string): boolean {
  if (ground.host.disk.lstat(folder)?.kind !== 'folder') return false;
  return backupAssets(ground, { [name]: folder }).some((copy) => copy.live().size > 0);
}

/** Where nothing lies, for files that the backup has no folder for. */
const nowhere = '/nonexistent';

/** The assets as the backup has them; those whose files are in none of `paths` are left out. */
function backupAssets(ground: Ground, folders: BackupFolders): readonly AssetHandler[] {
  const { manifest } = ground;
  const outer = outermostPaths(ground);
  const move = (path: string): string => {
    const around = outer.find(([, folder]) => isInside(path, folder, manifest.platform));
    if (around === undefined) return path;
    const [name, folder] = around;
    return join(folders[name] ?? join(nowhere, name), relative(folder, path));
  };
  const paths = Object.entries(manifest.paths).map(([name, path]) => [name, move(path)]);
  const elsewhere = relocated(manifest, { paths: Object.fromEntries(paths), move });
  return ground
    .openAssets(elsewhere)
    .filter((copy) => !isRelease(ground, copy.name) && isMoved(ground, copy));
}

/** A copy of the backup that SQLite may write to, and what was noticed on the way. */
export interface LaidBackup {
  readonly handlers: readonly AssetHandler[];
  readonly notes: readonly string[];
}

/**
 * Copies the backup beside the live state, with the owners and modes of the live files: a backup that was made with
 * `cp` has those of whoever made it. The backup itself is only read. Throws `adopt/backup` where a database is
 * missing in it, `adopt/unsound` where what it holds is damaged.
 */
export async function layOutBackup(
  ground: Ground,
  workspace: Workspace,
  folders: BackupFolders,
): Promise<LaidBackup> {
  const { disk } = ground.host;
  const [first] = stateAssets(ground);
  if (first === undefined) throw new Error('a manifest without assets');
  const tree = freshFolder(disk, `${treeIn(workspace.siblingOf(first).root)}-backup`);
  const copies = ground.openAssets(rebased(ground.manifest, tree));
  const old = backupAssets(ground, folders);
  const notes: string[] = [];
  const handlers = stateAssets(ground).map((asset) => sameIn(copies, asset));
  for (const copy of handlers) {
    const from = old.find(({ name }) => name === copy.name);
    notes.push(...absences(ground, copy.name, from));
    if (from === undefined) continue;
    layOut(disk, from.live(), (unit) => copy.placeOf(unit));
    likeLive(ground, copy);
    copy.settle();
  }
  await refuseUnsound(handlers.filter((copy) => isMoved(ground, copy)));
  return { handlers, notes };
}

/** What the backup has nothing of. A database cannot be missing: every row would have to be parked. */
function absences(ground: Ground, name: string, from: AssetHandler | undefined): readonly string[] {
  const live = ground.assets.find((asset) => asset.name === name)?.live().size ?? 0;
  if (live === 0 || (from !== undefined && from.live().size > 0)) return [];
  if (from === undefined) return [`${name}: lies outside of the backup; it stays as it is`];
  if (ground.manifest.assets[name]?.kind !== 'sqlite') {
    return [`${name}: the backup holds none of it; the old release begins with its own defaults`];
  }
  throw new BackstepError('adopt/backup', {
    message: `${name}: the backup holds no database ${from.placeOf('')}`,
    hint: 'name a folder with --state that holds the old database too; without it nothing could be carried back',
  });
}

function likeLive(ground: Ground, copy: AssetHandler): void {
  const { disk } = ground.host;
  const asset = ground.assets.find(({ name }) => name === copy.name);
  const live = asset?.live() ?? new Map<string, string>();
  const owner = [...live.values()].map((path) => disk.lstat(path)).find((stat) => stat !== null);
  for (const [unit, path] of copy.live()) {
    const own = disk.lstat(path);
    if (own === null || own.kind !== 'file') continue;
    const there = disk.lstat(live.get(unit) ?? '');
    const like = there ?? (owner === undefined ? own : { ...own, uid: owner.uid, gid: owner.gid });
    giveAttributes(disk, path, attributesOf(like));
  }
}

async function refuseUnsound(handlers: readonly AssetHandler[]): Promise<void> {
  for (const copy of handlers) {
    const checks = await copy.check(copy.live());
    const bad = checks.find(({ status }) => status === 'error');
    if (bad === undefined) continue;
    throw new BackstepError('adopt/unsound', {
      message: `the backup is damaged: ${bad.name}: ${bad.measured}`,
      hint: 'name an older or another backup with --state FOLDER; nothing was changed',
    });
  }
}
