import { damagedFiles } from '../settings/settings.ts';
import { releaseVersion } from '../settings/schema.ts';
import type { Application } from './application.ts';
import { folderCheck, type Check } from './folder.ts';
import { json } from './reply.ts';
import type { Route } from './router.ts';
import type { PlatformCheck } from '../platforms/platform.ts';

interface Health {
  readonly status: Check['status'];
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly checks: Readonly<Record<string, object>>;
}

type Timed<T> = T & { readonly ms: number };
type PlatformHealth = PlatformCheck | { readonly status: 'disabled'; readonly detail: string };

/** Whether the server can do its work; 503 when it cannot. Open to everybody who reaches the port. */
export function healthRoutes(app: Application): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      access: 'anyone',
      async handle() {
        const health = await healthOf(app);
        return json(health.status === 'failing' ? 503 : 200, health);
      },
    },
  ];
}

async function healthOf(app: Application): Promise<Health> {
  const database = await timed(() => databaseCheck(app));
  const folder = await timed(() => folderCheck(app.downloadFolder()));
  const settings = await timed(() => settingsCheck(app));
  const platforms = database.status === 'ok' ? await platformHealth(app) : {};
  const essential = [database.status, folder.status];
  const all = [
    ...essential,
    settings.status,
    ...Object.values(platforms).map(({ status }) => status),
  ];
  const isWell = all.every((status) => status === 'ok' || status === 'disabled');
  return {
    status: essential.includes('failing') ? 'failing' : isWell ? 'ok' : 'degraded',
    version: releaseVersion,
    uptimeSeconds: Math.floor(process.uptime()),
    checks: { database, folder, platforms, settings },
  };
}

/** Reads what every page needs, and takes the right to write and gives it back. */
function databaseCheck({ database, users, history }: Application): Check {
  try {
    users.all();
    history.newest();
    database.transaction(() => undefined);
    return { status: 'ok', detail: 'reads and writes' };
  } catch (error) {
    return {
      status: 'failing',
      detail: error instanceof Error ? error.message : 'does not answer',
    };
  }
}

function settingsCheck({ settings }: Application): Check {
  const damaged = damagedFiles(settings).map(({ file, keptAs }) => `${file} is kept as ${keptAs}`);
  return damaged.length === 0
    ? { status: 'ok', detail: 'all files were read' }
    : { status: 'degraded', detail: `damaged: ${damaged.join(', ')}` };
}

async function platformHealth(
  app: Application,
): Promise<Readonly<Record<string, Timed<PlatformHealth>>>> {
  const checks = app.registry.all.map(async (platform) => {
    const isEnabled = app.platforms.find(platform.name)?.isEnabled === true;
    const check = (): PlatformHealth | Promise<PlatformHealth> =>
      isEnabled ? app.checks.check(platform) : { status: 'disabled', detail: 'switched off' };
    return [platform.name, await timed(check)] as const;
  });
  return Object.fromEntries(await Promise.all(checks));
}

async function timed<T extends object>(check: () => T | Promise<T>): Promise<Timed<T>> {
  const startedAt = performance.now();
  const result = await check();
  return { ...result, ms: Math.round(performance.now() - startedAt) };
}
