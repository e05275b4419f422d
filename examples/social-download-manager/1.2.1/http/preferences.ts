import * as schema from '../settings/schema.ts';
import { partial } from '../shape.ts';
import type { Application } from './application.ts';
import { insideFolder } from './folder.ts';
import { json } from './reply.ts';
import type { Route, UserCall } from './router.ts';

const change = partial({
  theme: schema.theme,
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
  app.preferences.put(user.id, {
    ...changed,
    ui: { ...current.ui, ...changed.ui },
    downloadFolder: insideFolder(changed.downloadFolder),
  });
  app.exportSoon();
  return app.preferences.of(user.id);
}
