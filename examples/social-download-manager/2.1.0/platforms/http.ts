import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

import { PlatformError } from './platform.ts';

export const redirectLimit = 10;

export interface LinkRequest {
  readonly link: URL;
  readonly method: 'GET' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
  /** The longest time without a byte, while connecting and in the middle of the body. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks for a link and follows its redirects; resolves when the headers are there, whatever the status.
 * The caller reads or destroys the body. Throws the signal's reason, or PlatformError `network/failed`,
 * `network/timeout`, `link/scheme` (a redirect that leaves the web) and `server/redirects`.
 */
export async function openLink(request: LinkRequest): Promise<IncomingMessage> {
  let link = request.link;
  for (let hop = 0; hop <= redirectLimit; hop += 1) {
    const answer = await ask(request, link);
    const location = redirectOf(answer);
    if (location === null) return answer;
    answer.destroy();
    link = followed(location, link);
  }
  throw new PlatformError(
    'server/redirects',
    `${link.host} redirects more than ${redirectLimit} times.`,
  );
}

/** Turns an error of the connection or the body into what the user reads; others pass as they are. */
export function networkError(error: unknown, request: LinkRequest): unknown {
  if (request.signal.aborted) return request.signal.reason;
  if (error instanceof PlatformError || !isSystemError(error)) return error;
  const message = `The connection to ${request.link.host} failed (${error.code}).`;
  return new PlatformError('network/failed', message, { cause: error });
}

function ask(request: LinkRequest, link: URL): Promise<IncomingMessage> {
  const { method, headers, signal, timeoutMs } = request;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = {
    method,
    signal,
    headers: { 'accept-encoding': 'identity', ...headers },
    agent: false,
  };
  const asked =
    link.protocol === 'https:' ? httpsRequest(link, options) : httpRequest(link, options);
  let answer: IncomingMessage | null = null;
  // Destroying the request would end a body that has begun with a plain reset: the reason has to go to the body.
  asked.setTimeout(timeoutMs, () => (answer ?? asked).destroy(timeoutError(link, timeoutMs)));
  asked.once('response', (response) => {
    answer = response;
    resolve(response);
  });
  asked.on('error', (error) => reject(reasonOf(networkError(error, { ...request, link }))));
  asked.end();
  return promise;
}

function timeoutError(link: URL, timeoutMs: number): PlatformError {
  const message = `${link.host} sent nothing for ${timeoutMs / 1000} seconds.`;
  return new PlatformError('network/timeout', message);
}

function reasonOf(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}

const redirectStatuses = [301, 302, 303, 307, 308];

function redirectOf(answer: IncomingMessage): string | null {
  const isRedirect = redirectStatuses.includes(answer.statusCode ?? 0);
  return isRedirect ? (answer.headers.location ?? null) : null;
}

function followed(location: string, from: URL): URL {
  const link = URL.parse(location, from.href);
  if (link === null || (link.protocol !== 'http:' && link.protocol !== 'https:')) {
    const message = `${from.host} redirects to something that is no http or https link.`;
    throw new PlatformError('link/scheme', message);
  }
  link.username = '';
  link.password = '';
  return link;
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
