import { readFileSync } from 'node:fs';

/** The version in the `package.json` two folders above: the repository's, or the installed package's. */
export function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  const description: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const isOurs = typeof description === 'object' && description !== null;
  if (isOurs && 'version' in description && typeof description.version === 'string') {
    return description.version;
  }
  throw new Error(`${file.href} names no version`);
}
