import type { User } from '../database/users.ts';
import * as schema from '../settings/schema.ts';
import { integer, nullable, partial } from '../shape.ts';
import type { Application } from './application.ts';
import { insideFolder } from './folder.ts';
import { Problem } from './problem.ts';
import { json } from './reply.ts';
import type { Route, UserCall } from './router.ts';

const change = partial({
  theme: schema.theme,
  themeId: nullable(integer({ min: 1, max: Number.MAX_SAFE_INTEGER })),
  language: schema.language,
  downloadFolder: schema.folderName,
  quality: schema.quality,
  ui: partial(schema.listView),
});

/** A user's own preferences. */
export function preferenceRoutes(app: Application): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/preferences',
      access: 'user',
      handle: ({ user }) => json(200, app.preferences.of(user.id)),
    },
    {
      method: 'PUT',
      path: '/api/preferences',
      access: 'user',
      handle: (call) => json(200, putPreferences(app, call)),
    },
  ];
}

function putPreferences(app: Application, { user, body }: UserCall): object {
  const current = app.preferences.of(user.id);
  const changed = { ...current, ...body(change) };
  checkTheme(app, user, changed.themeId);
  app.preferences.put(user.id, {
    ...changed,
    ui: { ...current.ui, ...changed.ui },
    downloadFolder: insideFolder(changed.downloadFolder),
  });
  app.exportSoon();
  return app.preferences.of(user.id);
}

function checkTheme(app: Application, user: User, themeId: number | null): void {
  if (themeId === null || app.themes.of(user.id).some(({ id }) => id === themeId)) return;
  throw new Problem(400, 'theme/unknown', { message: 'There is no such theme.' });
}
