import type { IncomingMessage } from 'node:http';
import type { User } from '../database/users.ts';
import type { Parser } from '../shape.ts';
import type { Reply } from './reply.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A request that has passed the checks that all routes share. */
export interface Call {
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  /** Parts of the path by their names in the route: `id` in `/api/downloads/:id`. */
  readonly params: Readonly<Record<string, string>>;
  /** Who is signed in, null when nobody is. */
  readonly user: User | null;
  /** The JSON body of a changing request; throws `Problem` when it is not what the parser expects. */
  readonly body: <T>(parser: Parser<T>) => T;
}

/** A call by somebody who is signed in. */
export interface UserCall extends Call {
  readonly user: User;
}

interface Place {
  readonly method: Method;
  /** `/api/downloads/:id`; also the route's name in logs and metrics. */
  readonly path: string;
}

/** One thing that the server does, and who may ask for it. */
export type Route = Place &
  (
    | { readonly access: 'anyone'; handle(call: Call): Reply | Promise<Reply> }
    | { readonly access: 'user' | 'admin'; handle(call: UserCall): Reply | Promise<Reply> }
  );

/** A route that a request has met; `allowed` names the methods when the path is known but not with this one. */
export type Match =
  | { readonly kind: 'route'; readonly route: Route; readonly params: Call['params'] }
  | { readonly kind: 'method'; readonly path: string; readonly allowed: readonly string[] }
  | { readonly kind: 'none' };

export class Router {
  readonly #routes: readonly Route[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes;
  }

  find(method: string, path: string): Match {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const onPath = this.#routes.flatMap((route) => {
      const params = paramsOf(route.path, path);
      return params === null ? [] : [{ route, params }];
    });
    const met = onPath.find(({ route }) => route.method === wanted);
    if (met !== undefined) return { kind: 'route', ...met };
    const [first] = onPath;
    if (first === undefined) return { kind: 'none' };
    return {
      kind: 'method',
      path: first.route.path,
      allowed: onPath.map(({ route }) => route.method),
    };
  }
}

function paramsOf(pattern: string, path: string): Call['params'] | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = value;
    else if (part !== value) return null;
  }
  return params;
}
