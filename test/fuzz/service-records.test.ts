import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { nodeHost } from '../../src/host/node.ts';
import { takeOrder, writeOrder } from '../../src/service/process/launch-order.ts';
import { claimGeneration, latestRecord } from '../../src/service/process/record.ts';
import { remembered } from '../../src/service/remembered.ts';
import { scratchFolder } from '../contract/scratch.ts';
import { attempt } from './attempt.ts';
import { changed, changes } from './mutation.ts';

const limits = { timeout: 3_600_000 };

test('what is remembered of a service, altered, is read right or refused', limits, (t) => {
  const host = nodeHost();
  const folder = scratchFolder(t, host);
  const memory = remembered(
    { host, folder, releaseFolders: [], environment: process.env },
    'masked',
  );
  memory.keep({ unit: 'enabled', state: 'active' });
  const file = join(folder, readdirSync(folder)[0] ?? '');
  const whole = readFileSync(file);
  attempt(t, changes, (all) => {
    writeFileSync(file, changed(whole, all));
    memory.read();
  });
});

test('the record of a supervisor, altered, is read right or refused', limits, (t) => {
  const host = nodeHost();
  const folder = scratchFolder(t, host);
  const self = host.processes.self();
  claimGeneration(host, folder, {
    supervisor: self,
    argv: ['program', '--port', '80'],
    state: 'running',
    child: self,
    exitCount: 1,
    lastExit: { exitCode: 1, signal: null },
    detail: 'runs',
    at: '2026-01-01T00:00:00.000Z',
  });
  const file = join(folder, readdirSync(folder)[0] ?? '');
  const whole = readFileSync(file);
  attempt(t, changes, (all) => {
    writeFileSync(file, changed(whole, all));
    latestRecord(host, folder);
  });
  writeFileSync(file, whole);
  assert.equal(latestRecord(host, folder)?.state, 'running');
});

test('the order to a supervisor, altered, is read right or refused', limits, (t) => {
  const host = nodeHost();
  const folder = scratchFolder(t, host);
  const order = {
    argv: ['program', '--port', '80'],
    env: { PATH: '/bin' },
    cwd: '/',
    account: { uid: 1, gid: 2 },
    stopTimeoutMs: 30_000,
    restart: { limit: 5, firstWaitMs: 500, longestWaitMs: 30_000, soundAfterMs: 60_000 },
    logBytes: 1_000_000,
  } as const;
  const name = writeOrder(host, folder, order);
  const whole = readFileSync(join(folder, name));
  attempt(t, changes, (all) => {
    writeFileSync(join(folder, name), changed(whole, all));
    takeOrder(host, folder, name);
  });
  writeFileSync(join(folder, name), whole);
  assert.deepEqual(takeOrder(host, folder, name), order);
});
