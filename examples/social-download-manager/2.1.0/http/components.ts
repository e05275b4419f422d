import { componentState } from '../database/components.ts';
import { layout } from '../database/layout.ts';
import type { User } from '../database/users.ts';
import { record } from '../shape.ts';
import type { Application } from './application.ts';
import { Problem } from './problem.ts';
import { json } from './reply.ts';
import type { Route, UserCall } from './router.ts';

const newLayout = record({ layout });
const newState = record({ state: componentState });

/** What the page is made of: a user's order, what is shown, and what each component has kept. */
export function componentRoutes(app: Application): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/components',
      access: 'user',
      handle: ({ user }) => json(200, componentsOf(app, user)),
    },
    {
      method: 'PUT',
      path: '/api/components/layout',
      access: 'user',
      handle: (call) => json(200, putLayout(app, call)),
    },
    {
      method: 'PUT',
      path: '/api/components/:id/state',
      access: 'user',
      handle: (call) => json(200, putState(app, call)),
    },
  ];
}

function componentsOf(app: Application, user: User): object {
  const states = app.components.statesOf(user.id);
  const components = app.components.arranged(app.preferences.layoutOf(user.id));
  return {
    components: components.map(({ id, kind, title, isVisible }) => ({
      id,
      kind,
      title,
      visible: isVisible,
      state: states.get(id) ?? null,
    })),
  };
}

function putLayout(app: Application, { user, body }: UserCall): object {
  const arranged = body(newLayout).layout;
  for (const { id } of arranged) checkComponent(app, id);
  if (new Set(arranged.map(({ id }) => id)).size < arranged.length)
    throw new Problem(400, 'component/twice', { message: 'A component stands there twice.' });
  app.preferences.putLayout(user.id, arranged);
  app.exportSoon();
  return componentsOf(app, user);
}

function putState(app: Application, { user, body, params }: UserCall): object {
  const id = params['id'] ?? '';
  checkComponent(app, id);
  const { state } = body(newState);
  app.components.putState(user.id, id, state);
  return { id, state };
}

function checkComponent(app: Application, id: string): void {
  if (app.components.onPage().some((component) => component.id === id)) return;
  throw new Problem(404, 'component/unknown', { message: `There is no component named ${id}.` });
}
