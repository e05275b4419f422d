import { BackstepError } from '../../fault/backstep-error.ts';
import { isDiskError } from '../../host/disk-error.ts';
import type { Disk } from '../../host/disk.ts';
import type { Asset } from '../../manifest/manifest.ts';
import { ownership, ownershipBelow } from '../../manifest/territory.ts';
import type { Ground } from '../ground.ts';

/** A mount point where a switch would rename: `path` as the manifest leads to it. */
export interface InnerMount {
  readonly asset: string;
  readonly path: string;
}

/**
 * File systems that are mounted within an asset, empty ones among them, and single files of one that are mount points:
 * nothing can be renamed across those. A mount at the root of an asset, or above it, is none.
 */
export function innerMounts({ host, manifest }: Ground): readonly InnerMount[] {
  const moved = Object.values(manifest.assets).filter((asset) => isMoved(asset, manifest.releases));
  const territories = Object.fromEntries(moved.map(({ name, territory }) => [name, territory]));
  const ownerOf = ownership(territories, manifest.platform);
  const ownersBelow = ownershipBelow(territories, manifest.platform);
  const roots = new Set(moved.flatMap(({ territory }) => territory.map(({ root }) => root)));
  const points = host.disk.mountPoints();
  const found = new Map<string, InnerMount>();
  for (const path of [...roots].flatMap((root) => pointsBelow(host.disk, root, points))) {
    const isFolder = host.disk.lstat(path)?.kind === 'folder';
    const asset = isFolder ? ownersBelow(path)[0] : ownerOf(path);
    if (asset !== undefined && asset !== null) found.set(path, { asset, path });
  }
  return [...found.values()];
}

/** Releases in folders of their own are never renamed, only the link to one. */
function isMoved({ kind }: Asset, { layout }: Ground['manifest']['releases']): boolean {
  return kind !== 'release' || layout === 'in-place';
}

/** Throws `store/mount-inside`, with nothing touched. */
export function refuseInnerMounts(ground: Ground): void {
  const [first] = innerMounts(ground);
  if (first === undefined) return;
  throw new BackstepError('store/mount-inside', {
    message: `another file system is mounted at ${JSON.stringify(first.path)}, inside the asset ${first.asset}`,
    hint: 'unmount it, make it an asset of its own, or leave it out with `exclude`',
  });
}

/** The system tells mount points by their real paths. */
function pointsBelow(disk: Disk, root: string, points: readonly string[]): string[] {
  const real = realOr(disk, root);
  const start = real.endsWith('/') ? real : `${real}/`;
  return points
    .filter((point) => point.startsWith(start) && point !== start)
    .map((point) => `${root.endsWith('/') ? root : `${root}/`}${point.slice(start.length)}`);
}

function realOr(disk: Disk, root: string): string {
  try {
    return disk.realPath(root);
  } catch (error) {
    if (isDiskError(error, 'ENOENT', 'ENOTDIR')) return root;
    throw error;
  }
}
