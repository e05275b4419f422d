import { BackstepError } from '../fault/backstep-error.ts';
import { httpProbe } from '../health/http-probe.ts';
import type { Probe } from '../health/outcome.ts';
import { awaitReady } from '../health/ready.ts';
import { fillInCommand } from '../manifest/placeholder.ts';
import { valuesOf, type Hook, type Manifest } from '../manifest/manifest.ts';
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
      probe: probeOf(ground),
      deadlineMs: host.clock.monotonicMs() + (ready?.within ?? defaultReadyMs),
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

function probeOf(ground: Ground): Probe | null {
  const { manifest, host } = ground;
  const { ready } = manifest.health;
  if (ready?.http === undefined) return null;
  const address = ready.http.startsWith('/')
    ? `http://127.0.0.1:${manifest.service.port ?? 80}${ready.http}`
    : ready.http;
  return httpProbe(host.network, new URL(address));
}

type HookPoint = keyof Manifest['hooks'];

/** Runs the operator's own commands at one point. Throws `switch/refused` for the first that fails. */
export async function runHooks(ground: Ground, point: HookPoint, release: string): Promise<void> {
  for (const hook of ground.manifest.hooks[point] ?? []) await runHook(ground, hook, release);
}

async function runHook(ground: Ground, hook: Hook, release: string): Promise<void> {
  const { host, manifest } = ground;
  const values = valuesOf(manifest, { node: ground.node, release });
  const [program, ...rest] = fillInCommand(hook.run, values);
  const command = { argv: [program, ...rest], cwd: manifest.folder } as const;
  const finished = await host.processes.run(command, { limitMs: hook.timeout });
  if (finished.ended === 'by-itself' && finished.code === 0) return;
  const said = `${finished.stdout}\n${finished.stderr}`.trim().split('\n').at(-1) ?? '';
  throw new BackstepError('switch/refused', {
    message: `the hook ${program} ${rest.join(' ')} refused: ${said}`,
    hint: 'mend what it complains about, or take the hook out of the manifest',
  });
}

/** Closes or opens the gate that holds users out, where the manifest has one. */
export async function moveGate(
  ground: Ground,
  act: 'close' | 'open',
  release: string,
): Promise<void> {
  const { gate } = ground.manifest;
  if (gate === null) return;
  await runHook(ground, { run: gate[act], timeout: gate.timeout }, release);
}
