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
    theme: value.ui.theme.mode,
    language: value.i18n.locale,
    downloadFolder: value.downloads.folder,
    quality: value.downloads.quality,
    maxConcurrentDownloads: value.downloads.maxConcurrent,
    sessionHours: value.application.sessionHours,
  };
}

function putSettings(app: Application, body: Call['body']): object {
  const given = body(change);
  if (given.downloadFolder !== undefined) checkFolder(app, given.downloadFolder);
  const settings = { ...settingsView(app), ...given };
  app.settings.config.change({
    application: { sessionHours: settings.sessionHours },
    ui: { theme: { mode: settings.theme } },
    i18n: { locale: settings.language },
    downloads: {
      folder: settings.downloadFolder,
      quality: settings.quality,
      maxConcurrent: settings.maxConcurrentDownloads,
    },
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
