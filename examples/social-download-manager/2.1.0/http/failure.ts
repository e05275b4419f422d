import { randomUUID } from 'node:crypto';
import { errorCode, sqliteCode } from '../database/open.ts';
import { EngineError } from '../downloads/failure.ts';
import { errorFields, type Log } from '../log.ts';
import { Problem } from './problem.ts';
import { json, type Reply } from './reply.ts';

/** SQLITE_BUSY and SQLITE_FULL. */
const busy = 5;
const full = 13;

/** The answer to a request that failed. What nobody expected is logged with its stack under an id. */
export function failureReply(error: unknown, log: Log): Reply {
  const { status, code, message, hint } = problemOf(error) ?? unexpected(error, log);
  // What has not been read of the request would be taken for the next one.
  const headers: Record<string, string> = status === 413 ? { connection: 'close' } : {};
  return json(status, { error: { code, message, hint } }, headers);
}

function problemOf(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  if (error instanceof EngineError) return new Problem(409, error.code, { message: error.message });
  if (sqliteCode(error) === full || errorCode(error) === 'ENOSPC' || errorCode(error) === 'EDQUOT')
    return new Problem(507, 'disk/full', {
      message: 'The disk of the data folder is full, nothing was changed.',
      hint: 'Free some space and try again.',
    });
  if (sqliteCode(error) === busy)
    return new Problem(503, 'database/busy', {
      message: 'Another program is writing to the database.',
      hint: 'Try again.',
    });
  return null;
}

function unexpected(error: unknown, log: Log): Problem {
  const id = randomUUID();
  log.error('request-failed', { id, ...errorFields(error) });
  return new Problem(500, 'server/failure', {
    message: `The server failed on this request (${id}).`,
    hint: 'The log has more under this id.',
  });
}
