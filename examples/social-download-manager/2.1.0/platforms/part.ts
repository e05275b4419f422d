import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * What is remembered beside a part file (`12.part.json`), to tell later whether the server's file is
 * still the one that the part began. Without an ETag or a date nobody can tell, and a part is not gone on with.
 */
export interface PartMemo {
  /** The link, and which of its files. */
  readonly source: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly sizeBytes: number | null;
}

/** Bytes in the part; 0 when there is none. */
export async function partBytes(partPath: string): Promise<number> {
  try {
    return (await stat(partPath)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

/** Null when there is no memo, when it cannot be read, or when it is of another source. */
export async function readMemo(partPath: string, source: string): Promise<PartMemo | null> {
  try {
    const memo = memoOf(JSON.parse(await readFile(memoPath(partPath), 'utf8')));
    return memo?.source === source ? memo : null;
  } catch (error) {
    // Half a memo is what a crash leaves: the part is then begun anew.
    if (isMissing(error) || error instanceof SyntaxError) return null;
    throw error;
  }
}

export async function writeMemo(partPath: string, memo: PartMemo): Promise<void> {
  await writeFile(memoPath(partPath), `${JSON.stringify(memo)}\n`, { mode: 0o600 });
}

/** Removes all there is of a part, if anything. */
export async function discardPart(partPath: string): Promise<void> {
  await rm(wholePath(partPath), { force: true });
  await rm(memoPath(partPath), { force: true });
  await rm(partPath, { force: true });
}

export function memoPath(partPath: string): string {
  return `${partPath}.json`;
}

/** Where yt-dlp leaves the file when it is whole, until it is named as a part again. */
export function wholePath(partPath: string): string {
  return partPath.replace(/\.part$/, '');
}

/** What a server's answer tells of the whole file; `sizeBytes` is null where it does not say. */
export function memoFrom(
  source: string,
  headers: IncomingHttpHeaders,
  sizeBytes: number | null,
): PartMemo {
  return {
    source,
    etag: headers.etag ?? null,
    lastModified: headers['last-modified'] ?? null,
    sizeBytes,
  };
}

/** The value for If-Range: a strong ETag, or else the date (RFC 9110, section 13.1.5); null when there is neither. */
export function validatorOf(memo: PartMemo): string | null {
  return memo.etag !== null && !memo.etag.startsWith('W/') ? memo.etag : memo.lastModified;
}

/** Whether both memos are surely of the same bytes. */
export function isSameFile(before: PartMemo, now: PartMemo): boolean {
  const validator = validatorOf(before);
  return validator !== null && validator === validatorOf(now) && before.sizeBytes === now.sizeBytes;
}

function memoOf(value: unknown): PartMemo | null {
  if (!isRecord(value)) return null;
  const { source, etag, lastModified, sizeBytes } = value;
  if (typeof source !== 'string') return null;
  return {
    source,
    etag: typeof etag === 'string' ? etag : null,
    lastModified: typeof lastModified === 'string' ? lastModified : null,
    sizeBytes: typeof sizeBytes === 'number' ? sizeBytes : null,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
