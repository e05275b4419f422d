import assert from 'node:assert/strict';
import { join } from 'node:path/posix';
import { test, type TestContext } from 'node:test';
import { scratchFolder } from '../../test/contract/scratch.ts';
import { put } from '../../test/contract/tree.ts';
import { BackstepError } from '../fault/backstep-error.ts';
import type { Disk } from '../host/disk.ts';
import { nodeHost } from '../host/node.ts';
import type { ProcessIdentity } from '../host/processes.ts';
import { readWhole } from '../host/whole-file.ts';
import { acquireLock, lockHolder } from './lock.ts';

const host = nodeHost();
const { disk, processes } = host;
const self = processes.self();
const request = { purpose: 'test', waitMs: 0 };

test('one holds it, others are told who, and get it once it is free', async (t) => {
  const folder = scratchFolder(t, host);
  const lock = await acquireLock(host, folder, { purpose: 'a rollback', waitMs: 0 });
  await assert.rejects(acquireLock(host, folder, request), (error) => {
    assert.ok(error instanceof BackstepError);
    assert.equal(error.code, 'store/locked');
    assert.match(error.message, new RegExp(`process ${self.pid} .*a rollback`));
    return true;
  });
  assert.deepEqual(lockHolder(host, folder)?.identity, self);
  const waiting = acquireLock(host, folder, { purpose: 'waits', waitMs: 60_000 });
  lock.release();
  const next = await waiting;
  lock.release();
  assert.equal(lockHolder(host, folder)?.purpose, 'waits');
  next.release();
  assert.equal(lockHolder(host, folder), null);
});

test('a wait can be cut short', async (t) => {
  const folder = scratchFolder(t, host);
  await acquireLock(host, folder, request);
  const stop = new AbortController();
  const waiting = acquireLock(host, folder, { ...request, waitMs: 60_000, abort: stop.signal });
  stop.abort();
  await assert.rejects(waiting, codeIs('interrupted'));
});

test('a dead holder is succeeded, a living one is not', async (t) => {
  const dead: readonly Partial<ProcessIdentity>[] = [
    { startTicks: self.startTicks - 1 },
    { bootId: 'another boot' },
    { bootId: 'another boot', pidNamespace: 'pid:[1]' },
    { pid: 4_194_305 },
  ];
  for (const change of dead) {
    const folder = heldBy(t, change);
    assert.equal(lockHolder(host, folder), null);
    await acquireLock(host, folder, request);
    assert.deepEqual(disk.list(folder), ['8']);
  }
  const living: readonly Partial<ProcessIdentity>[] = [
    {},
    { pidNamespace: 'pid:[1]', pid: 4_194_305 },
    ...(self.machineId === '' ? [] : [{ machineId: 'another', bootId: 'another boot' }]),
  ];
  for (const change of living) {
    const folder = heldBy(t, change);
    await assert.rejects(acquireLock(host, folder, request), codeIs('store/locked'));
    assert.deepEqual(disk.list(folder), ['7']);
  }
});

test('a record that a power loss cut is succeeded', async (t) => {
  for (const text of ['', '{"identity":', '{}', 'null']) {
    const folder = scratchFolder(t, host);
    put(disk, join(folder, '3'), text);
    await acquireLock(host, folder, request);
    assert.deepEqual(disk.list(folder), ['4']);
  }
});

test('of two that find a dead holder at once, one gets it', async (t) => {
  const folder = heldBy(t, { bootId: 'another boot' });
  const rivals: Promise<unknown>[] = [];
  const slow: Disk = {
    ...disk,
    link: (existing, to) => {
      if (rivals.length === 0) {
        rivals.push(acquireLock(host, folder, { ...request, purpose: 'rival' }));
      }
      disk.link(existing, to);
    },
  };
  await assert.rejects(
    acquireLock({ ...host, disk: slow }, folder, request),
    codeIs('store/locked'),
  );
  await Promise.all(rivals);
  assert.equal(lockHolder(host, folder)?.purpose, 'rival');
});

test('a number that was passed by meanwhile is given up', async (t) => {
  const folder = heldBy(t, { bootId: 'another boot' });
  let isDone = false;
  const late: Disk = {
    ...disk,
    link: (existing, to) => {
      if (!isDone) {
        isDone = true;
        disk.rename(join(folder, '7'), join(folder, '9'));
        overwriteHolder(join(folder, '9'), 'rival');
      }
      disk.link(existing, to);
    },
  };
  await assert.rejects(
    acquireLock({ ...host, disk: late }, folder, request),
    codeIs('store/locked'),
  );
  assert.deepEqual(disk.list(folder), ['9']);
});

test('many processes never hold it at the same time', async (t) => {
  const folder = scratchFolder(t, host);
  const locks = join(folder, 'locks');
  disk.makeFolder(locks, 0o700);
  const argv = [
    process.execPath,
    join(import.meta.dirname, '../../test/contract/lock-contender.ts'),
    locks,
    folder,
  ] as const;
  const runs = [1, 2, 3].map(() => processes.run({ argv: [...argv] }, { limitMs: 120_000 }));
  for (const done of await Promise.all(runs)) {
    assert.equal(done.stderr, '');
    assert.equal(done.code, 0);
  }
  assert.equal(readWhole(disk, join(folder, 'count')).toString(), '60');
});

/** A lock folder whose highest number is a record like ours, but for `change`. */
function heldBy(t: TestContext, change: Partial<ProcessIdentity>): string {
  const folder = scratchFolder(t, host);
  put(disk, join(folder, '7'), record(change, 'somebody'));
  return folder;
}

function record(change: Partial<ProcessIdentity>, purpose: string): string {
  return JSON.stringify({
    identity: { ...self, ...change },
    purpose,
    since: '2026-02-14T09:30:15Z',
  });
}

function overwriteHolder(path: string, purpose: string): void {
  disk.removeFile(path);
  put(disk, path, record({}, purpose));
}

function codeIs(code: string): (error: unknown) => boolean {
  return (error) => error instanceof BackstepError && error.code === code;
}
