import type { IncomingMessage } from 'node:http';
import type { User } from '../database/users.ts';
import type { Parser } from '../shape.ts';
import type { Application } from './application.ts';
import { readJsonBody } from './body.ts';
import { sessionToken } from './cookie.ts';
import { parseRequest, Problem } from './problem.ts';
import type { Reply } from './reply.ts';
import type { Match, Route } from './router.ts';

interface Incoming {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  readonly match: Match;
}

/** Makes the checks that all routes share and lets the route answer. Throws `Problem` and whatever the route throws. */
export async function dispatch(
  { request, match, query }: Incoming,
  app: Application,
): Promise<Reply> {
  if (match.kind !== 'route') throw notFound(match);
  const { route, params } = match;
  if (route.method !== 'GET') checkChange(request);
  const token = sessionToken(request);
  const user = token === null ? null : app.sessions.userOf(token);
  checkAccess(route, user);
  const content = route.method === 'GET' ? {} : await readJsonBody(request);
  const body = <T>(parser: Parser<T>): T => parseRequest(parser, content);
  if (route.access === 'anyone') return route.handle({ request, query, params, user, body });
  if (user === null) throw notSignedIn();
  return route.handle({ request, query, params, user, body });
}

/**
 * Changing requests come from our own page or from a program: a foreign page can neither send JSON
 * without asking first, nor hide its origin.
 */
function checkChange({ headers }: IncomingMessage): void {
  const [mediaType = ''] = (headers['content-type'] ?? '').split(';');
  if (mediaType.trim().toLowerCase() !== 'application/json')
    throw new Problem(415, 'request/not-json', {
      message: 'A changing request must be JSON.',
      hint: 'Send the header content-type: application/json.',
    });
  const { origin, host } = headers;
  if (origin !== undefined && URL.parse(origin)?.host !== host)
    throw new Problem(403, 'request/foreign', {
      message: `A page of ${origin} may not change anything here.`,
    });
}

function checkAccess({ access }: Route, user: User | null): void {
  if (access === 'anyone') return;
  if (user === null) throw notSignedIn();
  if (access === 'admin' && user.role !== 'admin')
    throw new Problem(403, 'role/admin-needed', { message: 'Only an administrator may do this.' });
}

function notSignedIn(): Problem {
  return new Problem(401, 'login/needed', { message: 'You are not signed in.' });
}

function notFound(match: Exclude<Match, { kind: 'route' }>): Problem {
  return match.kind === 'method'
    ? new Problem(405, 'request/method', {
        message: `This address answers ${match.allowed.join(', ')} only.`,
      })
    : new Problem(404, 'request/not-found', { message: 'There is nothing at this address.' });
}
