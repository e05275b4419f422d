import { join } from 'node:path/posix';
import { BackstepError } from '../../fault/backstep-error.ts';
import { removeTree } from '../../host/whole-file.ts';
import { secluded, type Seclusion } from '../../host/seclusion.ts';
import type { Probe } from '../../health/outcome.ts';
import { awaitReady } from '../../health/ready.ts';
import { fillIn, fillInCommand, type PlaceholderValues } from '../../manifest/placeholder.ts';
import { valuesOf, type Migrate } from '../../manifest/manifest.ts';
import { openService, type ServiceDefinition } from '../../service/kinds.ts';
import type { Service } from '../../service/service.ts';
import type { Ground } from '../ground.ts';
import { exists } from '../moves.ts';
import { probeAt } from '../ready.ts';
import { seclusionFor } from './seclusion.ts';

/** A release that is started on a copy of the state, which it migrates by that. */
export interface CandidateWork {
  /** Its folder. */
  readonly release: string;
  /** The folders of the copy, by the names of the manifest's `paths`. */
  readonly paths: Readonly<Record<string, string>>;
  /** Awaited between two looks: where it throws, the release is stopped and the migration ends with that. */
  readonly pause: () => Promise<void>;
  /** Told where it cannot be cut off from the network and the live files. */
  readonly warn: (message: string) => void;
}

/** A migration by starting the release. */
export type StartMigration = Extract<Migrate, { readonly start: unknown }>;

/**
 * Starts a release on a copy of the state, secluded where that can be had, at a free port that nobody knows, waits until it
 * is healthy, and stops it with all its processes. Throws `switch/migration` where it ends before or is not healthy in time.
 * Crash: it goes on running until the next command that changes state (`endCandidate`); it has the copy alone.
 */
export async function runCandidate(
  ground: Ground,
  migrate: StartMigration,
  work: CandidateWork,
): Promise<void> {
  const port = await ground.host.network.freePort();
  const values = valuesOf(ground.manifest, { node: ground.node, port, ...work });
  const copies = Object.values(work.paths);
  const seclusion = await seclusionFor(ground, { wish: migrate.seclude, copies, warn: work.warn });
  const start = fillInCommand(migrate.start, values);
  const argv = seclusion === null ? start : secluded(seclusion, start);
  const candidate = openCandidate(ground, { argv, env: environmentOf(ground, values) });
  try {
    await candidate.start();
    await untilHealthy(ground, candidate, { migrate, values, seclusion, pause: work.pause });
  } finally {
    await endCandidate(ground);
  }
}

/** Stops what a command that was killed has left of a candidate. The caller holds the lock. May run twice. */
export async function endCandidate(ground: Ground): Promise<void> {
  const folder = folderOf(ground);
  if (!exists(ground.host.disk, folder)) return;
  await openCandidate(ground, { argv: ['true'], env: {} }).stop();
  removeTree(ground.host.disk, folder);
}

interface Waiting {
  readonly migrate: StartMigration;
  readonly values: PlaceholderValues;
  readonly seclusion: Seclusion | null;
  readonly pause: () => Promise<void>;
}

async function untilHealthy(
  ground: Ground,
  candidate: Service,
  { migrate, values, seclusion, pause }: Waiting,
): Promise<void> {
  const { clock } = ground.host;
  const verdict = await awaitReady(
    {
      probe: await probeOf(ground, candidate, { values, seclusion }),
      deadlineMs: clock.monotonicMs() + migrate.timeout,
      everyMs: ground.manifest.health.ready?.every,
      ended: async () => {
        await pause();
        return candidate.death();
      },
    },
    clock,
  );
  if (verdict.outcome === 'Successful') return;
  const lines = verdict.ended?.lastLines ?? (await candidate.lastLines(shownLines));
  const said = lines.slice(-shownLines).join(' · ');
  throw new BackstepError('switch/migration', {
    message: `the release that was started on the staged copy did not become healthy: ${verdict.detail}${said === '' ? '' : ` (it said last: ${said})`}`,
    hint: `the application goes on as before; mend the release, or give it more time (\`migrate.timeout\`), and try again${seclusion === null ? '' : cutOff}`,
  });
}

/** Asked where it is; one that has ended already is told by its end. */
async function probeOf(
  ground: Ground,
  candidate: Service,
  { values, seclusion }: Pick<Waiting, 'values' | 'seclusion'>,
): Promise<Probe | null> {
  if (seclusion === null) return probeAt(ground, values);
  const { mainPid: pid } = await candidate.status();
  return pid === null ? null : probeAt(ground, values, { ...seclusion, pid });
}

/** As Backstep's own account, under its supervisor: that records whom it started, and finds all that descends from it. */
function openCandidate(
  ground: Ground,
  {
    argv,
    env,
  }: Pick<Extract<ServiceDefinition, { manager: 'process' }>, 'env'> & {
    readonly argv: readonly [string, ...string[]];
  },
): Service {
  const { host, manifest, serviceDefinition, environment } = ground;
  const stopTimeoutMs =
    'stopTimeoutMs' in serviceDefinition ? serviceDefinition.stopTimeoutMs : defaultStopMs;
  const cwd = serviceDefinition.manager === 'process' ? serviceDefinition.cwd : manifest.folder;
  const once = { limit: 1, firstWaitMs: 1000, longestWaitMs: 1000, soundAfterMs: 60_000 };
  return openService(
    {
      manager: 'process',
      run: [...argv],
      env,
      cwd,
      stopTimeoutMs,
      restart: once,
      logBytes,
    },
    {
      host,
      folder: folderOf(ground),
      releaseFolders: [manifest.releases.root],
      environment,
    },
  );
}

/** The variables of the service, with the places of the copy. */
function environmentOf({ manifest }: Ground, values: PlaceholderValues): Record<string, string> {
  if (manifest.service.manager !== 'process') return {};
  const filled = Object.entries(manifest.service.env).map(([name, text]) => [
    name,
    fillIn(text, values),
  ]);
  return Object.fromEntries(filled);
}

function folderOf({ folders }: Ground): string {
  return join(folders.root, 'candidate');
}

const cutOff =
  '; it was cut off from the network and the live files: one that needs them to become healthy, or is to be reached from elsewhere, takes `migrate: { seclude: off }`';
const shownLines = 4;
const defaultStopMs = 30_000;
const logBytes = 1 << 20;
