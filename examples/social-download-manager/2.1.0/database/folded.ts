/** Text as a search compares it, without regard to case; also the function `folded` in SQL statements. */
export function folded(value: unknown): string {
  return typeof value === 'string' ? value.normalize('NFC').toLowerCase() : '';
}
