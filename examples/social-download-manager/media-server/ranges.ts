/** Which bytes of a file an answer holds, `end` excluded. */
export type Wanted =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

/**
 * Reads a Range header of one range (RFC 9110, section 14). Several ranges, other units and
 * headers that are no ranges are answered with the whole file, as the standard allows.
 */
export function wantedRange(header: string | undefined, sizeBytes: number): Wanted {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match) return { kind: 'whole' };
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return { kind: 'whole' };
  if (from === '') return partOf(Math.max(0, sizeBytes - Number(to)), sizeBytes, sizeBytes);
  const end = to === '' ? sizeBytes : Math.min(sizeBytes, Number(to) + 1);
  return partOf(Number(from), end, sizeBytes);
}

function partOf(start: number, end: number, sizeBytes: number): Wanted {
  if (start >= sizeBytes || end <= start) return { kind: 'unsatisfiable' };
  return { kind: 'part', start, end };
}
