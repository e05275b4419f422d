import { isDeepStrictEqual } from 'node:util';
import { dirname, join } from 'node:path/posix';
import type { Host } from '../host/host.ts';
import { makeFolders, removeTree } from '../host/whole-file.ts';
import { bringUp } from '../law/rows/ahead/bring-up.ts';
import {
  canBeBroughtUp,
  mergeAhead,
  type AheadMerge as AheadRows,
} from '../law/rows/ahead/merge-ahead.ts';
import { isDamageError } from '../sqlite/database.ts';
import type { AheadMerge, MergeRequest, MergeResult, Side } from './asset.ts';
import { sameContent } from './content.ts';
import { parkedFolder } from './side.ts';
import { damageOf, namesOf, workingFile } from './sqlite-file.ts';
import {
  mergedResult,
  removeMade,
  requireReconciled,
  resultFiles,
  type MadeFiles,
} from './sqlite-merged.ts';
import { mergeTermsOf, type DatabaseAsset } from './sqlite-terms.ts';

interface States {
  readonly base: string;
  readonly origin: string;
  /** What the users' state was when it was merged. */
  readonly earlier: string;
}

/** See `AssetHandler.mergeAhead`. What goes wrong here goes wrong again later, when somebody is told. */
export async function mergeSqliteAhead(
  host: Host,
  database: DatabaseAsset,
  request: MergeRequest,
): Promise<AheadMerge | null> {
  const { disk } = host;
  if (request.parts !== undefined || request.direction === 'forth') return null;
  const states = statesOf(host, database, request);
  if (states === null || sameContent(disk, states.origin, states.earlier)) return null;
  if (damageOf(states.earlier) !== null) return null;
  const terms = { ...mergeTermsOf(database, request, states.base), disk };
  if (!canBeBroughtUp(terms)) return null;
  const made = resultFiles(database, request);
  makeFolders(disk, join(request.into, parkedFolder), 0o700);
  const files = { ...made, base: states.base, origin: states.origin, latest: states.earlier };
  const rows = await unlessDamaged(() => mergeAhead(files, terms));
  if (rows === null || rows.report.discrepancies.length > 0 || !isSound(made.result)) {
    removeMade(disk, made);
    return null;
  }
  // What is on the disk already, nobody waits for later.
  for (const path of [made.result, made.parked]) disk.syncFile(path);
  const ahead = { request, states, made, rows };
  return { bringUp: (later) => bringUpTo(host, database, { ahead, later }) };
}

/** Where users wait, only what comes later is looked at. */
function isSound(path: string): boolean {
  return damageOf(path, { withIndexes: true }) === null;
}

function statesOf({ disk }: Host, { unit }: DatabaseAsset, request: MergeRequest): States | null {
  const file = (side: Side, name: string): string | null =>
    workingFile(disk, side, { unit, path: join(request.scratch, name) });
  const [base, origin] = [file(request.base, 'base.db'), file(request.origin, 'origin.db')];
  const earlier = file(request.latest, 'earlier.db');
  return base === null || origin === null || earlier === null ? null : { base, origin, earlier };
}

interface Ahead {
  readonly request: MergeRequest;
  readonly states: States;
  readonly made: MadeFiles;
  readonly rows: AheadRows;
}

async function bringUpTo(
  host: Host,
  database: DatabaseAsset,
  { ahead, later }: { readonly ahead: Ahead; readonly later: MergeRequest },
): Promise<MergeResult | null> {
  const { disk } = host;
  const { unit } = database;
  const { base, origin, earlier } = ahead.states;
  const latest = isSameQuestion(ahead.request, later)
    ? workingFile(disk, later.latest, { unit, path: join(later.scratch, 'latest.db') })
    : null;
  const report =
    latest === null || damageOf(latest) !== null
      ? null
      : await unlessDamaged(() =>
          bringUp({ ...ahead.made, base, origin, latest, earlier }, ahead.rows, {
            ...mergeTermsOf(database, later, base),
            disk,
          }),
        );
  if (report === null) {
    removeMade(disk, ahead.made);
    for (const name of namesOf(join(later.scratch, 'latest.db'))) removeTree(disk, name);
    return null;
  }
  requireReconciled(database, report);
  const made = { ...resultFiles(database, later), scratch: ahead.made.scratch };
  makeFolders(disk, dirname(made.parked), 0o700);
  disk.rename(ahead.made.result, made.result);
  disk.rename(ahead.made.parked, made.parked);
  const result = mergedResult(host, database, { request: later, made, report });
  return { ...result, checked: new Set([unit]) };
}

/** A reversal file may be edited while a run waits. */
function isSameQuestion(a: MergeRequest, b: MergeRequest): boolean {
  return (
    a.reversal?.sha256 === b.reversal?.sha256 &&
    isDeepStrictEqual(a.decisions, b.decisions) &&
    isDeepStrictEqual(a.findings, b.findings) &&
    b.parts === undefined
  );
}

async function unlessDamaged<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (isDamageError(error)) return null;
    throw error;
  }
}
