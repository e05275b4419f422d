import { platformAuth, type PlatformConfiguration } from '../database/platforms.ts';
import { platformSettings } from '../settings/settings.ts';
import { flag, nullable, partial } from '../shape.ts';
import type { Application } from './application.ts';
import { Problem } from './problem.ts';
import { json } from './reply.ts';
import type { Call, Route } from './router.ts';

const change = partial({ isEnabled: flag, auth: nullable(platformAuth) });

/** The platforms that links may come from; passwords go in and never come out. */
export function platformRoutes(app: Application): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/platforms',
      access: 'user',
      handle: async () =>
        json(200, {
          platforms: await Promise.all(app.platforms.all().map((one) => platformView(app, one))),
        }),
    },
    {
      method: 'PUT',
      path: '/api/platforms/:platform',
      access: 'admin',
      handle: async (call) => json(200, await platformView(app, putPlatform(app, call))),
    },
  ];
}

async function platformView(
  app: Application,
  { platform, isEnabled, auth }: PlatformConfiguration,
): Promise<object> {
  const adapter = app.registry.byName(platform);
  const check =
    adapter === undefined
      ? { status: 'unavailable', detail: 'this release does not know the platform' }
      : await app.checks.check(adapter);
  const { endpoint } = platformSettings(app.settings, platform);
  return { platform, isEnabled, hasAuth: auth !== null, endpoint, check };
}

function putPlatform(app: Application, { params, body }: Call): PlatformConfiguration {
  const current = app.platforms.find(params['platform'] ?? '');
  if (current === null)
    throw new Problem(404, 'platform/unknown', { message: 'There is no such platform.' });
  const changed = { ...current, ...body(change) };
  app.platforms.put(changed);
  app.exportSoon();
  return changed;
}
