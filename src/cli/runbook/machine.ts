import { join } from 'node:path/posix';
import { removeTree } from '../../host/whole-file.ts';
import type { MachineAct } from '../../incident/runbook/procedure.ts';
import { serviceKinds, type ServiceDefinition } from '../../service/kinds.ts';
import type { ServiceKind } from '../../service/service.ts';
import { Database } from '../../sqlite/database.ts';
import type { SnapshotHeader } from '../../store/manifest.ts';
import { stateAssets, type Ground } from '../../switch/ground.ts';
import { bookNow, resumeAll, rollback } from '../../switch/operations.ts';
import { startAndWait } from '../../switch/ready.ts';
import { captureState } from '../../switch/stage/states.ts';
import { tryRollback, type Trial } from '../../switch/trial/trial.ts';
import { alone } from '../alone.ts';
import type { Call } from '../context.ts';
import { duration } from '../output.ts';
import { runOptions } from '../running.ts';
import { notSo } from './not-so.ts';
import type { OpenRunbook } from './runbook.ts';
import { carried, ofKinds, reconciled, reportOfSwitch, safetySnapshot } from './switch-evidence.ts';

/** One act of the machine, within one procedure. */
export interface MachineScene {
  readonly call: Call;
  readonly ground: Ground;
  readonly runbook: OpenRunbook;
}

/**
 * Does what an item of the procedure asks for, or looks whether it is so. Returns the evidence, one line; throws
 * BackstepError where it is not so.
 */
export async function doMachineAct(act: MachineAct, scene: MachineScene): Promise<string> {
  return acts[act](scene);
}

type Act = (scene: MachineScene) => string | Promise<string>;

const acts: Readonly<Record<MachineAct, Act>> = {
  reason: ({ runbook }) => runbook.progress.reason,
  extent: async (scene) => extentOf(await trialOf(scene), scene.ground),
  class: async (scene) => classOf(await trialOf(scene)),
  stopped: stopService,
  snapshot: takeSnapshot,
  'snapshot-sound': checkSnapshot,
  'snapshot-place': (scene) => {
    const { id, createdNs } = snapshotOf(scene);
    const path = join(scene.ground.folders.store, 'snapshots', `${id}.txt`);
    return `${path}, taken ${new Date(Number(createdNs / 1_000_000n)).toISOString()}`;
  },
  'snapshot-restored': restoreSnapshot,
  'install-folder': ({ ground }) => {
    const { root, layout } = ground.manifest.releases;
    return `${root} (${layout}); ${ground.releases.current() ?? 'nothing'} is in its place`;
  },
  switch: doSwitch,
  'release-whole': ({ ground }) => {
    const release = releaseNow(ground);
    const [difference] = ground.releases.differences(release);
    if (difference !== undefined) throw notSo(`release ${release} is not whole: ${difference}`);
    return `every file of ${release} has the hash with which it was added`;
  },
  documents: ({ ground }) => ofKinds(ground, ['json'], 'documents'),
  'other-assets': ({ ground }) => ofKinds(ground, ['files', 'command'], 'files and commands'),
  'service-files': ({ ground }) => ofKinds(ground, ['service'], 'files of the service'),
  'service-commands': ({ ground }) => commandsOf(ground.manifest.service),
  'service-restart': restartService,
  'safety-snapshot': ({ ground }) => safetySnapshot(ground),
  carried: ({ ground }) => carried(reportOfSwitch(ground)),
  reconciled: ({ ground }) => reconciled(reportOfSwitch(ground)),
  'databases-merged': ({ ground }) => ofKinds(ground, ['sqlite'], 'databases'),
  integrity: checkAssets,
  'database-path': ({ ground }) =>
    databasesOf(ground)
      .map(({ path }) => path)
      .join(', ') || 'there is no database',
  'database-read': ({ ground }) => readDatabases(ground),
};

function trialOf({ call, ground }: MachineScene): Promise<Trial> {
  const options = { signal: call.signal, onProgress: () => undefined, warn: () => undefined };
  const request = { to: null, asOf: null, decisions: {} };
  return alone(call, ground, {
    purpose: 'runbook: plan',
    work: () => tryRollback(ground, request, options),
  });
}

function extentOf({ from, to, assets }: Trial, ground: Ground): string {
  const parts = Object.entries(assets).flatMap(([name, { carried: count, merged }]) => {
    const changes = count.inserted + count.updated + count.deleted;
    return merged ? [`${name}: ${changes} changes since the upgrade`] : [];
  });
  const people = Object.keys(ground.manifest.stakeholders).join(', ');
  const concerned = people === '' ? '' : `; concerned: ${people}`;
  return `${from} → ${to}: ${parts.join(', ') || 'no data is concerned'}${concerned}`;
}

function classOf({ class: complexity, objective, oneWay, estimate }: Trial): string {
  const expected =
    estimate === null
      ? 'no earlier run to estimate from'
      : `about ${duration(estimate.downtimeMs)} of downtime, by ${estimate.runs} earlier runs`;
  const way = oneWay ? ', ONE WAY' : '';
  return `${complexity}${way}; ${expected}; at most ${duration(objective.maxDowntimeMs)} wished`;
}

async function stopService({ call, ground }: MachineScene): Promise<string> {
  await alone(call, ground, {
    purpose: 'runbook: stop',
    work: () => ground.service.stop(call.signal),
  });
  const left = await ground.service.processes();
  if (left.length > 0) throw notSo(`still there: ${left.map(({ command }) => command).join(', ')}`);
  return 'none of its processes is left';
}

const labelOf = (id: string): string => `runbook ${id}`;

async function takeSnapshot({ call, ground, runbook }: MachineScene): Promise<string> {
  const id = await alone(call, ground, {
    purpose: 'runbook: snapshot',
    work: async () => {
      const { state } = await ground.service.status();
      const options = { label: labelOf(runbook.id), isQuiet: state === 'stopped' };
      return captureState(ground, ground.assets, options);
    },
  });
  ground.store.pin({ id, by: runbook.id });
  const files = ground.store
    .read(id)
    .listing.entries()
    .filter(({ kind }) => kind === 'file');
  return `snapshot ${id}: ${files.length} files of ${ground.assets.length} assets`;
}

function snapshotOf({ ground, runbook }: MachineScene): SnapshotHeader {
  const found = ground.store.list().findLast(({ label }) => label === labelOf(runbook.id));
  if (found !== undefined) return found;
  throw notSo('no snapshot was taken in this procedure yet (5.1.P1-9)');
}

function checkSnapshot(scene: MachineScene): string {
  const { id } = snapshotOf(scene);
  const { isSound, objectCount, sizeBytes, findings } = scene.ground.store.check(id);
  if (!isSound) throw notSo(`snapshot ${id}: ${findings.length} objects are damaged or missing`);
  return `${objectCount} objects, ${sizeBytes} bytes, each with the hash of its name`;
}

function restoreSnapshot(scene: MachineScene): string {
  const { ground, runbook } = scene;
  const { id } = snapshotOf(scene);
  const target = join(ground.folders.root, `trial-${runbook.id}`);
  try {
    const { fileCount, sizeBytes } = ground.store.restore(id, target, { subtree: 'assets' });
    return `${fileCount} files, ${sizeBytes} bytes restored beside the live state, and removed again`;
  } finally {
    removeTree(ground.host.disk, target);
  }
}

async function doSwitch({ call, ground, runbook }: MachineScene): Promise<string> {
  const report = await alone(call, ground, {
    purpose: 'runbook: rollback',
    work: async () => {
      const options = runOptions(call);
      await resumeAll(ground, options);
      const { reason } = runbook.progress;
      const choices = { to: null, decisions: {}, only: null, asOf: null, policy: 'hold' } as const;
      return rollback(ground, { ...choices, reason }, options);
    },
  });
  if (report.result === 'rolled-back') {
    return `${report.run}: ${report.from} → ${report.to}, downtime ${duration(report.downtimeMs ?? 0)}`;
  }
  throw notSo(
    `${report.run} ended as ${report.result}: ${report.fault?.message ?? 'see its report'}`,
  );
}

function releaseNow(ground: Ground): string {
  const { release } = bookNow(ground);
  if (release === null) throw notSo('which release is in its place is not on record');
  return release;
}

function commandsOf(service: ServiceDefinition): string {
  const kind: ServiceKind<ServiceDefinition> = serviceKinds[service.manager];
  const shown = kind.commands(service).map(({ act, argv }) => `${act}: ${argv.join(' ')}`);
  return shown.join('; ') || 'people start it themselves: there are none';
}

async function restartService({ call, ground }: MachineScene): Promise<string> {
  const { clock } = ground.host;
  const startedMs = clock.monotonicMs();
  await alone(call, ground, {
    purpose: 'runbook: restart',
    work: async () => {
      await ground.service.stop(call.signal);
      await startAndWait(ground, call.signal);
    },
  });
  if (!ground.service.canStart) return 'people start it themselves; it does not run';
  const { state, detail } = await ground.service.status();
  if (state !== 'running') throw notSo(`it is ${state}: ${detail}`);
  return `stopped, started and ready in ${duration(clock.monotonicMs() - startedMs)}`;
}

async function checkAssets({ ground }: MachineScene): Promise<string> {
  const checks = [];
  for (const asset of stateAssets(ground)) checks.push(...(await asset.check(asset.live())));
  const bad = checks.filter(({ status }) => status === 'error');
  if (bad.length > 0) {
    throw notSo(bad.map(({ name, measured }) => `${name}: ${measured}`).join('; '));
  }
  return `${checks.length} checks of ${stateAssets(ground).length} assets, none failed`;
}

function databasesOf({
  manifest,
}: Ground): readonly { readonly name: string; readonly path: string }[] {
  return Object.values(manifest.assets).flatMap((asset) =>
    asset.kind === 'sqlite' ? [{ name: asset.name, path: asset.path }] : [],
  );
}

function readDatabases(ground: Ground): string {
  const { clock } = ground.host;
  const shown = databasesOf(ground).map(({ name, path }) => {
    const startedMs = clock.monotonicMs();
    using db = Database.open(path, { readOnly: true });
    const tables = db.all(`SELECT name FROM sqlite_schema WHERE type = 'table'`).length;
    return `${name}: ${tables} tables, opened and read in ${duration(clock.monotonicMs() - startedMs)}`;
  });
  return shown.join(', ') || 'there is no database';
}
