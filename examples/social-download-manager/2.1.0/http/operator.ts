import type { Application } from './application.ts';
import { Problem } from './problem.ts';
import type { Call } from './router.ts';

const hint = 'Make a token with `node server.ts token add LABEL --data DIR`.';

/** Lets an operator's tool pass (`Authorization: Bearer TOKEN`). Throws `Problem`. */
export function checkToken(app: Application, call: Call): void {
  const token = bearerToken(call);
  if (token === null)
    throw new Problem(401, 'token/needed', { message: 'An API token is needed.', hint });
  if (app.tokens.labelOf(token) === null)
    throw new Problem(401, 'token/wrong', { message: 'There is no such API token.', hint });
}

/** Lets an operator's tool or a signed-in administrator pass. Throws `Problem`. */
export function checkOperator(app: Application, call: Call): void {
  const { user } = call;
  if (bearerToken(call) !== null || user === null) return checkToken(app, call);
  if (user.role !== 'admin')
    throw new Problem(403, 'role/admin-needed', { message: 'Only an administrator may do this.' });
}

function bearerToken({ request }: Call): string | null {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
}
