import { dirname, join } from 'node:path/posix';
import { BackstepError } from '../fault/backstep-error.ts';
import { quiesce, requireQuiet } from '../service/quiesce.ts';
import type { Released } from '../service/released.ts';
import { makeFolders, syncBelow } from '../host/whole-file.ts';
import type { SnapshotId } from '../store/snapshot-id.ts';
import { readRecord, writeRecord } from './book.ts';
import { isRelease, stateAssets, type Ground } from './ground.ts';
import type { OnProgress, RunEvent } from './report/events.ts';
import type { Journal } from './journal.ts';
import { leftAlone } from './left-alone.ts';
import { refuseInnerMounts } from './preflight/mounts.ts';
import { displaceAll, exists, placeAll, type Move } from './moves.ts';
import type { SwitchPlan } from './plan.ts';
import { requireMachine } from './preflight/preflight.ts';
import { tryReceipts } from './report/receipt.ts';
import { moveGate, runHooks, startAndWait, type HookCall } from './ready.ts';
import type { Findings } from './report/report.ts';
import { clearSiblings, findHeld, findLate, writeSettlement, type LateUnit } from './settle.ts';
import type { AheadMerges } from './stage/merged-ahead.ts';
import { recordOf, stagedRecord, type StagedRecord, type StagedSwitch } from './stage/staged.ts';
import { captureState, type States } from './stage/states.ts';
import type { DecideUpgrade } from './survey-upgrade.ts';
import {
  clearWork,
  freshFolder,
  parkedFolderOf,
  stageMoves,
  syncStaged,
  type Workspace,
} from './stage/workspace.ts';
import { warn } from './warn.ts';

/** One run under way: what its phases share. */
export interface Run {
  readonly ground: Ground;
  readonly plan: SwitchPlan;
  readonly journal: Journal;
  readonly workspace: Workspace;
  readonly findings: Findings;
  /** Aborted by SIGINT and SIGTERM; heeded before the commit record. */
  readonly signal: AbortSignal;
  /** Aborted by a person's `abort` of this run; ends a wait at any phase. */
  readonly aborted: AbortSignal;
  readonly tell: (event: RunEvent) => void;
  readonly decide: DecideUpgrade;
  /** Captured states, each restored once. */
  readonly states: States;
  /** What was merged while the application went on. */
  readonly ahead: AheadMerges;
  /** What the run's kind does beforehand, while the application runs. */
  readonly prepare: (run: Run, bulk: SnapshotId | null) => Promise<void>;
  /** What the run's kind does between capture and displace. */
  readonly stage: (run: Run, now: SnapshotId) => Promise<StagedSwitch>;
}

/** Is everything there that the run will need? Refuses with nothing touched. */
export async function preflight(run: Run): Promise<void> {
  await requireMachine(run);
  await hooksBefore(run, 'before-stop', run.plan.to);
  await run.prepare(run, await captureBulk(run));
}

/**
 * What takes long to capture is captured while the application still runs. Null where it does not: then nobody waits for
 * the snapshot that is taken once it is certain that nobody writes.
 */
async function captureBulk(run: Run): Promise<SnapshotId | null> {
  const { ground, plan } = run;
  if (!plan.starts) return null;
  const onProgress = progressIn('preflight', run);
  const options = { label: `bulk ${plan.run}`, isQuiet: false, onProgress };
  return captureState(ground, stateAssets(ground), options);
}

/** The operator's commands before the commit record: each may refuse. */
async function hooksBefore(run: Run, point: HookCall['point'], version: string): Promise<void> {
  await runHooks(run.ground, { point, version, signal: run.signal });
}

/** After the commit record they can only warn. Throws `interrupted` where the run was aborted. */
async function hooksAfter(run: Run, point: HookCall['point']): Promise<void> {
  try {
    await runHooks(run.ground, { point, version: run.plan.to, signal: run.aborted });
  } catch (error) {
    if (!(error instanceof BackstepError) || error.code === 'interrupted') throw error;
    warn(run, `${point}: ${error.message}`);
  }
}

/**
 * Nobody uses the application, and nothing holds its files open, when it returns. Whether that is so of files that a
 * capture looks at one by one in any case, `capture` asks of what is returned.
 */
export async function stop(run: Run): Promise<Released> {
  const { ground, plan } = run;
  await moveGate(ground, 'close', plan.from);
  const held = stateAssets(ground).map((asset) => asset.heldFiles());
  const { released } = await quiesce(ground.service, ground.host, {
    reason: `${plan.kind} to ${plan.to} (${plan.run})`,
    files: held.flatMap((files) => (files === 'seen' ? [] : files)),
    seesMore: held.includes('seen'),
    signal: run.signal,
  });
  await hooksBefore(run, 'after-stop', plan.from);
  for (const asset of stateAssets(ground)) asset.settle();
  return released;
}

/** The safety snapshot. A failure here stops the run, with nothing changed. Throws `service/held`. */
export async function capture(run: Run, released: Released): Promise<SnapshotId> {
  const onProgress = progressIn('capture', run);
  const options = { label: `now ${run.plan.run}`, isQuiet: true, released, onProgress };
  const id = await captureState(run.ground, stateAssets(run.ground), options);
  run.ground.store.pin({ id, by: run.plan.run });
  return id;
}

/** Tells how far a run is in what takes long: captures and the merge, beforehand and when nobody writes any more. */
export function progressIn(
  phase: 'preflight' | 'capture' | 'stage',
  { plan, tell }: Run,
): OnProgress {
  return (progress) => tell({ type: 'progress', run: plan.run, phase, ...progress });
}

/** Builds every wanted unit beside the live one and writes down the renames, before the first of them. */
export async function stage(run: Run, now: SnapshotId): Promise<StagedRecord> {
  const { ground, plan, workspace } = run;
  const staged = await run.stage(run, now);
  run.findings.assets = staged.assets;
  run.findings.survey = staged.survey ?? null;
  const { disk } = ground.host;
  const state = staged.assets.flatMap(({ name, wanted }) => {
    const asset = stateAssets(ground).find((each) => each.name === name);
    return asset === undefined ? [] : stageMoves(disk, workspace, { asset, wanted });
  });
  const program = plan.only === null && plan.from !== plan.to ? releaseMoves(run) : [];
  const record: StagedRecord = {
    assets: staged.assets.map(recordOf),
    moves: [...program, ...state],
    settlement: staged.settlement,
    ...(staged.survey === undefined ? {} : { survey: staged.survey }),
    siblings: [...workspace.siblings()],
    now,
  };
  syncStaged(disk, workspace, record);
  writeRecord(ground.host, stagedFile(workspace), record);
  await hooksBefore(run, 'before-commit', plan.to);
  await requireStillQuiet(run, record.moves);
  return record;
}

/** What would be displaced under a running program, that program would go on writing to, and nobody would see it. */
async function requireStillQuiet({ ground }: Run, moves: readonly Move[]): Promise<void> {
  const displaced = moves.filter(({ asset }) => !isRelease(ground, asset));
  const files = displaced.map(({ live }) => live);
  await requireQuiet(ground.service, ground.host, { files });
}

function releaseMoves(run: Run): Move[] {
  const { ground, plan, workspace } = run;
  return ground.assets
    .filter((asset) => isRelease(ground, asset.name))
    .flatMap((asset) => {
      const into = freshFolder(
        ground.host.disk,
        workspace.siblingOf(asset).root,
        'made',
        'release',
      );
      const wanted = ground.releases.wanted(plan.to, into);
      return stageMoves(ground.host.disk, workspace, { asset, wanted });
    });
}

/** live → displaced, the release first, so that nothing starts on a state that is half gone. */
export function displace(run: Run, record: StagedRecord): void {
  // What was mounted since the capture would hide what is to be displaced.
  refuseInnerMounts(run.ground);
  displaceAll(run.ground.host.disk, record.moves);
}

/** staged → live, the release last, so that nothing exists to start before its state is whole. */
export async function place(run: Run, record: StagedRecord): Promise<void> {
  const { ground } = run;
  const strays = placeAll(ground.host.disk, releaseLast(ground, record.moves));
  run.findings.strays = [...run.findings.strays, ...strays];
  for (const asset of ground.assets) {
    if (asset.apply === undefined) continue;
    for (const [unit, path] of asset.live()) await asset.apply(unit, path);
  }
  await hooksAfter(run, 'after-commit');
}

export function releaseLast(ground: Ground, moves: readonly Move[]): Move[] {
  return [
    ...moves.filter((move) => !isRelease(ground, move.asset)),
    ...moves.filter((move) => isRelease(ground, move.asset)),
  ];
}

export async function start(run: Run): Promise<void> {
  const { ground, plan } = run;
  await hooksAfter(run, 'before-start');
  // After the commit record no signal interrupts: the way is forward, unless a person aborts the run.
  if (plan.starts) await startAndWait(ground, run.aborted);
  else await ground.service.unmask();
  await hooksAfter(run, 'after-start');
}

/** The gating checks: is the state whole? Throws `switch/unsound` with the first that is not. */
export async function verify(run: Run): Promise<void> {
  const { ground, plan } = run;
  const checks = [];
  const record = readStaged(ground, run.workspace);
  for (const asset of stateAssets(ground)) {
    const captured = record === null ? undefined : leftAlone(run.states, record, asset.name);
    const checked = run.findings.assets.find(({ name }) => name === asset.name)?.checked;
    checks.push(...(await asset.check(asset.live(), { captured, checked })));
  }
  run.findings.checks = checks;
  for (const check of checks) run.tell({ type: 'check', run: plan.run, ...check });
  const bad = checks.find(({ status }) => status === 'error');
  if (bad !== undefined) {
    throw new BackstepError('switch/unsound', {
      message: `after the switch to ${plan.to}: ${bad.name}: ${bad.measured}`,
      hint: 'what was there before lies in the safety snapshot of this run',
    });
  }
  await hooksAfter(run, 'after-verify');
  await moveGate(ground, 'open', plan.to);
}

/** Writes down where the application stands now, and tidies up. */
export async function settle(run: Run, record: StagedRecord): Promise<void> {
  await putInOrder(run, record);
  await hooksAfter(run, 'after-settle');
}

/**
 * The records, the parked values and the hidden folders; also where the target is in its place and not
 * sound. What was displaced lies in the safety snapshot, so its folder goes unless a late writer was there.
 */
export async function putInOrder(run: Run, record: StagedRecord): Promise<void> {
  const { ground, workspace } = run;
  writeSettlement(ground, record.settlement);
  const late = lateUnits(run, record);
  keepParked(run);
  writeReceipts(run, record);
  clearSiblings(ground, record, late);
  clearWork(ground.host.disk, workspace);
}

/** Those that were written to, and those that a program may yet write to: told, and kept. */
function lateUnits({ ground, states, findings }: Run, record: StagedRecord): readonly LateUnit[] {
  const changed = findLate(ground, record, states);
  const held = findHeld(ground, record);
  const isNew = ({ path }: LateUnit): boolean => !changed.some((each) => each.path === path);
  findings.late = [
    ...changed,
    ...held.filter(isNew).map(({ asset, unit, path }) => ({ asset, unit, path })),
  ];
  const warnings = held.map(
    ({ by, asset, unit, path }) =>
      `${by} still has the displaced ${asset}/${unit} open, and what it writes goes to ${path}: end it`,
  );
  findings.warnings = [...findings.warnings, ...warnings];
  return findings.late;
}

/** What keeps a receipt from being written keeps nothing else back: it is told. */
function writeReceipts(
  { ground, plan, states, workspace, findings }: Run,
  record: StagedRecord,
): void {
  const { departure } = record.settlement.book;
  if (plan.kind !== 'rollback' || departure?.run !== plan.run) return;
  const folder = join(workspace.work, 'receipts');
  const written = tryReceipts(ground, { departure, states, folder });
  findings.receipts = written.receipts;
  findings.warnings = [...findings.warnings, ...written.warnings];
}

/**
 * The parked values go to the run's record, one folder an asset and step, where a return finds them; durable when it
 * returns. May run twice: what was kept already may no longer be where it was made.
 */
function keepParked(run: Run): void {
  const { disk } = run.ground.host;
  const kept: string[] = [];
  for (const { name, parked } of run.findings.assets) {
    const folder = parkedFolderOf(run.ground, run.plan.run, name);
    for (const [unit, path] of parked) {
      const to = join(folder, unit);
      if (exists(disk, to) && !exists(disk, path)) continue;
      makeFolders(disk, dirname(to), 0o700);
      const fresh = `${to}.new`;
      if (exists(disk, fresh)) disk.removeFile(fresh);
      disk.copy(path, fresh);
      disk.rename(fresh, to);
      kept.push(to);
    }
  }
  syncBelow(disk, run.workspace.record, kept);
}

function stagedFile(workspace: Workspace): string {
  return join(workspace.record, 'staged.json');
}

/** What the run had staged before its first rename; null where it never came so far. */
export function readStaged(ground: Ground, workspace: Workspace): StagedRecord | null {
  return readRecord(ground.host, stagedFile(workspace), stagedRecord);
}
