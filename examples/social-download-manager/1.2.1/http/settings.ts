import * as schema from '../settings/schema.ts';
import { partial, text, type Parsed } from '../shape.ts';
import type { Application } from './application.ts';
import { folderCheck } from './folder.ts';
import { Problem } from './problem.ts';
import { json } from './reply.ts';
import type { Call, Route } from './router.ts';

const change = partial({
  theme: schema.theme,
  language: schema.language,
  downloadFolder: text({ min: 1, max: 1_000 }),
  quality: schema.quality,
  maxConcurrentDownloads: schema.maxConcurrentDownloads,
  sessionHours: schema.sessionHours,
});

/** The application's settings (`config.json`), for administrators. */
export function settingsRoutes(app: Application): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/settings',
      access: 'admin',
      handle: () => json(200, settingsView(app)),
    },
    {
      method: 'PUT',
      path: '/api/settings',
      access: 'admin',
      handle: ({ body }) => json(200, putSettings(app, body)),
    },
  ];
}

function settingsView(app: Application): Required<Parsed<typeof change>> {
  const { value } = app.settings.config;
  return {
    theme: value.theme,
    language: value.language,
    downloadFolder: value.download_folder,
    quality: value.quality,
    maxConcurrentDownloads: value.max_concurrent_downloads,
    sessionHours: value.session_hours,
  };
}

function putSettings(app: Application, body: Call['body']): object {
  const given = body(change);
  if (given.downloadFolder !== undefined) checkFolder(app, given.downloadFolder);
  const settings = { ...settingsView(app), ...given };
  app.settings.config.change({
    theme: settings.theme,
    language: settings.language,
    download_folder: settings.downloadFolder,
    quality: settings.quality,
    max_concurrent_downloads: settings.maxConcurrentDownloads,
    session_hours: settings.sessionHours,
  });
  return settingsView(app);
}

function checkFolder(app: Application, folder: string): void {
  const check = folderCheck(app.data.path(folder));
  if (check.status === 'failing')
    throw new Problem(400, 'folder/missing', {
      message: `The folder ${folder} ${check.detail}.`,
      hint: 'Make it, let this server write to it, and try again.',
    });
}
