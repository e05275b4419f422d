import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/** About 32 MiB and a tenth of a second a password. */
const cost = { N: 32_768, r: 8, p: 1 };
const saltBytes = 16;
const hashBytes = 32;
const memoryLimitBytes = 64 * 1024 * 1024;

/** Hashes off the main thread. The result is `scrypt$N$r$p$salt$hash`, salt and hash in base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), hash.toString('base64')].join(
    '$',
  );
}

/**
 * Whether the password belongs to the stored hash. With null, for a name that nobody has, it takes
 * as long and says no, so that names cannot be found out by the clock.
 */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const [, N, r, p, salt = '', hash = ''] = (stored ?? nobodysHash).split('$');
  const expected = Buffer.from(hash, 'base64');
  const options = { N: Number(N), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt, 'base64'), options);
  return timingSafeEqual(actual, expected) && stored !== null;
}

const nobodysHash = [
  'scrypt',
  cost.N,
  cost.r,
  cost.p,
  Buffer.alloc(saltBytes).toString('base64'),
  Buffer.alloc(hashBytes).toString('base64'),
].join('$');

function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, hash: Buffer): void =>
      error === null ? resolve(hash) : reject(error);
    scrypt(
      password.normalize('NFC'),
      salt,
      hashBytes,
      { ...options, maxmem: memoryLimitBytes },
      done,
    );
  });
}
