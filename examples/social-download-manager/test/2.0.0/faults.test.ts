import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMediaServer } from '../../media-server/server.ts';
import { firstAccount } from '../accounts.ts';
import { Client } from '../client.ts';
import { limitMs } from '../patience.ts';
import { dataFolder } from '../running.ts';
import { readJson } from '../stored.ts';
import { Operator, operatorOf } from './operator.ts';

async function until(isReached: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const start = Date.now(); !(await isReached()); await sleep(20))
    assert.ok(Date.now() - start < limitMs, `not reached within ${limitMs} ms: ${what}`);
}

test('faults are switched with an API token alone: not by nobody, nor by a signed-in administrator', async (t) => {
  const folder = dataFolder(t);
  const server = await folder.start('2.0.0');
  const admin = await firstAccount(server);
  for (const [method, path] of [
    ['GET', '/admin/faults'],
    ['POST', '/admin/faults'],
    ['DELETE', '/admin/faults/ignore-sigterm'],
  ] as const)
    for (const client of [admin, server.client()]) {
      const body = method === 'GET' ? {} : { body: { name: 'ignore-sigterm' } };
      const refused = await client.request(method, path, body);
      assert.deepEqual([refused.status, refused.at('error.code')], [401, 'token/needed']);
    }
  const wrong = new Operator(server.client(), 'wrong');
  assert.equal((await wrong.switchOn('ignore-sigterm')).at('error.code'), 'token/wrong');
  const operator = await operatorOf(folder, server);
  assert.deepEqual(await operator.faults(), []);
});

test('faults are switched from this machine alone', async (t) => {
  const own = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal);
  if (own === undefined) return t.skip('this machine has no address but loopback');
  const folder = dataFolder(t);
  const server = await folder.start('2.0.0', { args: ['--host', '0.0.0.0'] });
  const operator = await operatorOf(folder, server);
  assert.equal((await operator.switchOn('slow-answers', 2)).status, 201);
  // The machine's own address, and yet another peer than loopback.
  const elsewhere = new Client(`http://${own.address}:${server.port}`);
  const refused = await elsewhere.get('/admin/faults', { headers: operator.headers });
  assert.deepEqual([refused.status, refused.at('error.code')], [403, 'fault/not-local']);
  assert.equal((await elsewhere.get('/healthz')).status, 200);
});

test('faults are told loudly, listed, and switched off again', async (t) => {
  const folder = dataFolder(t);
  const server = await folder.start('2.0.0', { args: ['--fault', 'platform-failing=youtube'] });
  const operator = await operatorOf(folder, server);
  await operator.switchOn('slow-answers', 1.5);
  assert.deepEqual(
    (await operator.faults()).map((fault) => [Object(fault).name, Object(fault).value]),
    [
      ['platform-failing', 'youtube'],
      ['slow-answers', '1.5'],
    ],
  );
  assert.equal((await operator.switchOff('slow-answers')).status, 204);
  assert.equal((await operator.switchOff('slow-answers')).status, 404);
  assert.equal((await operator.switchOff('nonsense')).status, 404);
  assert.equal((await operator.faults()).length, 1);
  const told = server.log.filter(({ level }) => level === 'error');
  assert.deepEqual(
    told.map(({ event, name }) => `${String(event)} ${String(name)}`),
    [
      'fault-on platform-failing',
      'fault-effect platform-failing',
      'fault-on slow-answers',
      'fault-effect slow-answers',
      'fault-off slow-answers',
    ],
  );
});

test('faults that are none, and values that make no sense, are refused', async (t) => {
  const folder = dataFolder(t);
  const server = await folder.start('2.0.0');
  const operator = await operatorOf(folder, server);
  for (const [name, value] of [
    ['nonsense', undefined],
    ['toString', undefined],
    ['ignore-sigterm', 1],
    ['slow-answers', 0],
    ['slow-answers', 'fast'],
    ['crash-after-requests', 1.5],
    ['crash-after-requests', undefined],
    ['platform-failing', 'nobody'],
    ['broken-json', '../config.json'],
    ['broken-json', 'faults.json'],
    ['leak-memory', 100_000],
    ['blank-titles', -1],
  ] as const) {
    const refused = await operator.switchOn(name, value);
    assert.deepEqual([refused.status, refused.at('error.code')], [400, 'fault/refused'], name);
    const flag = value === undefined ? name : `${name}=${value}`;
    const other = await folder.run('2.0.0', [], { args: ['--port', '0', '--fault', flag] });
    assert.equal(other.code, 2, flag);
  }
  assert.deepEqual(await operator.faults(), []);
});

test('crash-at-start: the flag ends every start before it serves, with the data migrated', async (t) => {
  const folder = dataFolder(t);
  const start = folder.start('2.0.0', { args: ['--fault', 'crash-at-start'] });
  await assert.rejects(start, /ended before it listened: \{"code":1,/);
  assert.equal(Object(readJson(folder, 'config.json')).version, '2.0.0');
  assert.equal((await folder.run('2.0.0', ['migrate'])).code, 0);
  assert.equal((await (await folder.start('2.0.0')).client().get('/healthz')).status, 200);
});

test('crash-at-start at run time: remembered for the next starts, until it is taken back', async (t) => {
  const folder = dataFolder(t);
  const server = await folder.start('2.0.0');
  const operator = await operatorOf(folder, server);
  await operator.switchOn('crash-at-start');
  assert.equal((await operator.switchOff('crash-at-start')).status, 204);
  assert.equal(existsSync(join(folder.path, 'faults.json')), false);
  assert.equal((await operator.switchOn('crash-at-start')).status, 201);
  assert.equal((await server.client().get('/healthz')).status, 200);
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  for (const _ of [1, 2]) await assert.rejects(folder.start('2.0.0'), /\{"code":1,/);
  rmSync(join(folder.path, 'faults.json'));
  assert.equal((await (await folder.start('2.0.0')).client().get('/healthz')).status, 200);
});

test(
  'crash-after-requests: the last request is answered, and then there is no server',
  { timeout: limitMs },
  async (t) => {
    const folder = dataFolder(t);
    const server = await folder.start('2.0.0');
    const operator = await operatorOf(folder, server);
    assert.equal((await operator.switchOn('crash-after-requests', 3)).status, 201);
    const client = server.client();
    for (const _ of [1, 2, 3]) assert.equal((await client.get('/api/session')).status, 200);
    assert.deepEqual(await server.ended(), { code: 1, signal: null });
    assert.equal(server.log.at(-1)?.['event'], 'fault-crash');
    await assert.rejects(client.get('/api/session'));
  },
);

test('slow-answers: every answer waits its own time over and over, and the delay is recorded', async (t) => {
  const folder = dataFolder(t);
  const server = await folder.start('2.0.0');
  const operator = await operatorOf(folder, server);
  await operator.switchOn('slow-answers', 4);
  for (const _ of [1, 2, 3]) await server.client().get('/healthz');
  const { answers, ownMs = 0, delayMs = 0 } = await operator.effectOf('slow-answers');
  assert.equal(answers, 4);
  assert.ok(ownMs > 0);
  assert.ok(Math.abs(delayMs - 3 * ownMs) < 0.001, `${delayMs} of ${ownMs}`);
  const metrics = (await server.client().get('/metrics')).text;
  const line = /^sdm_http_request_seconds_sum\{route="\/healthz".*\} (.+)$/m.exec(metrics);
  assert.ok(Number(line?.[1]) > 0);
});

test('platform-failing: its check says so, and its downloads fail, until it is switched off', async (t) => {
  const folder = dataFolder(t);
  const media = await startMediaServer();
  t.after(() => media.close());
  const server = await folder.start('2.0.0');
  const admin = await firstAccount(server);
  const operator = await operatorOf(folder, server);
  assert.equal((await admin.get('/healthz')).at('checks.platforms.direct.status'), 'ok');
  await operator.switchOn('platform-failing', 'direct');
  const health = await admin.get('/healthz');
  assert.deepEqual([health.status, health.at('status')], [200, 'degraded']);
  assert.equal(health.at('checks.platforms.direct.status'), 'unavailable');
  const link = `${media.origin}/file/x.mp4?size=1000`;
  const id = (await admin.post('/api/downloads', { links: [link] })).number('accepted.0.id');
  const statusIs = async (status: string): Promise<boolean> =>
    (await admin.get(`/api/downloads?status=${status}`)).number('total') === 1;
  await until(() => statusIs('failed'), 'the download fails');
  const failed = await admin.get('/api/downloads');
  assert.equal(failed.at('downloads.0.error'), 'platform/failed: direct does not answer.');
  await operator.switchOff('platform-failing');
  assert.equal((await admin.get('/healthz')).at('checks.platforms.direct.status'), 'ok');
  assert.equal((await admin.post(`/api/downloads/${id}/retry`)).status, 200);
  await until(() => statusIs('completed'), 'the download completes');
});

test('ignore-sigterm: only SIGKILL ends the server, until the fault is switched off', async (t) => {
  const folder = dataFolder(t);
  const server = await folder.start('2.0.0', { args: ['--fault', 'ignore-sigterm'] });
  const operator = await operatorOf(folder, server);
  const ignored = (): number =>
    server.log.filter(({ event }) => event === 'fault-signal-ignored').length;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.kill(server.pid, signal);
  await until(() => ignored() === 2, 'both signals are ignored');
  assert.equal((await server.client().get('/healthz')).status, 200);
  await operator.switchOff('ignore-sigterm');
  assert.deepEqual(await server.stop(), { code: 0, signal: null });

  const other = await folder.start('2.0.0', { args: ['--fault', 'ignore-sigterm'] });
  process.kill(other.pid, 'SIGTERM');
  await until(() => other.log.some(({ event }) => event === 'fault-signal-ignored'), 'ignored');
  assert.deepEqual(await other.kill(), { code: null, signal: 'SIGKILL' });
});

test('leak-memory: the process grows by what is asked for each second', async (t) => {
  const folder = dataFolder(t);
  const server = await folder.start('2.0.0');
  const operator = await operatorOf(folder, server);
  const residentBytes = (): number => {
    const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
  };
  if (!existsSync(`/proc/${server.pid}/status`)) return t.skip('no /proc tells the memory');
  const before = residentBytes();
  await operator.switchOn('leak-memory', 60);
  await until(
    async () => ((await operator.effectOf('leak-memory'))['megabytes'] ?? 0) >= 180,
    'three chunks',
  );
  assert.ok(residentBytes() - before >= 150_000_000, `${before} to ${residentBytes()}`);
  assert.equal((await operator.switchOff('leak-memory')).status, 204);
});
