import { rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

import { openLink } from './http.ts';
import {
  discardPart,
  isSameFile,
  memoFrom,
  partBytes,
  readMemo,
  wholePath,
  writeMemo,
} from './part.ts';
import type { PartMemo } from './part.ts';
import { PlatformError } from './platform.ts';
import type { FetchRequest, FetchTarget, MediaInfo, Platform } from './platform.ts';
import { runProgram } from './program.ts';
import type { ProgramEnd } from './program.ts';
import { commonArguments, credentialLines, formatChoice } from './ytdlp-arguments.ts';
import { checkYtdlp, programOf } from './ytdlp-check.ts';
import { ytdlpInfo } from './ytdlp-info.ts';
import type { YtdlpFormat, YtdlpInfo } from './ytdlp-info.ts';

/** What sets one site apart; the rest is yt-dlp's knowledge. */
export interface Site {
  readonly name: string;
  readonly publicEndpoint: string;
  readonly hosts: readonly string[];
  /** How a link of the site looks, for messages. */
  readonly example: string;
  /** The one spelling of a video's link, on the public site; null when the link names no video. */
  canonical(link: URL): URL | null;
  /** Whose video it is, where the link tells. */
  uploader(link: URL): string | null;
}

/** A site that the `yt-dlp` program downloads from. */
export function ytdlpPlatform(site: Site): Platform {
  return {
    name: site.name,
    recognises: (link) => site.hosts.includes(link.hostname.replace(/\.$/, '')),
    check: checkYtdlp,
    describe: (request) => describe(site, request),
    fetch: (request, target) => fetchPart(site, request, target),
  };
}

async function describe(site: Site, request: FetchRequest): Promise<MediaInfo> {
  const info = await extract(site, request);
  const format = chosen(info, request);
  return {
    title: info.title,
    uploader: info.uploader ?? site.uploader(request.link),
    durationSeconds: info.durationSeconds,
    sizeBytes: format.sizeBytes,
    extension: info.extension,
  };
}

/**
 * yt-dlp is given the part's name without `.part`: it then writes to `NAME.part` by itself, goes on from it
 * (`--continue`), and renames it to NAME only when it is whole, which a crash in between cannot blur.
 * It cannot tell that the site's file has changed meanwhile (it sends no If-Range), so this is checked before.
 */
async function fetchPart(
  site: Site,
  request: FetchRequest,
  target: FetchTarget,
): Promise<{ readonly sizeBytes: number }> {
  const { partPath } = target;
  if (await renamedBack(partPath)) return { sizeBytes: await partBytes(partPath) };
  const format = chosen(await extract(site, request), request);
  const memo = await memoOf(`${request.link.href}#${format.id}`, format, request);
  if (!(await isWorthKeeping(partPath, memo))) await discardPart(partPath);
  else if ((await partBytes(partPath)) === memo.sizeBytes) return { sizeBytes: memo.sizeBytes };
  await writeMemo(partPath, memo);
  target.onProgress({ receivedBytes: await partBytes(partPath), sizeBytes: memo.sizeBytes });
  await download(site, request, target);
  await renamedBack(partPath);
  const sizeBytes = await partBytes(partPath);
  if (memo.sizeBytes !== null && memo.sizeBytes !== sizeBytes) {
    const message = `${site.name} sent ${sizeBytes} of ${memo.sizeBytes} bytes.`;
    throw new PlatformError('network/truncated', message);
  }
  return { sizeBytes };
}

async function download(site: Site, request: FetchRequest, target: FetchTarget): Promise<void> {
  const end = await runProgram({
    program: programOf(request.settings),
    arguments: [
      ...argumentsFor(request),
      '--continue',
      '--no-mtime',
      '--fixup=never',
      '--progress',
      '--newline',
      `--progress-template=${progressTemplate}`,
      `--output=${basename(target.partPath, '.part')}`,
      '--',
      linkAt(site, request).href,
    ],
    folder: dirname(target.partPath),
    input: credentialLines(request.auth),
    signal: request.signal,
    onLine: (line) => reportProgress(line, target),
  });
  if (end.exitCode !== 0) throw failureOf(site, end);
}

const progressTemplate =
  'download:received %(progress.downloaded_bytes)s of %(progress.total_bytes)s';

function reportProgress(line: string, target: FetchTarget): void {
  const [, received, total] = /^received (\d+) of (\d+|NA)$/.exec(line) ?? [];
  if (received === undefined) return;
  const sizeBytes = total === 'NA' ? null : Number(total);
  target.onProgress({ receivedBytes: Number(received), sizeBytes });
}

/** What yt-dlp finds behind the link, without downloading anything. */
async function extract(site: Site, request: FetchRequest): Promise<YtdlpInfo> {
  const lines: string[] = [];
  const end = await runProgram({
    program: programOf(request.settings),
    arguments: [
      ...argumentsFor(request),
      '--dump-json',
      '--ignore-no-formats-error',
      '--',
      linkAt(site, request).href,
    ],
    input: credentialLines(request.auth),
    signal: request.signal,
    onLine: (line) => lines.push(line),
  });
  const info = end.exitCode === 0 && lines[0] !== undefined ? ytdlpInfo(lines[0]) : null;
  if (info === null) throw failureOf(site, end);
  return info;
}

function chosen(info: YtdlpInfo, { quality, audioOnly }: FetchRequest): YtdlpFormat {
  if (info.format !== null) return info.format;
  const wanted = audioOnly ? 'with sound alone' : `of at most ${quality} lines`;
  const offered = info.heights.length === 0 ? '' : ` It has ${info.heights.join(', ')}.`;
  throw new PlatformError(
    'platform/no-format',
    `The site offers no single file ${wanted}.${offered}`,
  );
}

/**
 * Asks the file's server for its validators, as it is the only one to know whether the file is the same.
 * A server that does not tell leaves them out, and a part of its file is not gone on with.
 */
async function memoOf(
  source: string,
  format: YtdlpFormat,
  request: FetchRequest,
): Promise<PartMemo> {
  try {
    const answer = await openLink({
      link: new URL(format.link),
      method: 'HEAD',
      headers: format.headers,
      timeoutMs: request.settings.timeoutSeconds * 1000,
      signal: request.signal,
    });
    answer.destroy();
    if (answer.statusCode !== 200) return memoFrom(source, {}, null);
    const length = answer.headers['content-length'];
    return memoFrom(source, answer.headers, length === undefined ? null : Number(length));
  } catch (error) {
    if (error instanceof PlatformError) return memoFrom(source, {}, null);
    throw error;
  }
}

async function isWorthKeeping(partPath: string, now: PartMemo): Promise<boolean> {
  const before = await readMemo(partPath, now.source);
  return before !== null && isSameFile(before, now);
}

/** Whether there was a whole file, which is now the part. */
async function renamedBack(partPath: string): Promise<boolean> {
  try {
    await rename(wholePath(partPath), partPath);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

function argumentsFor({ quality, audioOnly, settings }: FetchRequest): readonly string[] {
  return commonArguments(formatChoice(quality, audioOnly), settings.timeoutSeconds);
}

/** The video's link, at the endpoint of the settings when that is not the public one. */
function linkAt(site: Site, request: FetchRequest): URL {
  const { settings } = request;
  const canonical = site.canonical(request.link);
  if (canonical === null) {
    const message = `The link names no video. A link to one looks like ${site.example}`;
    throw new PlatformError('link/no-video', message);
  }
  if (settings.endpoint === '' || settings.endpoint === site.publicEndpoint) return canonical;
  const link = URL.parse(settings.endpoint + canonical.pathname + canonical.search);
  if (link !== null) return link;
  const message = `platform_settings.json: the endpoint of ${site.name} is no link: ${settings.endpoint}`;
  throw new PlatformError('platform/endpoint', message);
}

function failureOf(site: Site, { errorLines }: ProgramEnd): PlatformError {
  const line = errorLines.findLast((text) => text.startsWith('ERROR:')) ?? errorLines.at(-1);
  const reason = line?.replace(/^ERROR:\s*/, '') ?? 'the program said nothing';
  return new PlatformError('platform/failed', `${site.name}: ${reason}`);
}
