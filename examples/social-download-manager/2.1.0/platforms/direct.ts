import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

import { mediaName } from './direct-name.ts';
import { networkError, openLink } from './http.ts';
import type { LinkRequest } from './http.ts';
import { discardPart, isSameFile, memoFrom, partBytes } from './part.ts';
import { readMemo, validatorOf, writeMemo } from './part.ts';
import type { PartMemo } from './part.ts';
import { PlatformError } from './platform.ts';
import type { FetchRequest, FetchTarget, MediaInfo, Platform } from './platform.ts';

/** Waits between attempts that brought nothing new; an attempt that got further starts the row anew. */
const attemptWaitsMs = [500, 2_000, 5_000, 15_000];

/** Links to the media file itself, over HTTP with ranges. */
export const direct: Platform = directPlatform(attemptWaitsMs);

export function directPlatform(waitsMs: readonly number[]): Platform {
  return {
    name: 'direct',
    recognises: (link) => link.protocol === 'https:' || link.protocol === 'http:',
    check: () => Promise.resolve({ status: 'ok', detail: 'fetched by this server itself' }),
    describe: (request) => {
      const attempts = { waitsMs, signal: request.signal, reached: () => Promise.resolve(0) };
      return repeated(attempts, () => describe(request));
    },
    fetch: (request, target) => {
      const reached = (): Promise<number> => partBytes(target.partPath);
      return repeated({ waitsMs, signal: request.signal, reached }, () =>
        fetchOnce(request, target),
      );
    },
  };
}

interface Attempts {
  readonly waitsMs: readonly number[];
  readonly signal: AbortSignal;
  /** Bytes got so far. */
  reached(): Promise<number>;
}

const worthRepeating = ['network/failed', 'network/timeout', 'network/truncated', 'server/busy'];

async function repeated<Result>(attempts: Attempts, act: () => Promise<Result>): Promise<Result> {
  let furthest = 0;
  for (let failures = 0; ; failures += 1) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof PlatformError) || !worthRepeating.includes(error.code)) throw error;
      const reached = await attempts.reached();
      // Only what was never reached before counts, so that a server that always breaks at one place ends it.
      if (reached > furthest) failures = 0;
      furthest = Math.max(furthest, reached);
      const waitMs = attempts.waitsMs[failures];
      if (waitMs === undefined) throw error;
      await wait(waitMs, undefined, { signal: attempts.signal });
    }
  }
}

/** Asks for the headers alone; servers that do not answer HEAD are asked for one byte. */
async function describe(request: FetchRequest): Promise<MediaInfo> {
  let answer = await openLink(linkRequest(request, 'HEAD', {}));
  if ([400, 403, 404, 405, 501].includes(answer.statusCode ?? 0)) {
    answer.destroy();
    answer = await openLink(linkRequest(request, 'GET', { range: 'bytes=0-0' }));
  }
  answer.destroy();
  const isEmpty = answer.statusCode === 416;
  if (!isEmpty) refuseStatus(answer, request.link);
  if (/^(?:text\/html|application\/xhtml)/.test(answer.headers['content-type'] ?? '')) {
    const message = 'The link leads to a web page, not to a media file.';
    throw new PlatformError('link/not-media', message);
  }
  return {
    ...mediaName(request.link, answer.headers),
    uploader: null,
    durationSeconds: null,
    sizeBytes: wholeSize(answer),
  };
}

/** One connection: goes on from the part when the server still has the same file, else begins anew. */
async function fetchOnce(
  request: FetchRequest,
  target: FetchTarget,
): Promise<{ readonly sizeBytes: number }> {
  const { partPath } = target;
  const source = request.link.href;
  const received = await partBytes(partPath);
  const memo = received > 0 ? await readMemo(partPath, source) : null;
  if (memo !== null && memo.sizeBytes === received) return { sizeBytes: received };
  const validator = memo === null ? null : validatorOf(memo);
  const headers: Record<string, string> =
    validator === null ? {} : { range: `bytes=${received}-`, 'if-range': validator };
  const asked = linkRequest(request, 'GET', headers);
  const answer = await openLink(asked);
  const found = memoFrom(source, answer.headers, wholeSize(answer));
  if (
    answer.statusCode === 416 ||
    (answer.statusCode === 206 && !continues(answer, received, memo))
  ) {
    answer.destroy();
    if (validator === null) throw statusError(answer, request.link);
    await discardPart(partPath);
    return fetchOnce(request, target);
  }
  refuseStatus(answer, request.link);
  if (answer.statusCode !== 206) await writeMemo(partPath, found);
  const handle = await open(partPath, answer.statusCode === 206 ? 'a' : 'w', 0o600);
  try {
    const from = answer.statusCode === 206 ? received : 0;
    return await receive({ answer, handle, asked, from, sizeBytes: found.sizeBytes }, target);
  } finally {
    await handle.close();
  }
}

interface Receiving {
  readonly answer: IncomingMessage;
  readonly handle: FileHandle;
  readonly asked: LinkRequest;
  readonly from: number;
  readonly sizeBytes: number | null;
}

/** Every chunk is in the part before the next is read: an abort leaves exactly what was reported. */
async function receive(
  { answer, handle, asked, from, sizeBytes }: Receiving,
  target: FetchTarget,
): Promise<{ readonly sizeBytes: number }> {
  let receivedBytes = from;
  target.onProgress({ receivedBytes, sizeBytes });
  for await (const chunk of chunksOf(answer, asked)) {
    await handle.appendFile(chunk);
    receivedBytes += chunk.length;
    target.onProgress({ receivedBytes, sizeBytes });
  }
  if (sizeBytes !== null && receivedBytes !== sizeBytes) {
    const message = `${asked.link.host} sent ${receivedBytes} of ${sizeBytes} bytes.`;
    throw new PlatformError('network/truncated', message);
  }
  return { sizeBytes: receivedBytes };
}

/** The body; only what fails in here is the network's failure, not what the reader does with a chunk. */
async function* chunksOf(answer: IncomingMessage, asked: LinkRequest): AsyncGenerator<Buffer> {
  const chunks: AsyncIterable<Buffer> = answer;
  try {
    for await (const chunk of chunks) yield chunk;
  } catch (error) {
    throw networkError(error, asked);
  }
}

/** Whether a 206 carries the bytes that the part lacks, of the file that the part began. */
function continues(answer: IncomingMessage, received: number, memo: PartMemo | null): boolean {
  const start = /^bytes (\d+)-/.exec(answer.headers['content-range'] ?? '')?.[1];
  if (memo === null || start === undefined || Number(start) !== received) return false;
  return isSameFile(memo, memoFrom(memo.source, answer.headers, wholeSize(answer)));
}

function wholeSize(answer: IncomingMessage): number | null {
  const total = /\/(\d+)$/.exec(answer.headers['content-range'] ?? '')?.[1];
  const length =
    answer.statusCode === 206 || total !== undefined ? total : answer.headers['content-length'];
  return length === undefined ? null : Number(length);
}

const busyStatuses = [408, 425, 429];

function refuseStatus(answer: IncomingMessage, link: URL): void {
  if (answer.statusCode === 200 || answer.statusCode === 206) return;
  answer.destroy();
  throw statusError(answer, link);
}

function statusError(answer: IncomingMessage, link: URL): PlatformError {
  const status = answer.statusCode ?? 0;
  const isBusy = status >= 500 || busyStatuses.includes(status);
  const message = `${link.host} answered ${status} ${answer.statusMessage ?? ''}`.trimEnd();
  return new PlatformError(isBusy ? 'server/busy' : 'server/refused', `${message}.`);
}

function linkRequest(
  request: FetchRequest,
  method: LinkRequest['method'],
  headers: Readonly<Record<string, string>>,
): LinkRequest {
  const { link, settings, signal } = request;
  return { link, method, headers, signal, timeoutMs: settings.timeoutSeconds * 1000 };
}
