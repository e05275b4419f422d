import { inspect } from 'node:util';

export const levels = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof levels)[number];

export type Fields = Readonly<Record<string, unknown>>;

/** Writes one JSON object a line on stdout: `{"ts":…,"level":"info","event":"listening",…}`. */
export interface Log {
  debug(event: string, fields?: Fields): void;
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
}

/** Lines below the least level are left out. */
export function createLog(least: Level): Log {
  // A reader that went away must not end the server.
  process.stdout.on('error', () => undefined);
  const write =
    (level: Level) =>
    (event: string, fields: Fields = {}) => {
      if (levels.indexOf(level) < levels.indexOf(least)) return;
      const line = JSON.stringify({ ts: new Date().toISOString(), level, event, ...fields });
      process.stdout.write(`${line}\n`);
    };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
}

/** An error as log fields, with its stack and what caused it. */
export function errorFields(error: unknown): Fields {
  if (!(error instanceof Error)) return { error: inspect(error) };
  const cause = error.cause === undefined ? {} : { cause: inspect(error.cause) };
  return { error: error.message, stack: error.stack, ...cause };
}
