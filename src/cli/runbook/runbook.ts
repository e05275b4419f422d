import { join } from 'node:path/posix';
import { z } from 'zod';
import { BackstepError } from '../../fault/backstep-error.ts';
import { nearest } from '../../form/nearest.ts';
import { makeDurableFolders } from '../../host/whole-file.ts';
import {
  addEntry,
  listRunbooks,
  readEntries,
  type Entry,
  type Happening,
} from '../../incident/runbook/events.ts';
import { itemsOf, rollbackProcedure, type Item } from '../../incident/runbook/procedure.ts';
import { progressOf, type Progress } from '../../incident/runbook/progress.ts';
import { recordLines } from '../../incident/runbook/record.ts';
import { acquireLock } from '../../store/lock.ts';
import type { Ground } from '../../switch/ground.ts';
import type { Call } from '../context.ts';

/** The procedure that is under way. */
export interface OpenRunbook {
  readonly id: string;
  readonly entries: readonly Entry[];
  readonly progress: Progress;
}

/** A person's name, as it is to stand in the record. */
export const personName = z
  .string('--by NAME is needed: the record says who did it')
  .trim()
  .min(1, 'a name')
  .max(100, 'a name of at most 100 characters');

export function runbookFolder(ground: Ground): string {
  return join(ground.folders.root, 'runbooks');
}

/** The newest procedure, closed or not; null where none was ever begun. */
export function newestRunbook(ground: Ground): OpenRunbook | null {
  const id = listRunbooks(ground.host, runbookFolder(ground)).at(-1);
  if (id === undefined) return null;
  const entries = readEntries(ground.host, runbookFolder(ground), id);
  const progress = progressOf(entries);
  return progress === null ? null : { id, entries, progress };
}

/** Throws `incident/no-runbook` where none is under way. */
export function openRunbook(ground: Ground): OpenRunbook {
  const newest = newestRunbook(ground);
  if (newest !== null && newest.progress.closed === null) return newest;
  throw new BackstepError('incident/no-runbook', {
    message: 'no procedure is under way',
    hint: 'begin one with `backstep runbook rollback --reason WHY --by NAME`',
  });
}

/** Throws `usage` for an item that the procedure does not have. */
export function itemOf(written: string): Item {
  const items = itemsOf(rollbackProcedure);
  const found = items.find(({ id }) => id === written);
  if (found !== undefined) return found;
  const near = nearest(
    written,
    items.map(({ id }) => id),
  );
  throw new BackstepError('usage', {
    message: `the procedure has no item ${written}`,
    hint: near === null ? 'see `backstep runbook rollback`' : `did you mean ${near}?`,
  });
}

/** Adds to a procedure what happened; several people may do so at once. */
export async function note(
  call: Call,
  ground: Ground,
  added: { readonly id: string; readonly by: string; readonly happening: Happening },
): Promise<readonly Entry[]> {
  const folder = runbookFolder(ground);
  const locks = join(folder, 'lock');
  makeDurableFolders(ground.host.disk, locks, 0o700);
  const request = { purpose: `runbook ${added.id}`, waitMs: lockWaitMs, abort: call.signal };
  const lock = await acquireLock(ground.host, locks, request);
  try {
    const { by, happening } = added;
    return addEntry(ground.host, { folder, id: added.id }, { by, happening });
  } finally {
    lock.release();
  }
}

/** Ends a command with the procedure as it stands. */
export function tellRunbook(call: Call, id: string, entries: readonly Entry[]): void {
  const progress = progressOf(entries);
  if (progress === null) throw new Error(`${id} was never begun`);
  const items = itemsOf(rollbackProcedure).map((item) => ({
    ...item,
    state: progress.states.get(item.id) ?? { kind: 'open' },
  }));
  const { states: _states, ...shown } = progress;
  call.output.result({ id, ...shown, items }, recordLines(rollbackProcedure, progress));
}

/** An entry takes milliseconds; who waits longer has somebody's stopped process before them. */
const lockWaitMs = 10_000;
