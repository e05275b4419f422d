import { createReadStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { errorCode } from '../database/open.ts';

type Headers = Readonly<Record<string, string>>;

/** A part of a file, both ends included, as ranges count. */
export interface FileSlice {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** The other end of a stream of events. */
export interface EventClient {
  send(text: string): void;
  end(): void;
}

/** An answer that goes on until one side ends it. */
export interface EventStream {
  /** Begins to send, and returns what is to be done at the end. */
  open(client: EventClient): () => void;
}

/** What a route answers; nothing is sent before the route is done. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string | Buffer | FileSlice | EventStream;
}

/** A client that does not read is cut off when so much waits for it; it connects again when it can. */
const longestBacklogBytes = 1024 * 1024;

/** Sent with every answer: nothing foreign runs in the page, and nobody frames it. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

export function json(status: number, value: unknown, headers: Headers = {}): Reply {
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...headers,
    },
    body: JSON.stringify(value),
  };
}

export function empty(headers: Headers = {}): Reply {
  return { status: 204, headers, body: '' };
}

/** Sends the reply to its end, a stream to its beginning. A client that goes away before that is no error. */
export async function send(
  response: ServerResponse,
  reply: Reply,
  options: { readonly withBody: boolean },
): Promise<void> {
  const { body } = reply;
  if (typeof body === 'object' && 'open' in body) {
    if (options.withBody) sendStream(response, reply, body);
    else response.writeHead(reply.status, { ...securityHeaders, ...reply.headers }).end();
    return;
  }
  const isSlice = typeof body === 'object' && 'path' in body;
  const length = isSlice ? body.end - body.start + 1 : Buffer.byteLength(body);
  const hasLength = reply.status !== 204 && reply.status !== 304;
  response.writeHead(reply.status, {
    ...securityHeaders,
    ...reply.headers,
    ...(hasLength ? { 'content-length': length } : {}),
  });
  if (!options.withBody || length === 0) response.end();
  else if (isSlice) await sendSlice(response, body);
  else response.end(body);
}

async function sendSlice(response: ServerResponse, slice: FileSlice): Promise<void> {
  try {
    await pipeline(createReadStream(slice.path, slice), response);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ERR_STREAM_PREMATURE_CLOSE' && code !== 'ECONNRESET' && code !== 'EPIPE')
      throw error;
  }
}

function sendStream(response: ServerResponse, reply: Reply, stream: EventStream): void {
  response.writeHead(reply.status, { ...securityHeaders, ...reply.headers });
  response.flushHeaders();
  const close = stream.open({
    send(text) {
      response.write(text);
      if (response.writableLength > longestBacklogBytes) response.destroy();
    },
    end: () => response.end(),
  });
  response.once('close', close);
}
