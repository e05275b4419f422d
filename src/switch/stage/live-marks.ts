import { BackstepError } from '../../fault/backstep-error.ts';
import { stateAssets, type Ground } from '../ground.ts';

/** What tells a live file from one that was written since: by its path. */
export type LiveMarks = ReadonlyMap<string, string>;

/** Marks every live file of the state, and what may appear beside it. The application does not run. */
export function liveMarks(ground: Ground): LiveMarks {
  const { disk } = ground.host;
  const marks = new Map<string, string>();
  for (const asset of stateAssets(ground)) {
    const appearing = (asset.mayAppear?.() ?? []).map((unit) => asset.placeOf(unit));
    for (const path of [...asset.live().values(), ...appearing]) {
      const stat = disk.lstat(path);
      // What a reader leaves beside a database is empty, or holds no data (`-shm`).
      if (stat === null || stat.sizeBytes === 0 || path.endsWith('-shm')) continue;
      marks.set(path, `${stat.inode} ${stat.sizeBytes} ${stat.modifiedNs}`);
    }
  }
  return marks;
}

/** Throws `switch/migration` where a live file was written, made or removed since it was marked. */
export function refuseWritten(ground: Ground, earlier: LiveMarks): void {
  const now = liveMarks(ground);
  const paths = new Set([...earlier.keys(), ...now.keys()]);
  const written = [...paths].filter((path) => earlier.get(path) !== now.get(path));
  if (written.length === 0) return;
  const more = written.length > 1 ? ` and ${written.length - 1} more` : '';
  throw new BackstepError('switch/migration', {
    message: `the migration of the staged copy wrote into the live state: ${written[0]}${more}`,
    hint: 'have the command take every folder by its placeholder; `backstep snapshots` lists the state from before, `backstep restore --live` brings it back',
  });
}
