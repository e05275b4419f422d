import { join } from 'node:path/posix';
import { abortRequest } from './abort.ts';
import { readRecord } from '../book.ts';
import { evidenceOf, recoveryByEvidence } from './evidence.ts';
import type { Ground } from '../ground.ts';
import { hasStarted, openEnded, readJournal, stateOf } from '../journal.ts';
import { exists } from '../moves.ts';
import { recoveryFor, type Recovery } from '../phases.ts';
import { stagedRecord } from '../stage/staged.ts';

/**
 * What is to be done about a run, by its journal, by what a person asked of it, and, where its journal is lost, by
 * what lies where; null where that does not tell. Reads only. Throws `switch/journal` for a damaged journal.
 */
export function recoveryOf(
  ground: Ground,
  { run, policy }: { readonly run: string; readonly policy: 'undo' | 'hold' },
): Recovery | null {
  const { host, folders } = ground;
  const lines = openEnded(readJournal(host, folders.journal, run));
  const state = stateOf(lines);
  if (state === null) return withoutJournal(ground, run);
  const isAborted = abortRequest(ground, run) !== null;
  return recoveryFor(state, isAborted ? { policy, hasStarted: hasStarted(lines) } : null);
}

/** A plan alone: the run had staged nothing that counts, but may have stopped the application. */
function withoutJournal({ host, folders }: Ground, run: string): Recovery | null {
  const folder = join(folders.runs, run);
  if (exists(host.disk, join(folder, 'report.json'))) return 'none';
  const record = readRecord(host, join(folder, 'staged.json'), stagedRecord);
  if (record === null) return 'restart';
  return recoveryByEvidence(evidenceOf(host.disk, record.moves));
}
