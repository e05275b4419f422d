import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseArgs } from 'node:util';

import { serveFile } from './files.ts';
import { OptionError, fileOptions, wordsOf } from './options.ts';
import type { Words } from './options.ts';
import { mediaOf, videoPage } from './pages.ts';

/** One request that was answered, oldest first in `requests()`. */
export interface SeenRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly range: string | null;
  readonly ifRange: string | null;
  readonly authorization: string | null;
  readonly status: number;
  /** Of a file's body, handed to the connection; grows while the answer is sent. */
  readonly sentBytes: number;
}

export interface MediaServer {
  readonly origin: string;
  requests(): readonly SeenRequest[];
  /** What `PUT /control/media/ID` does; `{}` takes everything back. */
  controlMedia(id: string, words: Words): void;
  /** What `PUT /control/file/NAME` does. */
  controlFile(name: string, words: Words): void;
  /** From now on no more than the first piece of this file is sent, until the returned function is called. */
  holdFile(name: string): () => void;
  close(): Promise<void>;
}

/** Starts the server on loopback; port 0 takes a free one. */
export async function startMediaServer(
  options: { readonly port?: number } = {},
): Promise<MediaServer> {
  const site = newSite();
  const server = createServer((request, response) => {
    answer(site, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(error instanceof OptionError ? 400 : 500);
      response.end(`${error instanceof Error ? error.message : 'failed'}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests: () => site.seen,
    controlMedia: (id, words) => void site.media.set(id, words),
    controlFile: (name, words) => controlFile(site, name, words),
    holdFile: (name) => holdFile(site, name),
    close: async () => {
      site.closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Site {
  readonly media: Map<string, Words>;
  readonly files: Map<string, Words>;
  /** What the answers of a file wait for. */
  readonly held: Map<string, Promise<void>>;
  /** Requests of a file so far: which of them are troubled. */
  readonly counts: Map<string, number>;
  readonly seen: Seen[];
  readonly closing: AbortController;
}

type Seen = { -readonly [Key in keyof SeenRequest]: SeenRequest[Key] };

function newSite(): Site {
  return {
    media: new Map(),
    files: new Map(),
    held: new Map(),
    counts: new Map(),
    seen: [],
    closing: new AbortController(),
  };
}

async function answer(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://media.invalid');
  const query: Words = Object.fromEntries(url.searchParams);
  const [first = '', second = '', third = ''] = url.pathname
    .split('/')
    .slice(1)
    .map(decodeURIComponent);
  if (first === 'control') return control(site, request, response);
  const seen = note(site, request, response);
  if (first === 'file' && second !== '') {
    const words = { ...query, ...site.files.get(second) };
    const count = (site.counts.get(second) ?? 0) + 1;
    site.counts.set(second, count);
    const fileRequest = fileOptions(words);
    return serveFile(request, response, {
      name: second,
      options: fileRequest,
      isTroubled: count <= fileRequest.trouble.times,
      released: site.held.get(second) ?? Promise.resolve(),
      signal: site.closing.signal,
      onSent: (bytes) => void (seen.sentBytes += bytes),
    });
  }
  if (first === 'redirect') return redirect(query, response);
  const id = mediaId({ first, second, third }, query);
  if (id === null) return send(response, first === '' ? 200 : 404, frontPage);
  return send(response, 200, videoPage(mediaOf(id, { ...query, ...site.media.get(id) })));
}

/** The id of the media that a page's path names: `/watch?v=ID`, `/@USER/video/ID`, `/ID`. */
function mediaId(
  { first, second, third }: Readonly<Record<'first' | 'second' | 'third', string>>,
  query: Words,
): string | null {
  if (first === 'watch') return query['v'] ?? null;
  if (first.startsWith('@') && second === 'video' && third !== '') return third;
  return /^[\w-]+$/.test(first) && second === '' ? first : null;
}

/** `/redirect?to=LINK[&hops=N]`: N redirects, the last one to LINK. */
function redirect(query: Words, response: ServerResponse): void {
  const hops = Number(query['hops'] ?? 1);
  const to = query['to'] ?? '/';
  const fewer = new URLSearchParams({ to, hops: String(hops - 1) }).toString();
  const next = hops > 1 ? `/redirect?${fewer}` : to;
  response.writeHead(302, { location: next }).end();
}

async function control(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, , kind, name] = (request.url ?? '').split('/').map(decodeURIComponent);
  if (request.method !== 'PUT' || name === undefined || (kind !== 'media' && kind !== 'file')) {
    return send(response, 404, 'PUT /control/media/ID or /control/file/NAME with a JSON object\n');
  }
  const words = wordsOf(await jsonOf(request));
  if (kind === 'media') site.media.set(name, words);
  else controlFile(site, name, words);
  response.writeHead(204).end();
}

function controlFile(site: Site, name: string, words: Words): void {
  fileOptions(words);
  site.files.set(name, words);
  site.counts.delete(name);
}

function holdFile(site: Site, name: string): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  site.held.set(name, promise);
  site.closing.signal.addEventListener('abort', () => resolve(), { once: true });
  return () => {
    site.held.delete(name);
    resolve();
  };
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (cause) {
    throw new OptionError('the body is no JSON', { cause });
  }
}

function note(site: Site, request: IncomingMessage, response: ServerResponse): Seen {
  const seen: Seen = {
    method: request.method ?? '',
    path: request.url ?? '',
    range: request.headers.range ?? null,
    ifRange: request.headers['if-range']?.toString() ?? null,
    authorization: request.headers.authorization ?? null,
    status: 0,
    sentBytes: 0,
  };
  site.seen.push(seen);
  response.once('close', () => void (seen.status = response.statusCode));
  return seen;
}

const frontPage = `<!doctype html>
<title>Media server</title>
<p>Video pages: /watch?v=ID, /@USER/video/ID, /ID. Files: /file/NAME?size=BYTES.</p>
`;

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(text);
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
  const server = await startMediaServer({ port: Number(values.port) });
  process.stdout.write(`${JSON.stringify({ event: 'listening', origin: server.origin })}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void server.close());
  }
}
