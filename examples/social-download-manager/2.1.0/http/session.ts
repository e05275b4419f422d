import { hashPassword, isPassword } from '../database/password.ts';
import { password, userName, type User } from '../database/users.ts';
import { releaseVersion } from '../settings/schema.ts';
import { record, text } from '../shape.ts';
import type { Application } from './application.ts';
import { LoginAttempts } from './attempts.ts';
import { noSessionCookie, sessionCookie, sessionToken } from './cookie.ts';
import { notices } from './notices.ts';
import { Problem } from './problem.ts';
import { empty, json, type Reply } from './reply.ts';
import type { Call, Route } from './router.ts';

const newAccount = record({ name: userName, password });
const anything = text({ min: 0, max: 1_000 });
const credentials = record({ name: anything, password: anything });

/** Who is signed in, and how one comes to be. */
export function sessionRoutes(app: Application): readonly Route[] {
  const attempts = new LoginAttempts();
  return [
    {
      method: 'GET',
      path: '/api/session',
      access: 'anyone',
      handle: ({ user }) => json(200, sessionOf(app, user)),
    },
    {
      method: 'POST',
      path: '/api/setup',
      access: 'anyone',
      handle: async ({ body }) => signedIn(app, { user: await setUp(app, body), status: 201 }),
    },
    {
      method: 'POST',
      path: '/api/login',
      access: 'anyone',
      handle: async ({ body }) =>
        signedIn(app, { user: await logIn(app, body, attempts), status: 200 }),
    },
    {
      method: 'POST',
      path: '/api/logout',
      access: 'user',
      handle({ request }) {
        app.sessions.remove(sessionToken(request) ?? '');
        return empty({ 'set-cookie': noSessionCookie });
      },
    },
  ];
}

function sessionOf(app: Application, user: User | null): object {
  const { ui, i18n, features } = app.settings.config.value;
  return {
    version: releaseVersion,
    needsSetup: app.users.isEmpty(),
    user: user === null ? null : userView(user),
    preferences: user === null ? null : app.preferences.of(user.id),
    appearance: { theme: ui.theme.mode, language: i18n.locale },
    features,
    notices: notices(app),
    announcements: app.announcements.current(),
  };
}

async function setUp(app: Application, body: Call['body']): Promise<User> {
  const account = body(newAccount);
  if (!app.users.isEmpty()) throw alreadySetUp();
  const user = app.users.addFirst(
    { name: account.name, passwordHash: await hashPassword(account.password) },
    app.settings.userDefaults.value,
  );
  if (user === null) throw alreadySetUp();
  app.exportSoon();
  return user;
}

async function logIn(app: Application, body: Call['body'], attempts: LoginAttempts): Promise<User> {
  const given = body(credentials);
  if (!attempts.begin(given.name))
    throw new Problem(429, 'login/too-many', {
      message: 'Too many wrong passwords for this name.',
      hint: 'Try again in a minute.',
    });
  const known = app.users.findForLogin(given.name);
  const isRight = await isPassword(given.password, known?.passwordHash ?? null);
  if (known === null || !isRight)
    throw new Problem(401, 'login/wrong', { message: 'The name or the password is wrong.' });
  attempts.succeeded(given.name);
  return known.user;
}

function signedIn(
  app: Application,
  { user, status }: { readonly user: User; readonly status: number },
): Reply {
  const hours = app.settings.config.value.application.sessionHours;
  const token = app.sessions.create(user, hours);
  const headers = { 'set-cookie': sessionCookie(token, hours) };
  return json(status, { user: userView(user) }, headers);
}

function alreadySetUp(): Problem {
  return new Problem(409, 'setup/done', {
    message: 'There is an account already.',
    hint: 'Sign in with it.',
  });
}

function userView({ id, name, role }: User): object {
  return { id, name, role };
}
