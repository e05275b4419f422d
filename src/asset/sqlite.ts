import { basename, dirname, join } from 'node:path/posix';
import { makeFolders, removeTree } from '../host/whole-file.ts';
import type { AssetOf } from '../manifest/manifest.ts';
import type { SnapshotWriter } from '../store/writer.ts';
import type { AssetHandler, CaptureOptions } from './asset.ts';
import { attributesAt, giveAttributes } from './attributes.ts';
import type { AssetContext, AssetKind } from './kind.ts';
import { presentIn } from './side.ts';
import { mergeSqliteAhead } from './sqlite-ahead.ts';
import { checkDatabase } from './sqlite-check.ts';
import { besides, copyRunning, fold, isAtRest, namesOf } from './sqlite-file.ts';
import { mergeSqlite } from './sqlite-merge.ts';
import { surveySqlite } from './sqlite-survey.ts';

/**
 * One SQLite database. Its units are the file and what SQLite keeps beside it (`-wal`, `-shm`, `-journal`), so
 * that none of those ever stays beside a database that it does not belong to.
 */
export const sqliteKind: AssetKind<'sqlite'> = { open: openSqlite };

function openSqlite(asset: AssetOf<'sqlite'>, context: AssetContext): AssetHandler {
  const { host } = context;
  const [folder, unit] = [dirname(asset.path), basename(asset.path)];
  const live = (): ReturnType<AssetHandler['live']> => presentIn(host.disk, folder, namesOf(unit));
  return {
    name: asset.name,
    live,
    placeOf: (name) => join(folder, name),
    mayAppear: () => namesOf(unit).slice(1),
    heldFiles: () => besides(folder, unit),
    settle: () => fold(host.disk, asset.path),
    capture: async (writer, { as, isQuiet, onCopied }) => {
      const units = live();
      const isCopied =
        !isQuiet &&
        units.has(unit) &&
        (await captureRunning(asset, context, { writer, as, onCopied }));
      if (isCopied) return;
      for (const [name, path] of units) writer.addTree(path, { as: join(as, name) });
    },
    survey: (request) => Promise.resolve(surveySqlite(host, { asset, unit }, request)),
    merge: (request) => mergeSqlite(host, { asset, unit }, request),
    mergeAhead: (request) => mergeSqliteAhead(host, { asset, unit }, request),
    check: (side, known) =>
      Promise.resolve(checkDatabase(context, { asset, unit }, { side, checked: known?.checked })),
  };
}

interface Capturing {
  readonly writer: SnapshotWriter;
  readonly as: string;
  readonly onCopied: CaptureOptions['onCopied'];
}

/**
 * Copies the database beside the store, then adds the copy with the live file's owner and mode. False where it is
 * damaged. A crash leaves the copy, which the next capture removes. One that is at rest and known to be what was
 * captured before is not copied: nothing waited beside it, and it has not been written since its bytes were read.
 */
async function captureRunning(
  { name, path }: AssetOf<'sqlite'>,
  { host: { disk }, manifest }: AssetContext,
  { writer, as, onCopied }: Capturing,
): Promise<boolean> {
  const folder = join(manifest.state, 'capturing', name);
  const copy = join(folder, basename(path));
  removeTree(disk, folder);
  if (isAtRest(disk, path) && writer.addUnchanged(path, { as: join(as, basename(path)) })) {
    return true;
  }
  makeFolders(disk, folder, 0o700);
  try {
    const attributes = attributesAt(disk, path);
    if (attributes === null || !(await copyRunning(path, copy, onCopied))) return false;
    giveAttributes(disk, copy, attributes);
    writer.addTree(copy, { as: join(as, basename(path)) });
    return true;
  } finally {
    removeTree(disk, folder);
  }
}
