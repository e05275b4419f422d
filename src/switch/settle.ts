import { dirname, join } from 'node:path/posix';
import { removeTree } from '../host/whole-file.ts';
import type { SnapshotId } from '../store/snapshot-id.ts';
import { writeBook, writePair } from './book.ts';
import type { Ground } from './ground.ts';
import { exists, type Move } from './moves.ts';
import type { Settlement, StagedRecord } from './staged.ts';
import { openState } from './states.ts';

/** Writes down where the application stands now. May run twice. */
export function writeSettlement(ground: Ground, settlement: Settlement): void {
  for (const pair of settlement.pairs) {
    ground.store.pin({ id: pair.before, by: pair.id });
    ground.store.pin({ id: pair.after, by: pair.id });
    writePair(ground.host, ground.folders, pair);
  }
  const { departure } = settlement.book;
  for (const step of departure?.steps ?? []) {
    ground.store.pin({ id: step.displaced, by: departure?.run ?? '' });
    ground.store.pin({ id: step.result, by: departure?.run ?? '' });
  }
  writeBook(ground.host, ground.folders, settlement.book);
}

/** A displaced unit that somebody wrote to after it was captured. */
export interface LateUnit {
  readonly asset: string;
  readonly unit: string;
  /** Where the late bytes lie. */
  readonly path: string;
}

/** Compares what was displaced with what was captured: a writer that held a file open may have been late. */
export async function findLate(
  ground: Ground,
  parts: { readonly moves: readonly Move[]; readonly now: SnapshotId; readonly run: string },
): Promise<LateUnit[]> {
  const displaced = parts.moves.filter(
    (move) => move.displaced !== null && exists(ground.host.disk, move.displaced),
  );
  const folders = new Map(
    displaced.map(({ asset, unit, displaced: path }) => [
      asset,
      (path ?? '').slice(0, -unit.length - 1),
    ]),
  );
  const writer = await ground.store.beginSnapshot({ label: `displaced ${parts.run}` });
  let id: SnapshotId;
  try {
    for (const [asset, folder] of folders) writer.addTree(folder, { as: `assets/${asset}` });
    id = writer.commit().id;
  } finally {
    writer.abort();
  }
  const [captured, found] = [parts.now, id].map((each) => openState(ground, each, ''));
  return displaced.flatMap((move) => {
    const [was, is] = [captured, found].map((state) => state?.entryOf(move.asset, move.unit));
    const isLate =
      was?.kind === 'file' && is?.kind === 'file' && was.hashes.join() !== is.hashes.join();
    return isLate ? [{ asset: move.asset, unit: move.unit, path: move.displaced ?? '' }] : [];
  });
}

/** Throws the hidden folders away once everything in them is in the store; late units and strays stay. */
export function clearSiblings(
  ground: Ground,
  record: StagedRecord,
  late: readonly LateUnit[],
): void {
  const { disk } = ground.host;
  for (const root of record.siblings) {
    if (!exists(disk, root)) continue;
    const hasStrays =
      exists(disk, join(root, 'strays')) && disk.list(join(root, 'strays')).length > 0;
    const isKept = hasStrays || late.some(({ path }) => path.startsWith(`${root}/`));
    if (isKept) continue;
    removeTree(disk, root);
    // A loss of power would bring it back, and nobody would clear it away any more.
    disk.syncFolder(dirname(root));
  }
}
