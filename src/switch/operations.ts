import { BackstepError } from '../fault/backstep-error.ts';
import { acquireLock } from '../store/lock.ts';
import { makeFolders } from '../host/whole-file.ts';
import { stateAsOf } from './as-of.ts';
import { pairsBackTo, readBook, readPair, type Book, type Departure, type Pair } from './book.ts';
import type { DecisionsByAsset } from './decided.ts';
import type { Kinds, RunOptions } from './ending.ts';
import { beginRun, runSwitch } from './execute.ts';
import type { Ground } from './ground.ts';
import { makePlan, readPlan, type SwitchPlan } from './plan.ts';
import { interruptedRuns, resumeRun } from './recover.ts';
import { noFindings, type RunReport } from './report.ts';
import { stageProgress, type Run } from './run.ts';
import { prepareReturn, stageReturn } from './stage-return.ts';
import { prepareRollback, stageRollback } from './stage-rollback.ts';
import { stageUpgrade } from './stage-upgrade.ts';

export interface UpgradeRequest {
  readonly to: string;
  readonly reason: string;
  readonly decisions: DecisionsByAsset;
  readonly takesProvenMaps: boolean;
  readonly policy: 'undo' | 'hold';
  /** Upgrades to a release that is on hold. */
  readonly ignoresHold: boolean;
}

export interface RollbackRequest {
  /** Null: to the release before the running one. */
  readonly to: string | null;
  readonly reason: string;
  readonly decisions: DecisionsByAsset;
  readonly only: readonly string[] | null;
  /** A snapshot, or a time (ISO 8601): the state then is taken for the state now. */
  readonly asOf: string | null;
  readonly policy: 'undo' | 'hold';
}

export interface ReturnRequest {
  readonly reason: string;
  /** Goes forward although the release is on hold, and lifts the hold. */
  readonly releasesHold: boolean;
  readonly policy: 'undo' | 'hold';
}

/** Migrates a copy, records the pair and switches to a newer release. */
export async function upgrade(
  ground: Ground,
  request: UpgradeRequest,
  options: RunOptions,
): Promise<RunReport> {
  const from = newerRelease(bookNow(ground), request);
  const plan = makePlan(ground, {
    kind: 'upgrade',
    from,
    to: request.to,
    reason: request.reason,
    policy: request.policy,
    takesProvenMaps: request.takesProvenMaps,
    starts: await isWanted(ground),
  });
  return runSwitch(ground, plan, { kinds: kindsOf(ground, request.decisions), options });
}

/** The release that an upgrade leaves. Throws `switch/no-release`, `switch/refused`, `switch/held`. */
export function newerRelease(
  book: Book,
  { to, ignoresHold }: Pick<UpgradeRequest, 'to' | 'ignoresHold'>,
): string {
  const from = book.release;
  if (from === null) throw noRunningRelease();
  if (from === to) throw alreadyRunning(to);
  if (!ignoresHold) refuseHeld(book, to);
  return from;
}

/** Goes back to an older release, with what users did since. */
export async function rollback(
  ground: Ground,
  request: RollbackRequest,
  options: RunOptions,
): Promise<RunReport> {
  const { pairs, newest, oldest } = wayBack(ground, request.to);
  refuseSplit(ground, request.only);
  const plan = makePlan(ground, {
    kind: 'rollback',
    from: newest.to,
    to: oldest.from,
    reason: request.reason,
    pairs: pairs.map(({ id }) => id),
    only: request.only,
    asOf: request.asOf === null ? null : stateAsOf(ground, newest, request.asOf),
    policy: request.policy,
    holds: request.only === null,
    starts: await isWanted(ground),
  });
  return runSwitch(ground, plan, { kinds: kindsOf(ground, request.decisions), options });
}

/** Goes forward again to the release that the last rollback left; what was parked comes back. */
export async function goForward(
  ground: Ground,
  request: ReturnRequest,
  options: RunOptions,
): Promise<RunReport> {
  const book = bookNow(ground);
  const departure = departureOf(book);
  if (!request.releasesHold) refuseHeld(book, departure.from);
  const plan = makePlan(ground, {
    kind: 'return',
    from: departure.to,
    to: departure.from,
    reason: request.reason,
    policy: request.policy,
    starts: await isWanted(ground),
  });
  return runSwitch(ground, plan, { kinds: kindsOf(ground, {}), options });
}

/** The rollback that a return takes back. Throws `switch/no-pair`. */
export function departureOf({ departure, release }: Book): Departure {
  if (departure !== null && departure.to === release) return departure;
  throw new BackstepError('switch/no-pair', {
    message: 'no rollback is on record that could be taken back',
    hint: 'go to a newer release with `backstep upgrade --to VERSION`',
  });
}

/** Finishes or undoes every interrupted run, oldest first. */
export async function resumeAll(ground: Ground, options: RunOptions): Promise<RunReport[]> {
  const reports: RunReport[] = [];
  const kinds = kindsOf(ground, {});
  for (const name of interruptedRuns(ground)) {
    const plan = readPlan(ground, name);
    if (plan === null) continue;
    const run = beginRun(ground, plan, { kinds, options, findings: noFindings() });
    reports.push(await resumeRun(run, { kinds, options }));
  }
  return reports;
}

export interface LockWishes {
  readonly purpose: string;
  readonly waitMs: number;
}

/** Does one thing that changes state: alone, and after what was interrupted has come to its end. */
export async function exclusively<T>(
  ground: Ground,
  wishes: LockWishes,
  work: () => Promise<T>,
): Promise<T> {
  makeFolders(ground.host.disk, ground.folders.lock, 0o700);
  const lock = await acquireLock(ground.host, ground.folders.lock, wishes);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** What is on record, with the running release as it is found where nothing is recorded yet. */
export function bookNow(ground: Ground): Book {
  const book = readBook(ground.host, ground.folders);
  return book.release === null ? { ...book, release: ground.releases.current() } : book;
}

/** An application that a person stopped stays stopped; one that crashed is wanted. */
async function isWanted(ground: Ground): Promise<boolean> {
  const { state } = await ground.service.status();
  return state !== 'stopped';
}

function kindsOf(ground: Ground, decisions: DecisionsByAsset): Kinds {
  const kinds: Kinds = {
    prepareOf: (plan) => prepareOf(ground, plan),
    stageOf: (plan) => stageOf(ground, plan, decisions),
    undo: async (plan, options) => undo(ground, plan, { kinds, options }),
  };
  return kinds;
}

function prepareOf(ground: Ground, plan: SwitchPlan): Run['prepare'] {
  return ({ states }) => {
    if (plan.kind === 'rollback') {
      const pairs = plan.pairs.map((id) => readPair(ground.host, ground.folders, id));
      prepareRollback(ground, states, pairs);
    }
    const { departure } = bookNow(ground);
    if (plan.kind === 'return' && departure !== null) prepareReturn(ground, states, departure);
  };
}

function stageOf(ground: Ground, plan: SwitchPlan, decisions: DecisionsByAsset): Run['stage'] {
  return async (run, now) => {
    const { workspace, states } = run;
    const onProgress = stageProgress(run);
    const book = bookNow(ground);
    switch (plan.kind) {
      case 'upgrade':
        return stageUpgrade(ground, workspace, {
          book,
          states,
          from: plan.from,
          to: plan.to,
          before: now,
          decisions,
          takesProvenMaps: plan.takesProvenMaps,
          decide: run.decide,
          onProgress,
        });
      case 'rollback':
        return stageRollback(ground, workspace, {
          book,
          states,
          pairs: plan.pairs.map((id) => readPair(ground.host, ground.folders, id)),
          now: plan.asOf ?? now,
          decisions,
          only: plan.only,
          readsLive: plan.asOf === null,
          isTrial: false,
          hold: plan.holds ? { reason: plan.reason } : null,
          onProgress,
        });
      case 'return': {
        if (book.departure === null) throw new Error('a return without a departure');
        const { departure } = book;
        return stageReturn(ground, workspace, { book, states, departure, now, onProgress });
      }
    }
  };
}

/** The opposite switch of one that did not come out sound; it is not itself undone. */
async function undo(
  ground: Ground,
  plan: SwitchPlan,
  parts: { readonly kinds: Kinds; readonly options: RunOptions },
): Promise<RunReport | null> {
  const book = bookNow(ground);
  const reason = `undo of ${plan.run}`;
  const common = {
    from: plan.to,
    to: plan.from,
    reason,
    policy: 'hold' as const,
    starts: plan.starts,
  };
  if (plan.kind === 'rollback') {
    if (book.departure === null) return null;
    const back = makePlan(ground, { ...common, kind: 'return', undoes: plan.run });
    return runSwitch(ground, back, parts);
  }
  const pairs = pairsBackTo(ground.host, ground.folders, plan.from).map(({ id }) => id);
  const back = makePlan(ground, {
    ...common,
    kind: 'rollback',
    pairs,
    holds: true,
    undoes: plan.run,
  });
  return runSwitch(ground, back, parts);
}

function refuseHeld(book: Book, version: string): void {
  const hold = book.holds.find(({ release }) => release === version);
  if (hold === undefined) return;
  throw new BackstepError('switch/held', {
    message: `release ${version} is on hold since ${hold.at}: ${hold.reason}`,
    hint: 'when it is sound again: `backstep return --release-hold`, or `backstep upgrade --release-hold`',
  });
}

/** The pairs to go through, newest first. Throws `switch/no-pair`. */
export function wayBack(
  ground: Ground,
  to: string | null,
): { readonly pairs: readonly Pair[]; readonly newest: Pair; readonly oldest: Pair } {
  const pairs = pairsBackTo(ground.host, ground.folders, to);
  const [newest, oldest] = [pairs[0], pairs.at(-1)];
  if (newest !== undefined && oldest !== undefined) return { pairs, newest, oldest };
  throw new BackstepError('switch/no-pair', {
    message: 'no upgrade is on record, so there is nothing to roll back to',
    hint: 'only upgrades made with `backstep upgrade` are on record',
  });
}

/** Assets declared `together` are rolled back together or not at all. */
function refuseSplit(ground: Ground, only: readonly string[] | null): void {
  if (only === null) return;
  const { assets } = ground.manifest;
  for (const name of only) {
    const asset = assets[name];
    if (asset === undefined) {
      throw new BackstepError('switch/refused', {
        message: `--only ${name}: the manifest has no asset of this name`,
        hint: `it has: ${Object.keys(assets).join(', ')}`,
      });
    }
    const partners = Object.values(assets)
      .filter((other) => other.together.includes(name) || asset.together.includes(other.name))
      .map((other) => other.name);
    const missing = partners.find((partner) => !only.includes(partner));
    if (missing === undefined) continue;
    throw new BackstepError('switch/refused', {
      message: `--only ${name} would split it from ${missing}, and the manifest declares them together`,
      hint: `name both: --only ${name} --only ${missing}`,
    });
  }
}

function noRunningRelease(): BackstepError {
  return new BackstepError('switch/no-release', {
    message: 'which release is running is not on record, and none is in its place',
    hint: 'add it with `backstep release add VERSION FOLDER`; the first one that is added is taken for the running one',
  });
}

function alreadyRunning(version: string): BackstepError {
  return new BackstepError('switch/refused', {
    message: `release ${version} is running already`,
    hint: 'see `backstep status`',
  });
}
