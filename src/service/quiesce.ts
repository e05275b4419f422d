import { BackstepError } from '../fault/backstep-error.ts';
import type { Host } from '../host/host.ts';
import type { OpenFiles } from '../host/processes.ts';
import { listed } from './process-table.ts';
import { filesThere, openReleased, type Released } from './released.ts';
import type { RunningProcess, Service } from './service.ts';

export interface QuiesceRequest {
  /** What a start in between is told. */
  readonly reason: string;
  /** Files of assets that nobody may hold open, with what SQLite keeps beside them (`-wal`, `-shm`). */
  readonly files: readonly string[];
  /** More files are shown to `released` afterwards. */
  readonly seesMore?: boolean;
  readonly signal?: AbortSignal;
}

export interface Quiesced {
  /** False if some processes of other users could not be looked into (only root can). */
  readonly isComplete: boolean;
  /** Who held which file open when it ended; for files that are looked at only afterwards. */
  readonly released: Released;
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
  return requireQuiet(service, host, request);
}

/**
 * Throws `service/still-running` where something else has started the service again, and `service/held` while another
 * process holds one of the files open. A moment later it may be otherwise.
 */
export async function requireQuiet(
  service: Service,
  host: Host,
  { files, seesMore }: Pick<QuiesceRequest, 'files' | 'seesMore'>,
): Promise<Quiesced> {
  const left = await service.processes();
  if (left.length > 0) throw startedAgain(left);
  const there = filesThere(host, files);
  const open = there.length > 0 || seesMore === true ? host.processes.openFiles() : nothingOpen;
  const released = openReleased(host, open);
  for (const { path, stat } of there) released.see(path, stat);
  released.require();
  return { isComplete: open.isComplete, released };
}

const nothingOpen: OpenFiles = { isComplete: true, holdersOf: () => [] };

function startedAgain(left: readonly RunningProcess[]): BackstepError {
  return new BackstepError('service/still-running', {
    message: `started again by something else while it was being stopped: ${listed(left)}`,
    hint: 'find what starts it (a timer, a watchdog, a person) and hold that back during the switch',
  });
}
