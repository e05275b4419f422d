import { dirname, join } from 'node:path/posix';
import type { SnapshotWriter } from '../store/writer.ts';
import type { Side } from './asset.ts';
import type { AssetContext } from './kind.ts';
import { filesBelow, refuseLinksOut } from './side.ts';

/** An asset whose files lie below one root. */
export interface RootedAsset {
  readonly name: string;
  readonly root: string;
}

/** The files and links below the root that are this asset's and no inner one's. Throws `asset/link`. */
export function ownedFiles({ name, root }: RootedAsset, { host, ownerOf }: AssetContext): Side {
  const side = new Map(filesBelow(host.disk, root, (path) => ownerOf(path) === name));
  refuseLinksOut(host.disk, root, side);
  return side;
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
  const folders = new Set([...ownedFiles(asset, context).keys()].flatMap(foldersOf));
  writer.addTree(root, {
    as,
    exclude: (found, stat) =>
      stat.kind === 'folder' ? !folders.has(found) : context.ownerOf(join(root, found)) !== name,
  });
}

/** `a/b/c` → `a/b`, `a`. */
function foldersOf(unit: string): readonly string[] {
  const folder = dirname(unit);
  return folder === '.' ? [] : [folder, ...foldersOf(folder)];
}
