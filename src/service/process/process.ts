import { BackstepError } from '../../fault/backstep-error.ts';
import type { ProcessEntry } from '../../host/processes.ts';
import { ensurePrivateFolder } from '../private-file.ts';
import { listed, shown } from '../process-table.ts';
import type {
  Death,
  Service,
  ServiceKind,
  ServiceStatus,
  ServiceSurroundings,
} from '../service.ts';
import { processSchema, type ProcessDefinition } from './definition.ts';
import { launchSupervisor, supervisorCommand } from './launch.ts';
import { lastLines } from './log.ts';
import { maskReason, removeMask, writeMask } from './mask-file.ts';
import { isSupervising, latestRecord, type RunRecord } from './record.ts';
import { killWaitMs, stopTree } from './stop-tree.ts';
import { applicationTree } from './tree.ts';

/** Backstep's own supervisor, for applications that have no service manager. Reasons: docs/decisions/007-own-supervisor.md. */
export const processKind: ServiceKind<ProcessDefinition> = {
  schema: processSchema,
  files: () => [],
  commands: (definition) => [
    { act: 'start', argv: supervisorCommand('FOLDER', 'ORDER') },
    { act: 'run', argv: definition.run },
  ],
  open: (definition, surroundings) => openProcess(definition, surroundings),
};

function openProcess(definition: ProcessDefinition, surroundings: ServiceSurroundings): Service {
  const { host, folder } = surroundings;
  return {
    canStart: true,
    status: async () => statusOf(surroundings),
    mask: async (reason) => writeMask(host, folder, reason),
    unmask: async () => removeMask(host, folder),
    start: async (signal) => {
      refuseMasked(surroundings);
      ensurePrivateFolder(host.disk, folder);
      if (!isSupervised(surroundings)) {
        await stopService(definition, surroundings, signal);
        await refuseTakenPort(definition, surroundings);
      }
      await launchSupervisor(definition, surroundings, signal);
    },
    stop: (signal) => stopService(definition, surroundings, signal),
    processes: async () => treeOf(surroundings).map((entry) => shown(host, entry)),
    death: () => deathOf(surroundings),
    lastLines: async (count) => lastLines(host, folder, count),
  };
}

function treeOf({ host, folder }: ServiceSurroundings): readonly ProcessEntry[] {
  return applicationTree(host, { folder, child: latestRecord(host, folder)?.child ?? null });
}

function isSupervised({ host, folder }: ServiceSurroundings): boolean {
  const record = latestRecord(host, folder);
  return record !== null && isSupervising(host, record);
}

function refuseMasked({ host, folder }: ServiceSurroundings): void {
  const reason = maskReason(host, folder);
  if (reason === null) return;
  throw new BackstepError('service/masked', {
    message: `the service is held back: ${reason}`,
    hint: 'let that run finish, or see `backstep status` for how to resume or abort it',
  });
}

/** The application could not listen there, and whoever does would answer for it. */
async function refuseTakenPort(
  { port }: ProcessDefinition,
  { host }: ServiceSurroundings,
): Promise<void> {
  if (port === undefined) return;
  const reach = await host.network.reach({ host: '127.0.0.1', port }, reachMs);
  if (reach !== 'open') return;
  throw new BackstepError('service/port-taken', {
    message: `another program answers at port ${port}, where this service is to listen`,
    hint: `end that program (\`ss -ltnp\` names it), then run the command again`,
  });
}

/** First the supervisor is asked, which stops its child in order; then whatever is left without one. */
async function stopService(
  definition: ProcessDefinition,
  surroundings: ServiceSurroundings,
  signal?: AbortSignal,
): Promise<void> {
  const { host, folder } = surroundings;
  if (treeOf(surroundings).length === 0 && !isSupervised(surroundings)) return;
  refuseFromInside(surroundings);
  // Taken once: the supervisor that stops clears the child from its record.
  const child = latestRecord(host, folder)?.child ?? null;
  await endSupervisor(definition, surroundings, signal);
  const look = (known: ReadonlySet<string>) => applicationTree(host, { folder, child }, known);
  const limits = { stopTimeoutMs: definition.stopTimeoutMs, killWaitMs };
  const left = await stopTree(host, look, limits);
  if (left.length === 0) return;
  const names = listed(left.map((entry) => shown(host, entry)));
  throw new BackstepError('service/still-running', {
    message: `these processes of the service do not end, not even by SIGKILL: ${names}`,
    hint: 'they hang in the kernel, most often on a disk or a network file system: look at those first',
  });
}

async function endSupervisor(
  definition: ProcessDefinition,
  { host, folder }: ServiceSurroundings,
  signal?: AbortSignal,
): Promise<void> {
  const supervisor = latestRecord(host, folder)?.supervisor;
  if (supervisor === undefined || !host.processes.signal(supervisor, 'SIGTERM')) return;
  host.processes.signal(supervisor, 'SIGCONT');
  const waitMs = definition.stopTimeoutMs + killWaitMs + supervisorGraceMs;
  const deadlineMs = host.clock.monotonicMs() + waitMs;
  // One that does not end in time is left to `stopTree`: it bears the marker as well.
  while (host.processes.isAlive(supervisor) && host.clock.monotonicMs() < deadlineMs) {
    await host.clock.sleep(lookEveryMs, signal);
  }
}

/** A command that the application itself started would end with it, half done. */
function refuseFromInside(surroundings: ServiceSurroundings): void {
  const self = surroundings.host.processes.self();
  const isInside = treeOf(surroundings).some((entry) => entry.pid === self.pid);
  if (!isInside) return;
  throw new BackstepError('service/inside', {
    message: `this command (pid ${self.pid}) runs inside the service that it would stop`,
    hint: 'run it from a terminal, a timer or another service',
  });
}

function statusOf(surroundings: ServiceSurroundings): ServiceStatus {
  const { host, folder } = surroundings;
  const record = latestRecord(host, folder);
  const reason = maskReason(host, folder);
  const common = {
    isMasked: reason !== null,
    restartCount: record?.exitCount ?? 0,
    mainPid: null,
    detail: reason ?? record?.detail ?? '',
  };
  if (record?.child && host.processes.isAlive(record.child)) {
    const orphan = 'its supervisor is gone: it would not be started again after a crash';
    const detail = isSupervised(surroundings) ? common.detail : orphan;
    return { ...common, state: 'running', mainPid: record.child.pid, detail };
  }
  const left = treeOf(surroundings);
  const main = left.find((entry) => entry.pid !== record?.supervisor.pid);
  if (isSupervised(surroundings)) return { ...common, state: 'waiting' };
  if (main !== undefined) return { ...common, state: 'running', mainPid: main.pid };
  return { ...common, state: record !== null && isDown(record) ? 'down' : 'stopped' };
}

function isDown(record: RunRecord): boolean {
  return record.state !== 'stopped' && record.state !== 'masked';
}

/**
 * What its supervisor wrote of its end. A child that is gone may not be in the record yet: so long as it may be
 * written, it is waited for, since the record alone knows the exit code.
 */
async function deathOf(surroundings: ServiceSurroundings): Promise<Death | null> {
  const { host, folder } = surroundings;
  const deadlineMs = host.clock.monotonicMs() + recordWaitMs;
  let record = latestRecord(host, folder);
  while (isGone(surroundings, record) && host.clock.monotonicMs() < deadlineMs) {
    await host.clock.sleep(lookEveryMs);
    record = latestRecord(host, folder);
  }
  if (record === null || record.state === 'stopped') return null;
  const isEnded = record.exitCount > 0 || record.state === 'down';
  const isLost = !isSupervised(surroundings) && treeOf(surroundings).length === 0;
  if (!isEnded && !isLost && !isGone(surroundings, record)) return null;
  return {
    exitCode: record.lastExit?.exitCode ?? null,
    signal: record.lastExit?.signal ?? null,
    detail: isEnded ? record.detail : 'ended, and its supervisor did not say how',
    lastLines: lastLines(host, folder, shownLineCount),
  };
}

/** True where the record says that the child runs, and it does not. */
function isGone({ host }: ServiceSurroundings, record: RunRecord | null): boolean {
  if (record === null || record.state !== 'running' || record.child === null) return false;
  return !host.processes.isAlive(record.child);
}

const reachMs = 2000;
const shownLineCount = 20;
const supervisorGraceMs = 2000;
/** A supervisor notes an end within milliseconds; one that is stopped or gone never does. */
const recordWaitMs = 1000;
const lookEveryMs = 40;
