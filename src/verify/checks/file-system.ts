import { dirname, join } from 'node:path/posix';
import type { Check } from '../../asset/asset.ts';
import type { Disk } from '../../host/disk.ts';
import { stateAssets, type Ground } from '../../switch/ground.ts';
import { readBook, readPair } from '../../switch/book.ts';
import {
  listed,
  notMeasured,
  verdict,
  type CheckGroup,
  type Verification,
} from '../verification.ts';

const row = 'M7.2';

export const fileSystem: readonly CheckGroup[] = [
  { row, name: 'owners and modes', run: (verification) => [owners(verification)] },
  { row, name: 'open to others', run: ({ ground }) => [openToOthers(ground)] },
  { row, name: 'secret files', run: ({ ground }) => [secrets(ground)] },
  { row, name: 'temporary files', run: ({ ground }) => [leftovers(ground)] },
  { row, name: 'release files', run: (verification) => [releaseFiles(verification)] },
  { row, name: 'backups', run: ({ ground }) => [backups(ground)] },
];

/** Where nothing is recorded, every file of an asset should have the owner of the folder that it lies in. */
function owners({ ground, expected }: Verification): Check {
  const name = 'owners and modes';
  let count = 0;
  const wrong = stateAssets(ground).flatMap((asset) =>
    [...asset.live()].flatMap(([unit, path]) => {
      const stat = ground.host.disk.lstat(path);
      if (stat === null || stat.kind === 'link') return [];
      count += 1;
      const wanted = expected?.assets[asset.name]?.units[unit];
      const owner = wanted ?? ground.host.disk.lstat(dirname(path));
      const told = (uid: number, gid: number, mode: number): string =>
        `${uid}:${gid} ${octal(mode)}`;
      if (owner?.uid !== stat.uid || owner.gid !== stat.gid) {
        const { uid = 0, gid = 0 } = owner ?? {};
        return [`${asset.name}/${unit}: owner ${stat.uid}:${stat.gid}, expected ${uid}:${gid}`];
      }
      if (wanted === undefined || wanted.mode === stat.mode) return [];
      const found = told(stat.uid, stat.gid, stat.mode);
      return [
        `${asset.name}/${unit}: ${found}, expected ${told(wanted.uid, wanted.gid, wanted.mode)}`,
      ];
    }),
  );
  const measured = wrong.length === 0 ? `${count} files as they were` : listed(wrong);
  return { row, name, status: verdict(wrong.length === 0), measured };
}

function openToOthers(ground: Ground): Check {
  const open = stateAssets(ground).flatMap((asset) =>
    [...asset.live()].flatMap(([unit, path]) => {
      const stat = ground.host.disk.lstat(path);
      const isOpen = stat !== null && stat.kind !== 'link' && (stat.mode & 0o002) !== 0;
      return isOpen ? [`${asset.name}/${unit} (${octal(stat.mode)})`] : [];
    }),
  );
  const state = ground.host.disk.lstat(ground.folders.root);
  const isPrivate = state === null || (state.mode & 0o077) === 0;
  const wrong = [...open, ...(isPrivate ? [] : [`${ground.folders.root} (${octal(state.mode)})`])];
  return {
    row: 'M5.2',
    name: 'security: written by others',
    status: verdict(wrong.length === 0),
    measured: wrong.length === 0 ? 'no file can be written by others' : listed(wrong),
  };
}

/** What the manifest calls secret is its owner's alone. */
function secrets(ground: Ground): Check {
  const name = 'security: secret files';
  const files = stateAssets(ground).flatMap((asset) => {
    const secret = ground.manifest.assets[asset.name]?.secret ?? [];
    const hasColumns = ground.manifest.assets[asset.name]?.kind === 'sqlite' && secret.length > 0;
    return [...asset.live()].filter(([unit]) => hasColumns || secret.includes(unit));
  });
  if (files.length === 0) return notMeasured('M5.2', name, 'the manifest names no `secret`');
  const open = files.flatMap(([unit, path]) => {
    const mode = ground.host.disk.lstat(path)?.mode ?? 0;
    return (mode & 0o077) === 0 ? [] : [`${unit} (${octal(mode)})`];
  });
  // A folder that only its owner may enter keeps what is in it from everybody else.
  const isEnclosed = files.every(([, path]) => isOwnersAlone(ground.host.disk, dirname(path)));
  const isGood = open.length === 0 || isEnclosed;
  const measured = isGood ? `${files.length} files for their owner alone` : listed(open);
  return { row: 'M5.2', name, status: verdict(isGood), measured };
}

function isOwnersAlone(disk: Disk, folder: string): boolean {
  for (let path = folder; path !== '/'; path = dirname(path)) {
    const stat = disk.lstat(path);
    if (stat?.kind === 'folder' && (stat.mode & 0o077) === 0) return true;
  }
  return false;
}

const temporary =
  /(\.(tmp|temp|new|part|partial|swp|bak|orig|rej)|~)$|^\.#|\.damaged-\d+$|^\.backstep-/;
const lookedAt = 20_000;

/** Names that programs give to what they did not finish, beside the files of the assets. */
function leftovers(ground: Ground): Check {
  const roots = new Set(
    Object.values(ground.manifest.assets)
      .filter(({ kind }) => kind === 'json' || kind === 'sqlite')
      .flatMap(({ territory }) => territory.map(({ root }) => root)),
  );
  const owned = new Set(stateAssets(ground).flatMap((asset) => [...asset.live().values()]));
  let seen = 0;
  const found = [...roots].flatMap((root) =>
    namesIn(ground.host.disk, root).flatMap((name) => {
      seen += 1;
      const path = join(root, name);
      return seen <= lookedAt && temporary.test(name) && !owned.has(path) ? [path] : [];
    }),
  );
  const measured = found.length === 0 ? `none among ${seen} names` : listed([...new Set(found)]);
  return {
    row,
    name: 'temporary files',
    status: found.length === 0 ? 'success' : 'warning',
    measured,
  };
}

function namesIn(disk: Disk, folder: string): readonly string[] {
  return disk.lstat(folder)?.kind === 'folder' ? disk.list(folder) : [];
}

function releaseFiles({ ground, release }: Verification): Check {
  const name = 'release files';
  const current = ground.releases.current();
  if (current === null) {
    return { row, name, status: 'error', measured: 'no known release is in its place' };
  }
  const differences = ground.releases.differences(current);
  if (differences.length > 0) {
    return { row, name, status: 'error', measured: `${current}: ${listed(differences)}` };
  }
  const isWanted = release === null || release === current;
  const measured = isWanted
    ? `${current}: every file is as it was added`
    : `${current} is in its place, ${release} should be`;
  return { row, name, status: verdict(isWanted), measured };
}

/** The states that a rollback and a return would need: their listings can be read. */
function backups(ground: Ground): Check {
  const { host, folders, store } = ground;
  const book = readBook(host, folders);
  const pairs = book.lineage.map((id) => readPair(host, folders, id));
  const steps = book.departure?.steps ?? [];
  const ids = [
    ...pairs.flatMap(({ before, after }) => [before, after]),
    ...steps.flatMap(({ displaced, result }) => [displaced, result]),
  ];
  const fileCount = ids.reduce((sum, id) => sum + store.read(id).listing.entries().length, 0);
  if (ids.length === 0) return notMeasured(row, 'backups', 'no upgrade is on record');
  const measured = `${ids.length} snapshots with ${fileCount} entries can be read`;
  return { row, name: 'backups', status: 'success', measured };
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}
