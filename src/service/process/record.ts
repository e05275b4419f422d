import { join } from 'node:path';
import { z } from 'zod';
import { isDiskError } from '../../host/disk-error.ts';
import type { Host } from '../../host/host.ts';
import type { ProcessIdentity } from '../../host/processes.ts';
import { claimPrivate, readPrivate, removeIfThere, writePrivate } from '../private-file.ts';

/**
 * What the supervisor leaves in the service's folder for everybody else: `run-<generation>.json`, who
 * supervises, what runs, how it went. The highest generation is the current one, and a supervisor
 * exists only by having made it, which one alone can: so there are never two, and a lock that a killed
 * one left behind needs no breaking, its identity is dead.
 */
export interface RunRecord {
  readonly format: 1;
  readonly generation: number;
  readonly supervisor: ProcessIdentity;
  /** Program and arguments of the child. */
  readonly argv: readonly string[];
  readonly state: RunState;
  readonly child: ProcessIdentity | null;
  /** How often the child ended by itself. */
  readonly exitCount: number;
  readonly lastExit: { readonly exitCode: number | null; readonly signal: string | null } | null;
  /** One line for a person. */
  readonly detail: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/**
 * starting: no child yet · running · waiting: crashed, is started again after a while · stopping: as asked.
 * The rest are final, nothing is started or signalled after them: stopped · ended: exited with 0 ·
 * down: crashed too often, or could not be started · masked: not started since a switch is under way.
 */
const runStates = [
  'starting',
  'running',
  'waiting',
  'stopping',
  'stopped',
  'ended',
  'down',
  'masked',
] as const;
export type RunState = (typeof runStates)[number];

const identity = z.object({
  pid: z.int().positive(),
  startTicks: z.number(),
  bootId: z.string(),
  pidNamespace: z.string(),
  machineId: z.string(),
});

const runRecord: z.ZodType<RunRecord> = z.object({
  format: z.literal(1),
  generation: z.int().positive(),
  supervisor: identity,
  argv: z.array(z.string()),
  state: z.enum(runStates),
  child: identity.nullable(),
  exitCount: z.int(),
  lastExit: z.object({ exitCode: z.int().nullable(), signal: z.string().nullable() }).nullable(),
  detail: z.string(),
  at: z.string(),
});

/** The newest record; null before the first start. A record that cannot be read counts as one whose supervisor is dead. */
export function latestRecord(host: Host, folder: string): RunRecord | null {
  const generation = generationsIn(host, folder).at(-1);
  if (generation === undefined) return null;
  const text = readPrivate(host.disk, recordPath(folder, generation));
  return text === null ? latestRecord(host, folder) : parseRecord(text);
}

/**
 * Takes the next generation; null where a living supervisor has the current one.
 * A crash leaves a record whose supervisor is dead.
 */
export function claimGeneration(
  host: Host,
  folder: string,
  first: Omit<RunRecord, 'generation' | 'format'>,
): RunRecord | null {
  for (;;) {
    const current = latestRecord(host, folder);
    if (current !== null && isSupervising(host, current)) return null;
    const generation = (generationsIn(host, folder).at(-1) ?? 0) + 1;
    const record: RunRecord = { format: 1, generation, ...first };
    if (claimPrivate(host, recordPath(folder, generation), JSON.stringify(record))) {
      removeOlder(host, folder, generation);
      return record;
    }
  }
}

/** True while its supervisor lives and may still act. */
export function isSupervising(host: Host, record: RunRecord): boolean {
  const isFinal = !['starting', 'running', 'waiting', 'stopping'].includes(record.state);
  return !isFinal && host.processes.isAlive(record.supervisor);
}

/** Only the supervisor of that generation calls this. */
export function writeRecord(host: Host, folder: string, record: RunRecord): void {
  writePrivate(host, recordPath(folder, record.generation), JSON.stringify(record));
}

function parseRecord(text: string): RunRecord | null {
  try {
    return runRecord.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function generationsIn(host: Host, folder: string): readonly number[] {
  try {
    return host.disk
      .list(folder)
      .map((name) => Number(/^run-(\d{9})\.json$/.exec(name)?.[1] ?? 0))
      .filter((generation) => generation > 0);
  } catch (error) {
    if (isDiskError(error, 'ENOENT')) return [];
    throw error;
  }
}

// The highest is never removed, so a generation is never given out twice.
function removeOlder(host: Host, folder: string, generation: number): void {
  for (const older of generationsIn(host, folder)) {
    if (older < generation) removeIfThere(host.disk, recordPath(folder, older));
  }
}

function recordPath(folder: string, generation: number): string {
  return join(folder, `run-${String(generation).padStart(9, '0')}.json`);
}
