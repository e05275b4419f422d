import { themeColors, type Theme } from '../database/themes.ts';
import { partial, record, text } from '../shape.ts';
import type { Application } from './application.ts';
import { idOf } from './id.ts';
import { Problem } from './problem.ts';
import { empty, json, type Reply } from './reply.ts';
import type { Route, UserCall } from './router.ts';

const themeName = text({ min: 1, max: 50 });
const newTheme = record({ name: themeName, colors: themeColors });
const change = partial({ name: themeName, colors: themeColors });
const themesLimit = 100;

/** The themes that everybody has, and those that users make for themselves. */
export function themeRoutes(app: Application): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/themes',
      access: 'user',
      handle: ({ user }) => json(200, { themes: app.themes.of(user.id).map(themeView) }),
    },
    { method: 'POST', path: '/api/themes', access: 'user', handle: (call) => add(app, call) },
    { method: 'PUT', path: '/api/themes/:id', access: 'user', handle: (call) => put(app, call) },
    {
      method: 'DELETE',
      path: '/api/themes/:id',
      access: 'user',
      handle: (call) => remove(app, call),
    },
  ];
}

function themeView({ id, userId, name, colors }: Theme): object {
  return { id, name, colors, isOwn: userId !== null };
}

function add(app: Application, { user, body }: UserCall): Reply {
  checkFeature(app);
  const { name, colors } = body(newTheme);
  if (app.themes.of(user.id).length >= themesLimit)
    throw new Problem(409, 'theme/too-many', {
      message: `There are ${themesLimit} themes already.`,
      hint: 'Delete one that you do not use.',
    });
  const theme = app.themes.add({ userId: user.id, name, colors });
  if (theme === null) throw taken(name);
  app.exportSoon();
  return json(201, { theme: themeView(theme) });
}

function put(app: Application, call: UserCall): Reply {
  checkFeature(app);
  const theme = { ...ownTheme(app, call), ...call.body(change) };
  if (!app.themes.put(theme)) throw taken(theme.name);
  app.exportSoon();
  return json(200, { theme: themeView(theme) });
}

function remove(app: Application, call: UserCall): Reply {
  const { id } = ownTheme(app, call);
  app.database.transaction(() => {
    app.preferences.forgetTheme(id);
    app.themes.remove(id);
  });
  app.exportSoon();
  return empty();
}

function ownTheme(app: Application, call: UserCall): Theme {
  const theme = app.themes.of(call.user.id).find(({ id }) => id === idOf(call));
  if (theme === undefined)
    throw new Problem(404, 'theme/unknown', { message: 'There is no such theme.' });
  if (theme.userId === null)
    throw new Problem(403, 'theme/shared', {
      message: 'This theme is everybody’s and cannot be changed.',
      hint: 'Make one of your own with its colours.',
    });
  return theme;
}

function checkFeature({ settings }: Application): void {
  if (settings.config.value.features.customThemes) return;
  throw new Problem(403, 'feature/off', {
    message: 'Themes of one’s own are switched off in config.json.',
  });
}

function taken(name: string): Problem {
  return new Problem(409, 'theme/taken', { message: `You have a theme named ${name} already.` });
}
