import { BackstepError } from '../../fault/backstep-error.ts';
import { Database } from '../../sqlite/database.ts';

/** The encoding of text in all of these databases: one connection cannot read two. Throws `law/unsupported-shape`. */
export function encodingOf(paths: readonly string[]): string {
  const encodings = new Set(paths.map(readEncoding));
  const [only = 'UTF-8'] = encodings;
  if (encodings.size < 2) return only;
  throw new BackstepError('law/unsupported-shape', {
    message: `the upgrade changed how text is stored: one database is in ${[...encodings].join(', another in ')}`,
    hint: 'have the migration keep the encoding; a database takes one when it is made: PRAGMA encoding',
  });
}

function readEncoding(path: string): string {
  using db = Database.open(path, { readOnly: true });
  return db.texts('PRAGMA encoding')[0] ?? 'UTF-8';
}
