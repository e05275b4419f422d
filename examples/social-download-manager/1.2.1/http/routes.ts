import { announcementRoutes } from './announcements.ts';
import type { Application } from './application.ts';
import { downloadRoutes } from './downloads.ts';
import { fileRoutes } from './file.ts';
import { healthRoutes } from './health.ts';
import { metricsRoutes } from './metrics.ts';
import { platformRoutes } from './platforms.ts';
import { preferenceRoutes } from './preferences.ts';
import type { Route } from './router.ts';
import { sessionRoutes } from './session.ts';
import { settingsRoutes } from './settings.ts';
import { staticRoutes } from './static.ts';
import { userRoutes } from './users.ts';

/** All that the server answers. */
export function allRoutes(app: Application): readonly Route[] {
  return [
    ...sessionRoutes(app),
    ...downloadRoutes(app),
    ...fileRoutes(app),
    ...preferenceRoutes(app),
    ...settingsRoutes(app),
    ...platformRoutes(app),
    ...userRoutes(app),
    ...announcementRoutes(app),
    ...healthRoutes(app),
    ...metricsRoutes(app),
    ...staticRoutes(),
  ];
}
