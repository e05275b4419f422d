import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';

/** How long a test waits for anything before it fails: far longer than a slow machine needs. */
export const limitMs = 120_000;

/** Reads again and again until it reads what is wanted; fails with what it has read last. */
export async function eventually<T>(read: () => Promise<T> | T, wanted: T): Promise<void> {
  const start = Date.now();
  let seen = await read();
  while (!isDeepStrictEqual(seen, wanted) && Date.now() - start < limitMs) {
    await sleep(20);
    seen = await read();
  }
  assert.deepEqual(seen, wanted, `not as wanted within ${limitMs} ms`);
}
