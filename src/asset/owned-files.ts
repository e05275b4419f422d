import { join } from 'node:path/posix';
import type { SnapshotWriter } from '../store/writer.ts';
import type { Side } from './asset.ts';
import type { AssetContext } from './kind.ts';
import { refuseLinksOut, sideOf, unitsBelow } from './side.ts';

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

/**
 * Adds them to a snapshot, with the folders around them. What is no file, folder or link is noted there as left
 * out; folders that hold nothing of this asset are not mentioned.
 */
export async function captureFiles(
  asset: RootedAsset,
  context: AssetContext,
  { writer, as }: { readonly writer: SnapshotWriter; readonly as: string },
): Promise<void> {
  const { disk } = context.host;
  const { name, root } = asset;
  if (disk.lstat(root)?.kind !== 'folder') return;
  const folders = foldersOf(ownedFiles(asset, context).keys());
  writer.addTree(root, {
    as,
    exclude: (found, stat) =>
      stat.kind === 'folder' ? !folders.has(found) : context.ownerOf(join(root, found)) !== name,
  });
}

/** `a/b/c` → `a/b`, `a`. */
function foldersOf(units: Iterable<string>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const unit of units) {
    for (let cut = unit.lastIndexOf('/'); cut > 0; cut = unit.lastIndexOf('/', cut - 1)) {
      const folder = unit.slice(0, cut);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}
