import type { Application } from './application.ts';
import { json } from './reply.ts';
import type { Route } from './router.ts';

/** An hour of samples, as the settings are by default. */
const latestSamples = 60;

/** How the server has been doing: the latest samples of each figure, oldest first. */
export function performanceRoutes(app: Application): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/performance',
      access: 'user',
      handle: () =>
        json(200, {
          sampleSeconds: app.settings.performance.value.sampleSeconds,
          metrics: app.performance.latest(latestSamples),
        }),
    },
  ];
}
