import { announcementRoutes } from './announcements.ts';
import type { Application } from './application.ts';
import { componentRoutes } from './components.ts';
import { downloadRoutes } from './downloads.ts';
import { faultRoutes } from './faults.ts';
import { fileRoutes } from './file.ts';
import { healthRoutes } from './health.ts';
import { metricsRoutes } from './metrics.ts';
import { performanceRoutes } from './performance.ts';
import { platformRoutes } from './platforms.ts';
import { preferenceRoutes } from './preferences.ts';
import { progressRoutes } from './progress.ts';
import type { Route } from './router.ts';
import { sessionRoutes } from './session.ts';
import { settingsRoutes } from './settings.ts';
import { staticRoutes } from './static.ts';
import { themeRoutes } from './themes.ts';
import { userRoutes } from './users.ts';

/** All that the server answers. */
export function allRoutes(app: Application): readonly Route[] {
  return [
    ...sessionRoutes(app),
    ...downloadRoutes(app),
    ...progressRoutes(app),
    ...fileRoutes(app),
    ...componentRoutes(app),
    ...themeRoutes(app),
    ...performanceRoutes(app),
    ...preferenceRoutes(app),
    ...settingsRoutes(app),
    ...platformRoutes(app),
    ...userRoutes(app),
    ...announcementRoutes(app),
    ...healthRoutes(app),
    ...metricsRoutes(app),
    ...faultRoutes(app),
    ...staticRoutes(),
  ];
}
