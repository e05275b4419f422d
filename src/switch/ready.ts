import { BackstepError } from '../fault/backstep-error.ts';
import { allOf, commandProbe } from '../health/command-probe.ts';
import { httpProbe } from '../health/http-probe.ts';
import type { Probe } from '../health/outcome.ts';
import { awaitReady } from '../health/ready.ts';
import { fillInCommand, type PlaceholderValues } from '../manifest/placeholder.ts';
import { valuesOf, type Hook, type Manifest } from '../manifest/manifest.ts';
import type { Command } from '../form/command.ts';
import type { Command as ProbeCommand } from '../host/processes.ts';
import { beside, type SecludedProcess } from '../host/seclusion.ts';
import type { Ground } from './ground.ts';

const defaultReadyMs = 30_000;

/**
 * Lets the service run again, starts it and waits until it is ready. Does nothing where only a person
 * starts the application. Throws `switch/unsound` at once when it ends, else at the deadline.
 */
export async function startAndWait(ground: Ground, signal?: AbortSignal): Promise<void> {
  const { service, manifest, host } = ground;
  await service.unmask();
  if (!service.canStart) return;
  await service.start(signal);
  const { ready } = manifest.health;
  const verdict = await awaitReady(
    {
      probe: probeAt(ground, liveValues(ground)),
      deadlineMs: host.clock.monotonicMs() + (ready?.within ?? defaultReadyMs),
      everyMs: ready?.every,
      ended: () => service.death(),
      ...(signal === undefined ? {} : { signal }),
    },
    host.clock,
  );
  if (verdict.outcome === 'Successful') return;
  const said = verdict.ended?.lastLines.slice(-3).join(' · ') ?? '';
  throw new BackstepError('switch/unsound', {
    message: `the application is not ready: ${verdict.detail}${said === '' ? '' : ` (it said last: ${said})`}`,
    hint: 'its log says more; `backstep inspect` shows what lies where',
  });
}

/**
 * What the manifest declares about being ready: an address, a command, or both; null where it says nothing. `values`
 * tell where the application listens and lies; `inside` is the application, where it is secluded: it is asked there.
 */
export function probeAt(
  ground: Ground,
  values: PlaceholderValues,
  inside: SecludedProcess | null = null,
): Probe | null {
  const { host, manifest } = ground;
  const { http, command } = manifest.health.ready ?? {};
  const network = inside === null ? host.network : host.network.within(inside);
  const asked = http === undefined ? [] : [httpProbe(network, readyAddress(http, values['port']))];
  const run =
    command === undefined
      ? []
      : [
          commandProbe(
            host.processes,
            askingCommand(manifest, fillInCommand(command, values), inside),
          ),
        ];
  const [first, ...others] = [...asked, ...run];
  return first === undefined ? null : allOf([first, ...others], () => host.clock.monotonicMs());
}

function askingCommand(
  { folder }: Manifest,
  argv: ProbeCommand['argv'],
  inside: SecludedProcess | null,
): ProbeCommand {
  return { argv: inside === null ? argv : beside(inside, argv, folder), cwd: folder };
}

/** Where the application answers: a path is at its port on this machine. */
export function readyAddress(http: string, port: string | number = 80): URL {
  return new URL(http.startsWith('/') ? `http://127.0.0.1:${port}${http}` : http);
}

/** A command of the manifest with its placeholders filled in for the release that is in place. */
export function placeholderCommand(ground: Ground, command: Command): ProbeCommand {
  return { argv: fillInCommand(command, liveValues(ground)), cwd: ground.manifest.folder };
}

function liveValues({ manifest, node, releases }: Ground): PlaceholderValues {
  const release = releases.current();
  const folder = release === null ? manifest.releases.root : releases.folderOf(release);
  return valuesOf(manifest, { node, release: folder });
}

type HookPoint = keyof Manifest['hooks'];

/** What a hook is told, and what breaks it off. */
export interface HookCall {
  readonly point: HookPoint;
  /** The release that is meant. */
  readonly version: string;
  readonly signal?: AbortSignal;
}

/** Runs the operator's own commands at one point. Throws `switch/refused` for the first that fails. */
export async function runHooks(ground: Ground, call: HookCall): Promise<void> {
  for (const hook of ground.manifest.hooks[call.point] ?? []) await runHook(ground, hook, call);
}

async function runHook(
  ground: Ground,
  hook: Hook,
  { version, signal }: Pick<HookCall, 'version' | 'signal'>,
): Promise<void> {
  const { host, manifest, releases } = ground;
  const values = valuesOf(manifest, { node: ground.node, release: releases.folderOf(version) });
  const [program, ...rest] = fillInCommand(hook.run, values);
  const command = { argv: [program, ...rest], cwd: manifest.folder } as const;
  const limits = { limitMs: hook.timeout, ...(signal === undefined ? {} : { abort: signal }) };
  const finished = await host.processes.run(command, limits);
  if (finished.ended === 'by-itself' && finished.code === 0) return;
  const said = `${finished.stdout}\n${finished.stderr}`.trim().split('\n').at(-1) ?? '';
  const how = finished.ended === 'limit' ? `did not end within ${hook.timeout} ms` : 'refused';
  throw new BackstepError(finished.ended === 'aborted' ? 'interrupted' : 'switch/refused', {
    message: `the hook ${program} ${rest.join(' ')} ${how}: ${said}`,
    hint: 'mend what it complains about, or take the hook out of the manifest',
  });
}

/** Closes or opens the gate that holds users out, where the manifest has one. */
export async function moveGate(
  ground: Ground,
  act: 'close' | 'open',
  version: string,
): Promise<void> {
  const { gate } = ground.manifest;
  if (gate === null) return;
  await runHook(ground, { run: gate[act], timeout: gate.timeout }, { version });
}
