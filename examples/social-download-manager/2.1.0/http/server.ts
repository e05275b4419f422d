import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { errorFields } from '../log.ts';
import type { Application } from './application.ts';
import { dispatch } from './dispatch.ts';
import { failureReply } from './failure.ts';
import { send } from './reply.ts';
import { Router, type Match, type Route } from './router.ts';

const headersTimeoutMs = 10_000;
const requestTimeoutMs = 30_000;
const maxConnections = 1_000;

/** The HTTP server over these routes; the caller listens and closes. */
export function createHttpServer(app: Application, routes: readonly Route[]): Server {
  const router = new Router(routes);
  const limits = { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs };
  const server = createServer(limits, (request, response) => {
    answer({ request, response, router }, app).catch((error: unknown) => {
      // The answer has begun: cut it off, so that nobody takes it for whole.
      app.log.error('answer-failed', errorFields(error));
      response.destroy();
    });
  });
  server.maxConnections = maxConnections;
  return server;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly router: Router;
}

async function answer({ request, response, router }: Exchange, app: Application): Promise<void> {
  const startedAt = performance.now();
  const fault = app.faults.request();
  const method = request.method ?? 'GET';
  const url = URL.parse(`http://localhost${request.url ?? '/'}`);
  const match: Match = url === null ? { kind: 'none' } : router.find(method, url.pathname);
  const query = url?.searchParams ?? new URLSearchParams();
  const reply = await dispatch({ request, match, query }, app).catch((error: unknown) =>
    failureReply(error, app.log),
  );
  await fault.beforeAnswer(performance.now() - startedAt);
  await send(response, reply, { withBody: method !== 'HEAD' });
  const seconds = (performance.now() - startedAt) / 1_000;
  const labels = { route: routeName(match), method, status: String(reply.status) };
  app.metrics.requestEnded(labels, seconds);
  const isRead = method === 'GET' || method === 'HEAD';
  app.log[isRead ? 'debug' : 'info']('request', {
    ...labels,
    status: reply.status,
    ms: Math.round(seconds * 1_000),
  });
  fault.afterAnswer();
}

/** The route's pattern, so that the number of names does not grow with the paths asked for. */
function routeName(match: Match): string {
  if (match.kind === 'route') return match.route.path;
  return match.kind === 'method' ? match.path : 'none';
}
