import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { httpProbe } from '../../src/health/http-probe.ts';
import { awaitReady } from '../../src/health/ready.ts';
import { openService } from '../../src/service/kinds.ts';
import { quiesce } from '../../src/service/quiesce.ts';
import { scene, type Scene } from './service-scene.ts';

const server = fileURLToPath(
  new URL('../../examples/social-download-manager/1.2.1/server.ts', import.meta.url),
);

async function readyOn(run: Scene, port: number) {
  const url = new URL(`http://127.0.0.1:${port}/healthz`);
  return awaitReady(
    {
      probe: httpProbe(run.host.network, url),
      deadlineMs: run.host.clock.monotonicMs() + 300_000,
      ended: () => run.service.death(),
    },
    run.host.clock,
  );
}

const limits = { timeout: 900_000 };

test(
  'Social Download Manager 1.2.1 starts, is ready, stops cleanly and starts again',
  limits,
  async (t) => {
    const run = scene(t, '');
    const port = await run.host.network.freePort();
    const data = run.path('data');
    const definition = {
      ...run.definition,
      run: [process.execPath, server, '--data', data, '--port', String(port)] as const,
      env: {},
      stopTimeoutMs: 60_000,
    };
    const service = openService(definition, run.surroundings);
    const files = ['sdm.db', 'sdm.db-wal', 'sdm.db-shm', 'server.lock', 'config.json'].map(
      (name) => `${data}/${name}`,
    );
    for (let time = 0; time < 2; time += 1) {
      await service.start();
      const verdict = await readyOn(run, port);
      assert.equal(verdict.outcome, 'Successful', JSON.stringify(verdict));
      assert.match(verdict.detail, /1\.2\.1/);
      const database = run.host.disk.lstat(`${data}/sdm.db`);
      assert.ok(database);
      const holders = run.host.processes.openFiles().holdersOf(database);
      assert.ok(holders.some(({ pid }) => pid === run.record().child?.pid));
      await quiesce(service, run.host, { reason: 'a test', files });
      // It removes this one only when it stops cleanly: SIGTERM was enough.
      assert.equal(existsSync(`${data}/server.json`), false);
      assert.equal(existsSync(`${data}/sdm.db-wal`), false);
      await service.unmask();
    }
  },
);

test('a second server on the same data folder ends early, and says why', limits, async (t) => {
  const run = scene(t, '');
  const argv = [process.execPath, server, '--data', run.path('data'), '--port', '0'] as const;
  const first = openService({ ...run.definition, run: argv, env: {} }, run.surroundings);
  await first.start();
  const other = { ...run.surroundings, folder: run.path('state/other') };
  const restart = { ...run.definition.restart, limit: 1 };
  const second = openService({ ...run.definition, run: argv, env: {}, restart }, other);
  await readyToServe(run);
  await second.start();
  const verdict = await awaitReady(
    {
      // Without a probe it would be ready after a second, which a slow machine needs to start it.
      probe: () => Promise.resolve({ outcome: 'Inconclusive', detail: 'its end is waited for' }),
      deadlineMs: run.host.clock.monotonicMs() + 300_000,
      ended: () => second.death(),
    },
    run.host.clock,
  );
  assert.equal(verdict.outcome, 'Failed');
  assert.match(verdict.detail, /exit code 3/);
  assert.match(verdict.ended?.lastLines.join('\n') ?? '', /in use/);
  assert.equal(await first.death(), null);
  await second.stop();
});

async function readyToServe(run: Scene): Promise<void> {
  while (!existsSync(run.path('data/server.json'))) await run.host.clock.sleep(20);
  assert.ok(readFileSync(run.path('data/server.json'), 'utf8').includes('"pid"'));
}
