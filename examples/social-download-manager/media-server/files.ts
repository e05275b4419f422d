import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';

import { generatedBytes } from './bytes.ts';
import type { GeneratedFile } from './bytes.ts';
import type { FileOptions } from './options.ts';
import { wantedRange } from './ranges.ts';
import type { Wanted } from './ranges.ts';

const chunkBytes = 64 * 1024;
const paceMs = 50;

export interface FileRequest {
  readonly name: string;
  readonly options: FileOptions;
  /** Whether this request is one of those that go wrong. */
  readonly isTroubled: boolean;
  /** Until it resolves, an answer stands still behind its first piece. */
  readonly released: Promise<void>;
  /** Ends waits when the server closes. */
  readonly signal: AbortSignal;
  onSent(bytes: number): void;
}

/** Answers GET and HEAD for one generated file. Resolves when the answer has ended, however it ended. */
export async function serveFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: FileRequest,
): Promise<void> {
  const { options, isTroubled } = file;
  if (isTroubled && options.trouble.status !== null) {
    response.writeHead(options.trouble.status, { 'retry-after': '0' }).end();
    return;
  }
  const wanted = wantedPart(request, file);
  response.writeHead(statuses[wanted.kind], headersOf(file, wanted));
  if (request.method === 'HEAD' || wanted.kind === 'unsatisfiable') {
    response.end();
    return;
  }
  const { start, end } = boundsOf(wanted, options.sizeBytes);
  try {
    await pipeline(Readable.from(body(file, start, end)), response);
  } catch {
    // The other side went away, or the answer was to be cut: either way nobody is left to tell.
    response.destroy();
  }
}

/** The validator that a file has when no `etag` was asked for. */
export function etagOf(name: string, options: FileOptions): string {
  return options.etag ?? `"${encodeURIComponent(name)}-${options.version}-${options.sizeBytes}"`;
}

function wantedPart(request: IncomingMessage, { name, options }: FileRequest): Wanted {
  if (!options.hasRanges) return { kind: 'whole' };
  const ifRange = request.headers['if-range'];
  const isSame =
    ifRange === undefined || ifRange === etagOf(name, options) || ifRange === lastModified(options);
  return isSame ? wantedRange(request.headers.range, options.sizeBytes) : { kind: 'whole' };
}

const statuses = { whole: 200, part: 206, unsatisfiable: 416 } as const;

function headersOf({ name, options }: FileRequest, wanted: Wanted): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': options.contentType ?? typeOf(name),
    'accept-ranges': options.hasRanges ? 'bytes' : 'none',
  };
  if (options.etag !== 'none') {
    headers['etag'] = etagOf(name, options);
    headers['last-modified'] = lastModified(options);
  }
  if (options.disposition !== null)
    headers['content-disposition'] = disposition(options.disposition);
  if (wanted.kind === 'unsatisfiable') {
    return { ...headers, 'content-range': `bytes */${options.sizeBytes}`, 'content-length': '0' };
  }
  const { start, end } = boundsOf(wanted, options.sizeBytes);
  if (wanted.kind === 'part') {
    headers['content-range'] = `bytes ${start}-${end - 1}/${options.sizeBytes}`;
  }
  if (options.hasLength) headers['content-length'] = String(end - start);
  return headers;
}

function boundsOf(
  wanted: Wanted,
  sizeBytes: number,
): { readonly start: number; readonly end: number } {
  return wanted.kind === 'part' ? wanted : { start: 0, end: sizeBytes };
}

async function* body(file: FileRequest, start: number, end: number): AsyncGenerator<Buffer> {
  const { options, isTroubled, signal } = file;
  const { failAfterBytes, stallAfterBytes } = options.trouble;
  const stopAt = start + (isTroubled ? Math.min(failAfterBytes, stallAfterBytes) : Infinity);
  const generated: GeneratedFile = { name: file.name, version: options.version };
  const pacedBytes = Math.max(1, Math.ceil((options.bytesPerSecond * paceMs) / 1000));
  for (let offset = start; offset < end;) {
    if (offset >= stopAt) {
      if (stallAfterBytes <= failAfterBytes) await wait(2 ** 31 - 1, undefined, { signal });
      throw new Error('cut on request');
    }
    const length = Math.min(chunkBytes, pacedBytes, end - offset, stopAt - offset);
    if (options.bytesPerSecond !== Infinity) await wait(paceMs, undefined, { signal });
    yield generatedBytes(generated, offset, length);
    file.onSent(length);
    offset += length;
    if (offset < end) await file.released;
  }
}

function lastModified(options: FileOptions): string {
  return new Date(Date.UTC(2024, 0, 1) + options.version * 86_400_000).toUTCString();
}

function disposition(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`;
}

const types: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  webm: 'video/webm',
  m4a: 'audio/mp4',
  mp3: 'audio/mpeg',
  html: 'text/html; charset=utf-8',
};

function typeOf(name: string): string {
  return types[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
}
