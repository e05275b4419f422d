import { BackstepError } from '../fault/backstep-error.ts';
import type { Disk } from '../host/disk.ts';

/** Throws `store/unsafe` where a folder that is captured holds the store itself. */
export function requireStoreOutside(
  disk: Disk,
  { root, store }: { readonly root: string; readonly store: string },
): void {
  const isNoFolder = disk.lstat(root)?.kind !== 'folder';
  if (isNoFolder || !disk.realPath(store).startsWith(`${disk.realPath(root)}/`)) return;
  throw new BackstepError('store/unsafe', {
    message: `${JSON.stringify(root)} holds the store itself (${store})`,
    hint: 'move the state folder out of what is captured',
  });
}
