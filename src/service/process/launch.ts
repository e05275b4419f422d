import { extname, join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Host } from '../../host/host.ts';
import type { Child } from '../../host/processes.ts';
import { readPrivate, removeIfThere } from '../private-file.ts';
import type { ServiceSurroundings } from '../service.ts';
import { accountOf } from './account.ts';
import type { ProcessDefinition } from './definition.ts';
import { childEnvironment } from './environment.ts';
import { writeOrder, type LaunchOrder } from './launch-order.ts';
import { latestRecord, type RunRecord } from './record.ts';
import { markerVariable } from './tree.ts';

/** The supervisor, run by the Node that runs Backstep. */
export function supervisorCommand(folder: string, order: string): readonly [string, ...string[]] {
  const file = new URL(`./supervisor${extname(import.meta.url)}`, import.meta.url);
  return [execPath, fileURLToPath(file), folder, order];
}

/**
 * Starts a supervisor, detached, and waits until it has started its child; where one supervises already,
 * only waits for that one. Throws `service/not-started` with what is known of why.
 */
export async function launchSupervisor(
  definition: ProcessDefinition,
  surroundings: ServiceSurroundings,
  signal?: AbortSignal,
): Promise<void> {
  const { host, folder } = surroundings;
  const record = latestRecord(host, folder);
  if (record !== null && host.processes.isAlive(record.supervisor)) {
    return requireStarted(await outcomeOf(host, folder, { signal }));
  }
  const order = writeOrder(host, folder, await orderFor(definition, surroundings));
  const log = join(folder, 'supervisor.log');
  removeIfThere(host.disk, log);
  const child = await host.processes.spawn(
    {
      argv: supervisorCommand(folder, order),
      cwd: '/',
      env: { [markerVariable]: folder },
    },
    { detached: true, output: { appendTo: log } },
  );
  child.release();
  const after = record?.generation ?? 0;
  requireStarted(await outcomeOf(host, folder, { signal, launched: { child, after } }));
}

async function orderFor(
  definition: ProcessDefinition,
  surroundings: ServiceSurroundings,
): Promise<LaunchOrder> {
  const { user, run, env, cwd, stopTimeoutMs, restart, logBytes } = definition;
  const account = user === undefined ? null : await accountOf(surroundings.host, user);
  const own = { ...env, [markerVariable]: surroundings.folder };
  return {
    argv: run,
    env: childEnvironment(surroundings.environment, account, own),
    cwd,
    account: account === null ? null : { uid: account.uid, gid: account.gid },
    stopTimeoutMs,
    restart,
    logBytes,
  };
}

interface Wait {
  readonly signal: AbortSignal | undefined;
  /** The supervisor that was just started, and the generation that it must go beyond. */
  readonly launched?: { readonly child: Child; readonly after: number };
}

type StartOutcome =
  | { readonly kind: 'record'; readonly record: RunRecord }
  | { readonly kind: 'no-supervisor'; readonly said: string };

async function outcomeOf(host: Host, folder: string, wait: Wait): Promise<StartOutcome> {
  const { launched } = wait;
  const deadlineMs = host.clock.monotonicMs() + startWaitMs;
  for (;;) {
    const isOver = launched !== undefined && !host.processes.isAlive(launched.child.identity);
    const record = latestRecord(host, folder);
    const isNew = record !== null && record.generation > (launched?.after ?? 0);
    if (isNew && record.state !== 'starting') return { kind: 'record', record };
    const isStarting = isNew && host.processes.isAlive(record.supervisor);
    if ((isOver && !isStarting) || host.clock.monotonicMs() >= deadlineMs) {
      const said = readPrivate(host.disk, join(folder, 'supervisor.log')) ?? '';
      return { kind: 'no-supervisor', said: said.trim().slice(-saidCharacters) };
    }
    await host.clock.sleep(lookEveryMs, wait.signal);
  }
}

function requireStarted(outcome: StartOutcome): void {
  if (outcome.kind === 'no-supervisor') {
    throw new BackstepError('service/not-started', {
      message: `the supervisor ended before it started the service${outcome.said === '' ? '' : `: ${outcome.said}`}`,
      hint: 'look at what it says above; the state folder must be writable',
    });
  }
  const { record } = outcome;
  if (record.state === 'masked') {
    throw new BackstepError('service/masked', {
      message: `the service is held back: ${record.detail}`,
      hint: 'let that run finish, or see `backstep status` for how to resume or abort it',
    });
  }
  const neverRan = record.state === 'down' && record.exitCount === 0;
  if (!neverRan && record.state !== 'stopped') return;
  throw new BackstepError('service/not-started', {
    message: `the service was not started: ${record.detail}`,
    hint: 'correct `service.run` in the manifest, or what it names',
  });
}

const startWaitMs = 20_000;
const lookEveryMs = 20;
const saidCharacters = 2000;
