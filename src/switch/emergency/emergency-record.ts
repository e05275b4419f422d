import { dirname, join } from 'node:path/posix';
import { parkedName } from '../../asset/side.ts';
import { makeFolders, readWhole, replaceWhole, syncBelow } from '../../host/whole-file.ts';
import type { Departure, Pair } from '../book.ts';
import type { EmergencyStates } from './emergency-states.ts';
import { carriedMark, unitNames } from './emergency-units.ts';
import { writeReportPage } from '../ending.ts';
import { stateAssets, type Ground } from '../ground.ts';
import { Journal, lastResult } from '../journal.ts';
import { exists } from '../moves.ts';
import { makePlan, writePlan, type SwitchPlan } from '../plan.ts';
import { tryReceipts } from '../report/receipt.ts';
import { noFindings, reportOf, writeReport } from '../report/report.ts';
import { unmerged, type StagedAsset } from '../stage/staged.ts';
import { openStates } from '../stage/states.ts';
import { parkedFolderOf } from '../stage/workspace.ts';

/** In the folder of what scripts did, once it is on record: the name of its run. */
export const takenOverMark = 'taken-over';
/** The same while it is being put on record. */
const takingOverMark = 'taking-over';

/** A rollback by scripts that is on record. */
export interface RecordedEmergency {
  /** `<state>/emergency/<pair>`. */
  readonly folder: string;
  readonly run: string;
}

/** The rollback by scripts over a pair; null where there was none, or it is not on record yet. */
export function emergencyOf({ host, folders }: Ground, pair: string): RecordedEmergency | null {
  const folder = join(folders.root, 'emergency', pair);
  const mark = join(folder, takenOverMark);
  if (!exists(host.disk, mark)) return null;
  return { folder, run: readWhole(host.disk, mark).toString('utf8').trim() };
}

/** The name of its run: chosen once, so that taking it over a second time after a crash is no second run. */
export function takingOver(
  ground: Ground,
  { folder, pair }: { readonly folder: string; readonly pair: Pair },
): string {
  const { disk } = ground.host;
  const mark = join(folder, takingOverMark);
  if (exists(disk, mark)) return readWhole(disk, mark).toString('utf8').trim();
  const { run } = planOf(ground, pair);
  replaceWhole(ground.host, mark, { bytes: Buffer.from(`${run}\n`), mode: 0o600 });
  return run;
}

export function markTakenOver({ host }: Ground, folder: string, run: string): void {
  const bytes = Buffer.from(`${run}\n`);
  replaceWhole(host, join(folder, takenOverMark), { bytes, mode: 0o600 });
}

/** When the script was done, ISO 8601, UTC: the last field of what it wrote at its end. */
export function doneAt({ host }: Ground, folder: string): string {
  const [line = ''] = readWhole(host.disk, join(folder, 'done')).toString('utf8').split('\n');
  const ms = Date.parse(line.split('\t').at(-1)?.trim() ?? '');
  return new Date(Number.isNaN(ms) ? host.clock.now() : ms).toISOString();
}

function planOf(ground: Ground, { id, from, to }: Pair): SwitchPlan {
  return makePlan(ground, {
    kind: 'rollback',
    from: to,
    to: from,
    reason: 'emergency, by the scripts of the kit',
    pairs: [id],
    policy: 'hold',
    holds: true,
    starts: true,
    emergency: true,
  });
}

export interface Recording extends EmergencyStates {
  readonly departure: Departure;
}

/**
 * Makes it a run like any other: journal, plan, report, what was parked, and its entry in the audit log. Durable when it
 * returns, and may run twice.
 */
export async function recordEmergency(ground: Ground, recording: Recording): Promise<void> {
  const { run, pair, departure } = recording;
  keepParked(ground, recording);
  await endJournal(ground, recording);
  const plan = { ...planOf(ground, pair), run, at: departure.at };
  writePlan(ground, plan);
  const states = openStates(ground, join(recording.work, 'states'));
  const folder = join(recording.work, 'receipts');
  const { receipts, warnings } = tryReceipts(ground, { departure, states, folder });
  const assets = toldAssets(ground, recording);
  const findings = { ...noFindings(), assets, receipts, warnings };
  const report = reportOf(ground, plan, { result: 'rolled-back', findings });
  writeReport(ground, report);
  writeReportPage(ground, report);
}

/** The journal comes first: a plan without one would be a run that was interrupted. */
async function endJournal(ground: Ground, { run, pair }: Recording): Promise<void> {
  const { host, folders } = ground;
  const isThere = exists(host.disk, join(folders.journal, `${run}.jsonl`));
  if (isThere && lastResult(host, folders.journal, run) !== null) return;
  await ground.audit.record([{ act: 'emergency.taken-over', run, data: { pair: pair.id } }]);
  const journal = Journal.open(host, folders.journal, run);
  try {
    journal.write({ event: 'ended', result: 'rolled-back' });
  } finally {
    journal.close();
  }
}

/** The compiled script parks as the law does, in a file beside what else the script of the kit keeps. */
function keepParked(ground: Ground, { folder, run, units }: Recording): void {
  const { disk } = ground.host;
  const kept: string[] = [];
  for (const asset of stateAssets(ground)) {
    const from = join(folder, `${asset.name}.parked.db`);
    const database = [...unitNames(asset, units)].find(([, { kind }]) => kind === 'database');
    if (database === undefined || !exists(disk, from)) continue;
    const to = join(parkedFolderOf(ground, run, asset.name), '1', parkedName(database[0]));
    makeFolders(disk, dirname(to), 0o700);
    if (exists(disk, to)) disk.removeFile(to);
    disk.copy(from, to);
    kept.push(to);
  }
  if (kept.length > 0) syncBelow(disk, join(ground.folders.runs, run), kept);
}

function toldAssets(ground: Ground, { folder, units }: Recording): StagedAsset[] {
  const { disk } = ground.host;
  return stateAssets(ground).flatMap((asset) => {
    const names = unitNames(asset, units);
    if (names.size === 0) return [];
    const isCarried = exists(disk, join(folder, carriedMark(asset.name)));
    const note = `${[...names.keys()].join(', ')}: as before the upgrade; what was changed since is kept with the release that was left`;
    const notes = isCarried ? [] : [`${asset.name}: ${note}`];
    return [{ ...unmerged(asset.name, new Map()), isMerged: isCarried, notes }];
  });
}
