import { BackstepError } from '../fault/backstep-error.ts';
import type { Host } from '../host/host.ts';
import type { HolderReport } from '../host/processes.ts';
import { listed, shown } from './process-table.ts';
import type { RunningProcess, Service } from './service.ts';

export interface QuiesceRequest {
  /** What a start in between is told. */
  readonly reason: string;
  /** Files of assets that nobody may hold open, with what SQLite keeps beside them (`-wal`, `-shm`). */
  readonly files: readonly string[];
  readonly signal?: AbortSignal;
}

export interface Quiesced {
  /** False if some processes of other users could not be looked into (only root can). */
  readonly isComplete: boolean;
}

/**
 * Masks, then stops, in this order so that nothing starts the application in between; over only when its
 * whole process tree is gone and nobody holds one of the files open.
 * Throws `service/running`, `service/still-running`, or `service/held` with pid, command and file; the
 * service is then still masked, and may be stopped: the caller unmasks and starts it again.
 */
export async function quiesce(
  service: Service,
  host: Host,
  request: QuiesceRequest,
): Promise<Quiesced> {
  await service.mask(request.reason);
  await service.stop(request.signal);
  return requireQuiet(service, host, request.files);
}

/**
 * Throws `service/still-running` where something else has started the service again, and `service/held` while another
 * process holds one of the files open. A moment later it may be otherwise.
 */
export async function requireQuiet(
  service: Service,
  host: Host,
  files: readonly string[],
): Promise<Quiesced> {
  const left = await service.processes();
  if (left.length > 0) throw startedAgain(left);
  const { holders, isComplete } = holdersOf(host, files);
  if (holders.length === 0) return { isComplete };
  const byProgram = Map.groupBy(holders, (holder) => listed([shown(host, holder)]));
  const named = [...byProgram].map(
    ([program, held]) => `${program} holds ${held.map(({ path }) => path).join(', ')}`,
  );
  throw new BackstepError('service/held', {
    message: `still open: ${named.join('; ')}`,
    hint: 'close that program, then run the command again',
  });
}

/** Other processes that hold one of the files open. */
export function holdersOf(host: Host, files: readonly string[]): HolderReport {
  const { holders, isComplete } = host.processes.holders(files);
  const { pid: self } = host.processes.self();
  return { holders: holders.filter(({ pid }) => pid !== self), isComplete };
}

function startedAgain(left: readonly RunningProcess[]): BackstepError {
  return new BackstepError('service/still-running', {
    message: `started again by something else while it was being stopped: ${listed(left)}`,
    hint: 'find what starts it (a timer, a watchdog, a person) and hold that back during the switch',
  });
}
