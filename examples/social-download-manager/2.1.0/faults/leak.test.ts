import assert from 'node:assert/strict';
import { test, mock } from 'node:test';
import { MemoryLeak } from './leak.ts';

test('a leak grows every second up to its limit, and ends', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const leak = new MemoryLeak(4, 10_000_000);
  const seen = [leak.megabytes];
  for (const _ of [1, 2, 3, 4]) {
    mock.timers.tick(1_000);
    seen.push(leak.megabytes);
  }
  leak.close();
  mock.timers.reset();
  assert.deepEqual(seen, [4, 8, 10, 10, 10]);
  assert.equal(leak.megabytes, 0);
});
