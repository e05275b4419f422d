import { BackstepError } from '../../fault/backstep-error.ts';
import type { Child, Exit } from '../../host/processes.ts';
import type { Host } from '../../host/host.ts';
import { pause } from '../pause.ts';
import type { LaunchOrder } from './launch-order.ts';
import { boundLog, logPath, markStart } from './log.ts';
import { maskReason } from './mask-file.ts';
import { claimGeneration, writeRecord, type RunRecord } from './record.ts';
import { restartVerdict } from './restart.ts';
import { killWaitMs, stopTree } from './stop-tree.ts';
import { applicationTree, entryName } from './tree.ts';

/** Where one supervisor works: its folder, its order, and the signal that asks it to stop. */
export interface Supervision {
  readonly folder: string;
  readonly order: LaunchOrder;
  readonly stop: AbortSignal;
}

/**
 * The life of one supervisor: starts the child, starts it again when it crashes, stops its whole tree
 * when asked, and writes down each change. Returns the last record; null if another one supervises.
 * Killed at any instant: the child runs on, and is found again by the record or by its marker.
 */
export async function supervise(host: Host, supervision: Supervision): Promise<RunRecord | null> {
  const { folder, order, stop } = supervision;
  const claimed = claimGeneration(host, folder, firstRecord(host, order));
  if (claimed === null) return null;
  let record: RunRecord = claimed;
  const note = (change: Partial<RunRecord>): RunRecord => {
    record = { ...record, ...change, at: timeOf(host) };
    writeRecord(host, folder, record);
    return record;
  };

  let crashCount = 0;
  for (;;) {
    if (stop.aborted) return note({ state: 'stopped', detail: 'stopped as asked' });
    const reason = maskReason(host, folder);
    if (reason !== null) return note({ state: 'masked', detail: reason });

    const startedMs = host.clock.monotonicMs();
    const launched = await launch(host, supervision, record.exitCount + 1);
    if ('fault' in launched) return note({ state: 'down', detail: launched.fault });
    note({ state: 'running', child: launched.identity, detail: '' });

    const exit = await watch(host, supervision, launched);
    if (exit === null) note({ state: 'stopping' });
    await stopAll(host, supervision, launched);
    if (exit === null) return note({ state: 'stopped', child: null, detail: 'stopped as asked' });

    const lastExit = { exitCode: exit.code, signal: exit.signal };
    const ranMs = host.clock.monotonicMs() - startedMs;
    const verdict = restartVerdict(order.restart, lastExit, { crashCount, ranMs });
    crashCount = verdict.crashCount;
    const ended = { child: null, lastExit, exitCount: record.exitCount + 1 };
    if (verdict.kind === 'stay-down') {
      const state = verdict.why === 'ended' ? 'ended' : 'down';
      return note({ ...ended, state, detail: describe(exit, crashCount) });
    }
    const detail = `${describe(exit, crashCount)}; starts again in ${verdict.waitMs} ms`;
    note({ ...ended, state: 'waiting', detail });
    await pause(host.clock, verdict.waitMs, stop);
  }
}

function firstRecord(host: Host, order: LaunchOrder): Omit<RunRecord, 'generation' | 'format'> {
  return {
    supervisor: host.processes.self(),
    argv: order.argv,
    state: 'starting',
    child: null,
    exitCount: 0,
    lastExit: null,
    detail: '',
    at: timeOf(host),
  };
}

/** A program that cannot be started now will not be by trying again: the reason is given, nothing is thrown. */
async function launch(
  host: Host,
  { folder, order }: Supervision,
  startCount: number,
): Promise<Child | { readonly fault: string }> {
  const { argv, env, cwd, account } = order;
  markStart(host, folder, startCount);
  try {
    return await host.processes.spawn(
      { argv, env, cwd, ...(account === null ? {} : { user: account }) },
      { detached: true, output: { appendTo: logPath(folder) } },
    );
  } catch (error) {
    if (!(error instanceof BackstepError)) throw error;
    return { fault: `${error.message}; ${error.hint}` };
  }
}

/** Keeps the log within its bound until the child ends (its exit) or the supervisor is asked to stop (null). */
async function watch(host: Host, supervision: Supervision, child: Child): Promise<Exit | null> {
  const { folder, order, stop } = supervision;
  const ended = new AbortController();
  let exit: Exit | null = null;
  const noteEnd = async () => {
    exit = await child.exited;
    ended.abort();
  };
  const over = noteEnd();
  const wake = AbortSignal.any([stop, ended.signal]);
  while (!wake.aborted) {
    boundLog(host, folder, order.logBytes);
    await pause(host.clock, logCheckMs, wake);
  }
  boundLog(host, folder, order.logBytes);
  if (ended.signal.aborted) await over;
  return exit;
}

/** Ends what there is of the application, with all that it left behind, but never this supervisor. */
async function stopAll(host: Host, { folder, order }: Supervision, child: Child): Promise<void> {
  const self = host.processes.self();
  const own = `${self.pid}/${self.startTicks}`;
  const look = (known: ReadonlySet<string>) =>
    applicationTree(host, { folder, child: child.identity }, known).filter(
      (entry) => entryName(entry) !== own,
    );
  await stopTree(host, look, { stopTimeoutMs: order.stopTimeoutMs, killWaitMs });
}

function describe(exit: Exit, crashCount: number): string {
  const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  if (exit.code === 0) return `ended by itself with ${how}`;
  return `crashed with ${how}, ${crashCount} in a row`;
}

function timeOf(host: Host): string {
  return new Date(host.clock.now()).toISOString();
}

const logCheckMs = 500;
