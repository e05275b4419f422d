import { announcementLevels } from '../database/announcements.ts';
import { nullable, oneOf, optional, record, ShapeError, text, type Parser } from '../shape.ts';
import type { Application } from './application.ts';
import { idOf } from './id.ts';
import { Problem } from './problem.ts';
import { empty, json } from './reply.ts';
import type { Call, Route } from './router.ts';

const time: Parser<string> = (value, at) => {
  const date = new Date(text({ min: 1, max: 50 })(value, at));
  if (Number.isNaN(date.getTime())) throw new ShapeError(`${at}: a time in ISO 8601 is expected`);
  return date.toISOString();
};

const newAnnouncement = record({
  message: text({ min: 1, max: 500 }),
  level: optional(oneOf(announcementLevels)),
  expiresAt: optional(nullable(time)),
});

/** Announcements, by an operator's tool (`Authorization: Bearer TOKEN`) or a signed-in administrator. */
export function announcementRoutes(app: Application): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/announcements',
      access: 'anyone',
      handle(call) {
        checkOperator(app, call);
        const { message, level = 'info', expiresAt = null } = call.body(newAnnouncement);
        return json(201, { announcement: app.announcements.add({ message, level, expiresAt }) });
      },
    },
    {
      method: 'DELETE',
      path: '/api/announcements/:id',
      access: 'anyone',
      handle(call) {
        checkOperator(app, call);
        if (app.announcements.remove(idOf(call))) return empty();
        throw new Problem(404, 'announcement/unknown', {
          message: 'There is no such announcement.',
        });
      },
    },
  ];
}

function checkOperator(app: Application, { request, user }: Call): void {
  const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const hint = 'Make a token with `node server.ts token add LABEL --data DIR`.';
  if (token !== undefined) {
    if (app.tokens.labelOf(token) !== null) return;
    throw new Problem(401, 'token/wrong', { message: 'There is no such API token.', hint });
  }
  if (user === null)
    throw new Problem(401, 'token/needed', { message: 'An API token is needed.', hint });
  if (user.role !== 'admin')
    throw new Problem(403, 'role/admin-needed', { message: 'Only an administrator may do this.' });
}
