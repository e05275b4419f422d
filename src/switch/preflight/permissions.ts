import { dirname, join } from 'node:path/posix';
import { isDiskError } from '../../host/disk-error.ts';
import type { Ground } from '../ground.ts';
import { throwAway } from '../recover/killed-trials.ts';

/**
 * Why the run may not rename where live files lie, a line for each folder: makes and removes an empty folder there, since
 * permissions alone tell nothing of a file system that is read-only. A crash leaves one of `probesOf`.
 */
export function unwritable(ground: Ground, run: string): readonly string[] {
  const { disk } = ground.host;
  return probesOf(ground, run).flatMap((path) => {
    try {
      disk.makeFolder(path, 0o700);
      throwAway(ground, [path]);
      return [];
    } catch (error) {
      if (!isDiskError(error, 'EACCES', 'EPERM', 'EROFS')) throw error;
      return [`${dirname(path)}: ${error.message}`];
    }
  });
}

/**
 * What a probe of this run is called in the folder of each asset, at the top of those that are deep. Looks at no live file:
 * a recovery asks as well, whatever lies there.
 */
export function probesOf({ host, assets, manifest }: Ground, run: string): readonly string[] {
  const folders = new Set(assets.map((asset) => dirname(asset.placeOf('x'))));
  return [...folders]
    .filter((path) => host.disk.lstat(path)?.kind === 'folder')
    .map((folder) => join(folder, `.backstep-${manifest.app}-${run}.probe`));
}
