import { join } from 'node:path/posix';
import { fillInCommand } from '../../manifest/placeholder.ts';
import { stagedPaths, stagedPlace } from '../../manifest/staging.ts';
import { valuesOf, type Asset, type Manifest } from '../../manifest/manifest.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Disk } from '../../host/disk.ts';
import { makeFolders } from '../../host/whole-file.ts';
import { runCandidate } from './candidate.ts';
import type { Ground } from '../ground.ts';

/** The manifest of a copy of the state: the same assets, their files in one staged tree. */
export function rebased(manifest: Manifest, tree: string): Manifest {
  const move = (path: string): string => stagedPlace(manifest, tree, path) ?? path;
  return relocated(manifest, { paths: stagedPaths(manifest, tree), move });
}

/** The same application with its files elsewhere; assets outside of what `move` moves stay where they are. */
export function relocated(
  manifest: Manifest,
  { paths, move }: { readonly paths: Manifest['paths']; readonly move: (path: string) => string },
): Manifest {
  const assets = Object.entries(manifest.assets).map(([name, asset]) => [
    name,
    movedAsset(asset, move),
  ]);
  return {
    ...manifest,
    paths,
    assets: Object.fromEntries(assets),
  };
}

function movedAsset(asset: Asset, move: (path: string) => string): Asset {
  const territory = asset.territory.map((each) => ({ ...each, root: move(each.root) }));
  switch (asset.kind) {
    case 'json':
    case 'files':
      return { ...asset, territory, root: move(asset.root) };
    case 'sqlite':
      return { ...asset, territory, path: move(asset.path) };
    case 'release':
    case 'service':
    case 'command':
      return asset;
  }
}

export interface TreeMigration {
  readonly tree: string;
  /** The folder of the new release. */
  readonly release: string;
  /** Awaited now and then while a release that was started becomes healthy: where it throws, that ends. */
  readonly pause: () => Promise<void>;
  /** Told of a release that is started and cannot be secluded. */
  readonly warn: (message: string) => void;
}

/**
 * Runs the manifest's migration on a staged tree with the new release's program.
 * Throws `switch/migration` with what the command said last; nothing live was touched.
 */
export async function migrateTree(
  ground: Ground,
  { tree, release, pause, warn }: TreeMigration,
): Promise<void> {
  const { manifest, host } = ground;
  const { migrate } = manifest;
  if (migrate === null) return;
  const paths = stagedPaths(manifest, tree);
  for (const folder of Object.values(paths)) makeFolders(host.disk, folder, 0o700);
  if ('start' in migrate) return runCandidate(ground, migrate, { release, paths, pause, warn });
  const values = valuesOf(manifest, { node: ground.node, release, paths });
  const [program, ...rest] = fillInCommand(migrate.run, values);
  const finished = await host.processes.run(
    { argv: [program, ...rest], cwd: manifest.folder },
    { limitMs: migrate.timeout },
  );
  if (finished.ended === 'by-itself' && finished.code === 0) return;
  const how =
    finished.ended === 'limit'
      ? `did not end within ${migrate.timeout} ms`
      : `ended with ${finished.code === null ? String(finished.signal) : `exit code ${finished.code}`}`;
  const said = lastWords(`${finished.stdout}\n${finished.stderr}`);
  throw new BackstepError('switch/migration', {
    message: `the migration of the staged copy ${how}: ${said}`,
    hint: 'the live state was not touched and the application goes on as before; mend the release and try again',
  });
}

const shownLines = 4;

/** The last lines that tell a person something: a stack's frames and a runtime's own closing line do not. */
function lastWords(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => line.length > 1 && !/^(at |Node\.js v)/.test(line));
  return telling.slice(-shownLines).join(' · ');
}

const blockBytes = 1 << 20;

/** Files that name the staged tree: a state that does so would point into a folder that goes away. */
export function namingTree(disk: Disk, files: readonly string[], tree: string): string[] {
  return files.filter((file) => contains(disk, file, Buffer.from(tree)));
}

function contains(disk: Disk, path: string, needle: Buffer): boolean {
  if (disk.lstat(path)?.kind !== 'file') return false;
  const file = disk.openRead(path);
  const block = Buffer.allocUnsafe(blockBytes + needle.length);
  try {
    for (let position = 0; ; position += blockBytes) {
      const count = file.read(block, position);
      if (block.subarray(0, count).includes(needle)) return true;
      if (count < block.length) return false;
    }
  } finally {
    file.close();
  }
}

export function treeIn(siblingRoot: string): string {
  return join(siblingRoot, 'tree');
}
