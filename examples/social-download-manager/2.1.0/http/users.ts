import { hashPassword } from '../database/password.ts';
import { password, roles, userName } from '../database/users.ts';
import { oneOf, record } from '../shape.ts';
import type { Application } from './application.ts';
import { Problem } from './problem.ts';
import { json, type Reply } from './reply.ts';
import type { Call, Route } from './router.ts';

const newUser = record({ name: userName, password, role: oneOf(roles) });

/** The accounts, for administrators. */
export function userRoutes(app: Application): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/users',
      access: 'admin',
      handle: () => json(200, { users: app.users.all() }),
    },
    {
      method: 'POST',
      path: '/api/users',
      access: 'admin',
      handle: ({ body }) => addUser(app, body),
    },
  ];
}

async function addUser(app: Application, body: Call['body']): Promise<Reply> {
  const { name, password: secret, role } = body(newUser);
  const user = app.users.add(
    { name, role, passwordHash: await hashPassword(secret) },
    app.settings.userDefaults.value,
  );
  if (user === null)
    throw new Problem(409, 'user/taken', { message: `There is a user named ${name} already.` });
  app.exportSoon();
  return json(201, { user });
}
