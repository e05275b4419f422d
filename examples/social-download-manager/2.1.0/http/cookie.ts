import type { IncomingMessage } from 'node:http';

const name = 'sdm_session';
const attributes = 'HttpOnly; SameSite=Strict; Path=/';
const secondsPerHour = 3_600;

/** The session's token that the request carries, or null. */
export function sessionToken({ headers }: IncomingMessage): string | null {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const pair = pairs.find((candidate) => candidate.startsWith(`${name}=`));
  return pair === undefined ? null : pair.slice(name.length + 1);
}

export function sessionCookie(token: string, hours: number): string {
  return `${name}=${token}; ${attributes}; Max-Age=${hours * secondsPerHour}`;
}

/** Makes the browser forget the session. */
export const noSessionCookie = `${name}=; ${attributes}; Max-Age=0`;
