import { dirname, join } from 'node:path/posix';
import type { AssetHandler, Side, UnitName } from '../../asset/asset.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Disk, FileStat } from '../../host/disk.ts';
import {
  makeDurableFolders,
  makeFolders,
  readWhole,
  removeTree,
  syncBelow,
} from '../../host/whole-file.ts';
import type { Ground } from '../ground.ts';
import { openBringing } from './bring.ts';
import type { StagedRecord } from './staged.ts';
import { exists, makeParents, siblingFolderOf, type Move, type SiblingFolder } from '../moves.ts';

/** Where one run works: its own folder in the state folder, and hidden folders beside what it replaces. */
export interface Workspace {
  readonly run: string;
  /** Plan, staged moves and report; kept. */
  readonly record: string;
  /** Restored states and working files; thrown away. */
  readonly work: string;
  siblingOf(asset: AssetHandler): SiblingFolder;
  /** The roots of every sibling folder that was asked for. */
  siblings(): readonly string[];
}

export function openWorkspace(ground: Ground, run: string): Workspace {
  const { disk } = ground.host;
  const record = join(ground.folders.runs, run);
  const made = new Map<string, SiblingFolder>();
  const roots = new Set<string>();
  makeDurableFolders(disk, join(record, 'work'), 0o700);
  return {
    run,
    record,
    work: join(record, 'work'),
    siblings: () => [...roots],
    siblingOf: (asset) => {
      const folder = dirname(asset.placeOf('x'));
      const known = made.get(folder);
      if (known !== undefined) return known;
      const sibling = siblingFolderOf(disk, folder, siblingName(ground, run));
      for (const path of [sibling.root, sibling.staged, sibling.displaced, sibling.strays]) {
        makeFolders(disk, path, 0o700);
        requireOwn(disk, path, record);
        // Known from its first folder on: where the next one cannot be made, this one is there to be removed.
        roots.add(sibling.root);
      }
      made.set(folder, sibling);
      return sibling;
    },
  };
}

/** Somebody who may write beside an asset could have made a folder of that name before. */
function requireOwn(disk: Disk, path: string, record: string): void {
  const [found, own] = [disk.lstat(path), disk.lstat(record)];
  if (found?.kind === 'folder' && found.uid === own?.uid && (found.mode & 0o077) === 0) return;
  throw new BackstepError('switch/workspace', {
    message: `${path} is not a folder that this run has made for itself alone`,
    hint: 'see who made it, remove it, and run the command again; the live state was not touched',
  });
}

function siblingName({ manifest }: Ground, run: string): string {
  return `.backstep-${manifest.app}-${run}`;
}

/** Where the hidden folders of a run lie, or would lie; makes none. */
export function siblingRoots(ground: Ground, run: string): readonly string[] {
  const name = siblingName(ground, run);
  const folders = new Set(ground.assets.map((asset) => dirname(asset.placeOf('x'))));
  return [...folders].map((folder) => siblingFolderOf(ground.host.disk, folder, name).root);
}

/** Where a run keeps what it parked of one asset: `<step>/<unit>`. */
export function parkedFolderOf(ground: Ground, run: string, asset: string): string {
  return join(ground.folders.runs, run, 'parked', asset);
}

/** An empty folder of the run for one purpose. */
export function freshFolder(disk: Disk, ...parts: readonly [string, ...string[]]): string {
  const path = join(...parts);
  if (exists(disk, path)) removeTree(disk, path);
  makeFolders(disk, path, 0o700);
  return path;
}

/** Throws away everything that is not live, not displaced and not a record. */
export function clearWork(disk: Disk, workspace: Workspace): void {
  if (exists(disk, workspace.work)) removeTree(disk, workspace.work);
}

/**
 * Brings every wanted unit that differs from the live one to its staged name, and lists the renames.
 * Equal units stay where they are. Reads the live state, writes only beside it.
 */
export function stageMoves(
  disk: Disk,
  workspace: Workspace,
  { asset, wanted }: { readonly asset: AssetHandler; readonly wanted: Side },
): Move[] {
  // Listed again: what somebody made since the capture is displaced and told.
  const live = asset.live();
  const sibling = workspace.siblingOf(asset);
  const bringing = openBringing(disk, (path) => isOwn(workspace, sibling, path));
  const names = new Set(live.keys());
  for (const unit of wanted.keys()) names.add(unit);
  const moves: Move[] = [];
  for (const unit of names) {
    const [from, to] = [live.get(unit), wanted.get(unit)];
    if (from !== undefined && to !== undefined && isSameUnit(disk, from, to)) continue;
    // Numbered: a folder for each folder of the asset would be made, synced and removed again with every switch.
    const place = (folder: string): string => join(folder, asset.name, String(moves.length));
    if (to !== undefined) bringing.bring(to, place(sibling.staged));
    if (from !== undefined) makeFolders(disk, join(sibling.displaced, asset.name), 0o700);
    moves.push({
      asset: asset.name,
      unit,
      live: asset.placeOf(unit),
      staged: to === undefined ? null : place(sibling.staged),
      displaced: from === undefined ? null : place(sibling.displaced),
      stray: join(sibling.strays, asset.name, unit),
    });
  }
  bringing.finish();
  return moves.length === 0
    ? moves
    : [...moves, ...appearances(disk, { asset, sibling, names, moves })];
}

/**
 * What somebody may yet put beside the units, though nobody should: a WAL that stayed would be read into a database that
 * it does not belong to. Displaced with them where it is there by then, moved aside where it comes later.
 */
function appearances(
  disk: Disk,
  {
    asset,
    sibling,
    names,
    moves,
  }: {
    readonly asset: AssetHandler;
    readonly sibling: SiblingFolder;
    readonly names: ReadonlySet<UnitName>;
    readonly moves: readonly Move[];
  },
): Move[] {
  const units = (asset.mayAppear?.() ?? []).filter((unit) => !names.has(unit));
  return units.map((unit) => {
    const main = moves.find((move) => move.displaced !== null && unit.startsWith(move.unit));
    makeFolders(disk, join(sibling.displaced, asset.name), 0o700);
    return {
      asset: asset.name,
      unit,
      live: asset.placeOf(unit),
      staged: null,
      // Named after its main file, so that what is displaced can still be opened as one.
      displaced:
        main === undefined
          ? join(sibling.displaced, asset.name, unit)
          : `${main.displaced}${unit.slice(main.unit.length)}`,
      stray: join(sibling.strays, asset.name, unit),
    };
  });
}

/** Made by this run alone: restored for it, or merged by it. */
function isOwn({ work }: Workspace, sibling: SiblingFolder, path: string): boolean {
  return path.startsWith(`${work}/`) || path.startsWith(`${join(sibling.root, 'made')}/`);
}

/** Same kind, mode, owner and bytes. */
export function isSameUnit(disk: Disk, a: string, b: string): boolean {
  if (a === b) return true;
  const [x, y] = [disk.lstat(a), disk.lstat(b)];
  if (x === null || y === null || x.kind !== y.kind) return false;
  if (x.kind === 'link') return disk.readLink(a) === disk.readLink(b);
  if (x.kind !== 'file' || !hasSameAttributes(x, y)) return false;
  return x.sizeBytes === y.sizeBytes && hasSameBytes(disk, a, b);
}

function hasSameAttributes(a: FileStat, b: FileStat): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

const blockBytes = 1 << 20;

function hasSameBytes(disk: Disk, a: string, b: string): boolean {
  const [x, y] = [disk.openRead(a), disk.openRead(b)];
  const [left, right] = [Buffer.allocUnsafe(blockBytes), Buffer.allocUnsafe(blockBytes)];
  try {
    for (let position = 0; ; position += blockBytes) {
      const [n, m] = [x.read(left, position), y.read(right, position)];
      if (n !== m || left.compare(right, 0, m, 0, n) !== 0) return false;
      if (n < blockBytes) return true;
    }
  } finally {
    x.close();
    y.close();
  }
}

/** Up to so many staged files are synced one by one, more by one act for the whole file system. */
const singleSyncs = 8;

/**
 * What was staged, what was parked, and the folders for what will be displaced reach the disk, names included: before
 * the first rename, since what was parked is nowhere else once the new state is the live one.
 */
export function syncStaged(disk: Disk, workspace: Workspace, record: StagedRecord): void {
  const moved = record.moves.flatMap(({ staged, displaced }) =>
    [staged ?? [], displaced ?? []].flat(),
  );
  const parked = record.assets.flatMap((asset) => asset.parked.map(([, path]) => path));
  const paths = [...moved, ...parked];
  const files = paths.filter((path) => disk.lstat(path)?.kind === 'file');
  const roots = [...record.siblings, workspace.record];
  const isSynced = files.length > singleSyncs && syncFileSystemsOf(disk, roots);
  if (isSynced) return;
  for (const root of roots) {
    syncBelow(
      disk,
      dirname(root),
      paths.filter((path) => path.startsWith(`${root}/`)),
    );
  }
}

/** Once each; false where the platform cannot. */
function syncFileSystemsOf(disk: Disk, roots: readonly string[]): boolean {
  const byDevice = new Map(roots.map((root) => [disk.lstat(root)?.device, root]));
  return [...byDevice.values()].every((root) => disk.syncFileSystem(root));
}

/** The units of one side copied to where `placeOf` says, for a migration to work on. */
export function layOut(disk: Disk, side: Side, placeOf: (unit: UnitName) => string): void {
  const bringing = openBringing(disk, () => false);
  for (const [unit, path] of side) {
    makeParents(disk, dirname(placeOf(unit)));
    bringing.bring(path, placeOf(unit));
  }
  bringing.finish();
}

export function readText(disk: Disk, path: string): string {
  return readWhole(disk, path).toString('utf8');
}
