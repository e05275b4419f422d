import { BackstepError } from '../../fault/backstep-error.ts';
import { foreignCollationOf } from '../../sqlite/collations.ts';
import { Database } from '../../sqlite/database.ts';

/** Throws `law/unsupported-shape` where one of these databases orders texts as only its application can. */
export function requireKnownCollations(paths: readonly string[]): void {
  for (const path of paths) {
    using db = Database.open(path, { readOnly: true });
    const found = foreignCollationOf(db);
    if (found === null) continue;
    throw new BackstepError('law/unsupported-shape', {
      message: `${found.declaredBy} is declared with COLLATE ${found.collation}, which the application defines itself: its rows cannot be compared without it`,
      hint: 'return to a snapshot with `backstep restore`, or have the migration declare a collation of SQLite: BINARY, NOCASE or RTRIM',
    });
  }
}
