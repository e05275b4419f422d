/** A path as a person types it to a shell: as it is where that is safe, else in single quotes. */
export function quoted(path: string): string {
  return /^[A-Za-z0-9_./+:@%,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
