import { createHash, randomBytes } from 'node:crypto';

/** 32 random bytes, fit for a cookie, a header and a command line. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * What is stored of a secret. Looking one up by its hash tells nothing by the clock: who does not
 * know the secret cannot choose the hash.
 */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
