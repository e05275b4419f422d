/** What asks for a newer shell than the rest: words in SQL of the application's or the reversal file's, and since when. */
const features: readonly (readonly [pattern: RegExp, version: string])[] = [
  [/\b(?:jsonb\w*)\s*\(/i, '3.45.0'],
  [/\b(?:concat|concat_ws|string_agg)\s*\(/i, '3.44.0'],
  [/\b(?:timediff|octet_length)\s*\(/i, '3.43.0'],
  [/\bunhex\s*\(/i, '3.41.0'],
  [/->|\bformat\s*\(|\bunixepoch\s*\(/i, '3.38.0'],
  [/\bSTRICT\b/i, '3.37.0'],
];

/** What the statements of our own need: MATERIALIZED hints. */
const least = '3.35.0';

/** The oldest SQLite that understands all of this SQL, `3.X.Y`. A word too many asks for more than is needed. */
export function versionFor(sql: readonly string[]): string {
  const found = features.find(([pattern]) => sql.some((text) => pattern.test(text)));
  return found?.[1] ?? least;
}

/** SQL that is 1 where the running SQLite is of this version or a later one of its series 3. */
export function isAtLeast(version: string): string {
  const minor = version.split('.')[1] ?? '0';
  return `sqlite_version() LIKE '3.%' AND CAST(substr(sqlite_version(), 3) AS INTEGER) >= ${minor}`;
}
