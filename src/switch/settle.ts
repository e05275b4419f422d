import { dirname, join } from 'node:path/posix';
import { removeTree } from '../host/whole-file.ts';
import { listed, shown } from '../service/process-table.ts';
import { holdersOf } from '../service/released.ts';
import { holdsBytes } from '../store/objects.ts';
import { writeBook, writePair } from './book.ts';
import { isRelease, stateAssets, type Ground } from './ground.ts';
import { exists } from './moves.ts';
import type { Settlement, StagedRecord } from './stage/staged.ts';
import type { States } from './stage/states.ts';

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

/** A displaced unit that somebody wrote, or wrote to, after the state was captured. */
export interface LateUnit {
  readonly asset: string;
  readonly unit: string;
  /** Where the late bytes lie. */
  readonly path: string;
}

/**
 * Compares what was displaced with what was captured: a writer that held a file open may have been late, or another
 * program may have made one that was not there before.
 */
export function findLate(
  ground: Ground,
  { moves, now }: Pick<StagedRecord, 'moves' | 'now'>,
  states: States,
): LateUnit[] {
  const { disk } = ground.host;
  const captured = states(now);
  return moves.flatMap(({ asset, unit, displaced: path }) => {
    const found = path === null ? null : disk.lstat(path);
    // A release is no state, and is never captured.
    if (path === null || found === null || isRelease(ground, asset)) return [];
    const was = captured.entryOf(asset, unit);
    const isChanged = found.kind === 'file' && was?.kind === 'file' && !holdsBytes(disk, path, was);
    const isLate = isChanged || !captured.units(asset).has(unit);
    return isLate ? [{ asset, unit, path }] : [];
  });
}

/** A displaced unit that a program holds open. */
export interface HeldUnit extends LateUnit {
  /** The program, in words. */
  readonly by: string;
}

/** Displaced units that a program opened before they were renamed: what it writes from now on goes there. */
export function findHeld(ground: Ground, { moves }: Pick<StagedRecord, 'moves'>): HeldUnit[] {
  const { host } = ground;
  const state = new Set(stateAssets(ground).map(({ name }) => name));
  const displaced = new Map(
    moves.flatMap(({ asset, unit, displaced: path }): [string, LateUnit][] =>
      path === null || !state.has(asset) ? [] : [[path, { asset, unit, path }]],
    ),
  );
  return holdersOf(host, [...displaced.keys()]).flatMap((holder) => {
    const unit = displaced.get(holder.path);
    return unit === undefined ? [] : [{ ...unit, by: listed([shown(host, holder)]) }];
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
    if (!exists(disk, root)) {
      // Who removed it may have been killed before that was durable.
      if (exists(disk, dirname(root))) disk.syncFolder(dirname(root));
      continue;
    }
    const hasStrays =
      exists(disk, join(root, 'strays')) && disk.list(join(root, 'strays')).length > 0;
    const isKept = hasStrays || late.some(({ path }) => path.startsWith(`${root}/`));
    if (isKept) continue;
    removeTree(disk, root);
    // A loss of power would bring it back, and nobody would clear it away any more.
    disk.syncFolder(dirname(root));
  }
}
