import { isConstraintError } from '../../sqlite/database.ts';
import type { Bench } from './bench.ts';

/** A constraint refused a change, and the result has no journal to take the statement back: it is made anew with one. */
export class ConflictError extends Error {}

/** What a constraint refused, as an error; throws anything else on, and `ConflictError` where nothing can be undone. */
export function refusalOf({ hasJournal }: Pick<Bench, 'hasJournal'>, error: unknown): Error {
  if (!isConstraintError(error)) throw error;
  if (!hasJournal) throw new ConflictError(error.message, { cause: error });
  return error;
}
