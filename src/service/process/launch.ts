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
import { isSupervising, latestRecord, type RunRecord } from './record.ts';
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
  const after = await untilUnsupervised(definition, surroundings, signal);
  if (after === 'running') return;
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
  requireStarted(await outcomeOf(host, folder, { child, after, signal }));
}

/** `running` if another supervisor has it, or gets it, running; else the generation to go beyond. */
async function untilUnsupervised(
  definition: ProcessDefinition,
  { host, folder }: ServiceSurroundings,
  signal?: AbortSignal,
): Promise<'running' | number> {
  const deadlineMs = host.clock.monotonicMs() + startWaitMs + definition.stopTimeoutMs;
  for (;;) {
    const record = latestRecord(host, folder);
    if (record === null || !isSupervising(host, record)) return record?.generation ?? 0;
    if (record.state === 'running' || record.state === 'waiting') return 'running';
    if (host.clock.monotonicMs() >= deadlineMs) {
      throw new BackstepError('service/not-started', {
        message: `another supervisor (pid ${record.supervisor.pid}) is ${record.state} for too long`,
        hint: 'stop the service, then start it again',
      });
    }
    await host.clock.sleep(lookEveryMs, signal);
  }
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
  /** The supervisor that was just started, and the generation that it must go beyond. */
  readonly child: Child;
  readonly after: number;
  readonly signal: AbortSignal | undefined;
}

type StartOutcome =
  | { readonly kind: 'record'; readonly record: RunRecord }
  | { readonly kind: 'no-supervisor'; readonly said: string };

async function outcomeOf(host: Host, folder: string, wait: Wait): Promise<StartOutcome> {
  const deadlineMs = host.clock.monotonicMs() + startWaitMs;
  for (;;) {
    const isOver = !host.processes.isAlive(wait.child.identity);
    const record = latestRecord(host, folder);
    const isNew = record !== null && record.generation > wait.after;
    if (isNew && record.state !== 'starting') return { kind: 'record', record };
    // Another one may have come first: then that one is waited for.
    const isStarting = isNew && isSupervising(host, record);
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
