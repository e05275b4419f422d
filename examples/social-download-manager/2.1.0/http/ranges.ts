/** What to send of a file: all, one part (both ends included), or nothing because the range lies outside. */
export type Range =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'outside' };

/**
 * Reads a `range` header (RFC 9110, section 14). Several ranges, other units and what is no range
 * are ignored, as the standard allows: the whole file is sent.
 */
export function parseRange(header: string | undefined, sizeBytes: number): Range {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return { kind: 'whole' };
  if (first === '') return lastBytes(Number(last), sizeBytes);
  const start = Number(first);
  const end = Math.min(last === '' ? Infinity : Number(last), sizeBytes - 1);
  if (last !== '' && Number(last) < start) return { kind: 'whole' };
  return start < sizeBytes ? { kind: 'part', start, end } : { kind: 'outside' };
}

function lastBytes(count: number, sizeBytes: number): Range {
  if (count === 0 || sizeBytes === 0) return { kind: 'outside' };
  return { kind: 'part', start: Math.max(0, sizeBytes - count), end: sizeBytes - 1 };
}

/** An `attachment` header for a file name of any characters (RFC 6266 and RFC 8187). */
export function attachment(fileName: string): string {
  const unaccented = fileName.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  const plain = unaccented.replaceAll(/[^\x20-\x7e]|["\\%]/gu, '_');
  const encoded = encodeURIComponent(fileName.toWellFormed()).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
