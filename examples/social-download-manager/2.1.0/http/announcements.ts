import { announcementLevels } from '../database/announcements.ts';
import { nullable, oneOf, optional, record, ShapeError, text, type Parser } from '../shape.ts';
import type { Application } from './application.ts';
import { idOf } from './id.ts';
import { checkOperator } from './operator.ts';
import { Problem } from './problem.ts';
import { empty, json } from './reply.ts';
import type { Route } from './router.ts';

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
