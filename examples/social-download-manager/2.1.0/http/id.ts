import { Problem } from './problem.ts';
import type { Call } from './router.ts';

/** The number in a path such as `/api/downloads/:id`. */
export function idOf({ params }: Call): number {
  const id = params['id'] ?? '';
  if (/^[1-9]\d{0,14}$/.test(id)) return Number(id);
  throw new Problem(404, 'request/not-found', { message: 'There is nothing at this address.' });
}
