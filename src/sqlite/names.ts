/** `"name"`, for any table, column or schema name. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `'text'` as an SQL literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * The URI by which SQLite opens a path: every byte outside the unreserved ones is written as %XX, so
 * that `?`, `#`, `%` and bytes that are no UTF-8 (kept as lone surrogates U+DC80 to U+DCFF) are safe.
 */
export function locationOf(path: string, mode?: 'ro' | 'rw' | 'rwc'): string {
  let location = 'file:';
  for (const character of path) location += encoded(character);
  return mode === undefined ? location : `${location}?mode=${mode}`;
}

function encoded(character: string): string {
  if (/^[A-Za-z0-9/._~-]$/.test(character)) return character;
  const point = character.codePointAt(0) ?? 0;
  if (point >= 0xdc80 && point <= 0xdcff) return `%${(point - 0xdc00).toString(16)}`;
  return encodeURIComponent(character);
}
