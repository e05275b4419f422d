import { BackstepError } from '../fault/backstep-error.ts';
import type { Disk, FileStat } from '../host/disk.ts';
import type { SnapshotWriter } from '../store/writer.ts';
import type { CaptureOptions, Side, UnitName } from './asset.ts';
import type { AssetContext } from './kind.ts';
import { linkRefusal, refuseLinksOut, sideOf, unitsBelow } from './side.ts';

/** An asset whose files lie below one root. */
export interface RootedAsset {
  readonly name: string;
  readonly root: string;
}

/** The files and links below the root that are this asset's and no inner one's. Throws `asset/link`. */
export function ownedFiles({ name, root }: RootedAsset, { host, ownerOf }: AssetContext): Side {
  const found = unitsBelow(host.disk, root, (path) => ownerOf(path) === name);
  refuseLinksOut(host.disk, root, found);
  return sideOf(found);
}

/** Where each unit lies. Names of units are relative and lead nowhere else, so there is nothing to resolve. */
export function placesBelow(root: string): (unit: UnitName) => string {
  const start = root.endsWith('/') ? root : `${root}/`;
  return (unit) => start + unit;
}

/**
 * Adds them to a snapshot, with the folders around them. What is no file, folder or link is noted there as left
 * out; folders that hold nothing of this asset are not mentioned. Throws `asset/link`.
 */
export async function captureFiles(
  asset: RootedAsset,
  context: AssetContext,
  { writer, as, sees }: Pick<CaptureOptions, 'as' | 'sees'> & { readonly writer: SnapshotWriter },
): Promise<void> {
  const { disk } = context.host;
  const { name, root } = asset;
  const placeOf = placesBelow(root);
  if (disk.lstat(root)?.kind !== 'folder') return;
  const foreign = foreignNames(disk, root);
  const refuseLink = linkRefusal(disk, root);
  writer.addTree(root, {
    as,
    takes: (found, kind) => {
      const path = placeOf(found);
      if (context.ownerOf(path) !== name) return false;
      if (kind === 'link') refuseLink({ name: found, path });
      return true;
    },
    sees: ({ path, stat }) => {
      foreign.note(path, stat);
      if (stat.kind === 'file') sees?.(path, stat);
    },
  });
  foreign.refuse();
}

/**
 * Hard links by which a file of another user comes into the asset: whoever may write to the folder could have made
 * them, and a rollback would write a copy of the file. A file all of whose names lie in the asset is its own.
 */
function foreignNames(
  disk: Disk,
  root: string,
): { note(path: string, stat: FileStat): void; refuse(): void } {
  const owner = disk.lstat(root)?.uid;
  const seen = new Map<string, { readonly path: string; missing: number }>();
  return {
    note: (path, { kind, uid, linkCount, device, inode }) => {
      if (kind !== 'file' || linkCount < 2 || uid === owner) return;
      const id = `${device}:${inode}`;
      const known = seen.get(id) ?? { path, missing: linkCount };
      known.missing -= 1;
      seen.set(id, known);
    },
    refuse: () => {
      for (const { path, missing } of seen.values()) if (missing > 0) throw hardLinkRefused(path);
    },
  };
}

function hardLinkRefused(path: string): BackstepError {
  return new BackstepError('asset/link', {
    message: `${JSON.stringify(path)} is another user's file, which has a name outside of its asset too (a hard link)`,
    hint: 'put a copy of the file there, or exclude it; nothing was touched',
  });
}
