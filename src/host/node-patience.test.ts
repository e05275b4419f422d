import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskError, isDiskError } from './disk-error.ts';
import { patiently, renameWaitsMs } from './node-patience.ts';

/** A rename that is refused so many times, and how long was waited meanwhile. */
function refused(
  times: number,
  errno: string,
): {
  readonly act: () => void;
  readonly told: () => [number, number];
  readonly wait: (ms: number) => void;
} {
  let [calls, waitedMs] = [0, 0];
  return {
    act: () => {
      calls += 1;
      if (calls <= times) throw new DiskError(errno, { act: 'rename', path: '/data/notes.db' });
    },
    wait: (ms) => {
      waitedMs += ms;
    },
    told: () => [calls, waitedMs],
  };
}

test('what a program holds open for a moment is renamed in the end', () => {
  for (const errno of ['EBUSY', 'EPERM', 'EACCES']) {
    const { act, wait, told } = refused(3, errno);
    patiently(act, { waitsMs: renameWaitsMs, wait });
    assert.deepEqual(told(), [4, 350], errno);
  }
});

test('what is held for ever is refused by its name, after ten seconds', () => {
  const { act, wait, told } = refused(1000, 'EPERM');
  assert.throws(
    () => patiently(act, { waitsMs: renameWaitsMs, wait }),
    (error) =>
      isDiskError(error, 'EBUSY') && error.code === 'disk/busy' && /notes\.db/.test(error.message),
  );
  assert.deepEqual(told(), [renameWaitsMs.length + 1, 10_000]);
});

test('another error is no reason to wait', () => {
  const { act, wait, told } = refused(1, 'ENOSPC');
  assert.throws(
    () => patiently(act, { waitsMs: renameWaitsMs, wait }),
    (error) => isDiskError(error, 'ENOSPC'),
  );
  assert.deepEqual(told(), [1, 0]);
});
