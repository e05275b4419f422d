import { BackstepError } from '../fault/backstep-error.ts';
import type { ErrorCode } from '../fault/codes.ts';
import { isSqliteError } from './database.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly hint: string;
}

/** Primary result codes that tell of the machine and not of the statement (sqlite.org/rescode.html). */
const meanings: Readonly<Record<number, Meaning>> = {
  3: { code: 'disk/refused', hint: 'run as the owner of the application, or as root' },
  5: { code: 'disk/busy', hint: 'stop what uses the database, then run the command again' },
  6: { code: 'disk/busy', hint: 'stop what uses the database, then run the command again' },
  8: { code: 'disk/read-only', hint: 'see to it that the database and its folder can be written' },
  10: { code: 'disk/io', hint: 'look into the kernel log; the disk may be dying' },
  13: { code: 'disk/full', hint: 'free space on that file system, then run the command again' },
  14: { code: 'disk/failed', hint: 'see whether the folder of the database can be written' },
};

/** What the machine refused SQLite as a fault with a code; any other error as it is. */
export function asRefusal(error: unknown): unknown {
  const meaning = isSqliteError(error) ? meanings[error.errcode & 0xff] : undefined;
  if (meaning === undefined || !isSqliteError(error)) return error;
  return new BackstepError(meaning.code, {
    message: `a database could not be read or written: ${error.message}`,
    hint: meaning.hint,
    cause: error,
  });
}
