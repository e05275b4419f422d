import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { nodeHost } from '../../src/host/node.ts';
import { openService } from '../../src/service/kinds.ts';
import { quiesce } from '../../src/service/quiesce.ts';
import type { Service } from '../../src/service/service.ts';
import { eventually } from './service-scene.ts';

const host = nodeHost();

function opened(t: TestContext, unit: string, stopTimeoutMs = 30_000): Service {
  const root = mkdtempSync(join(tmpdir(), 'backstep-unit-'));
  t.after(() => rmSync(root, { recursive: true }));
  return openService(
    { manager: 'systemd', unit, scope: 'system', stopTimeoutMs },
    { host, folder: join(root, 'service'), releaseFolders: [], environment: process.env },
  );
}

const systemctl = (...words: readonly string[]) =>
  spawnSync('systemctl', [...words], { encoding: 'utf8' });

for (const unit of ['local.service', 'vendor.service']) {
  test(`${unit}: quiesced with all its processes; nothing starts it until it is unmasked`, async (t) => {
    const service = opened(t, unit);
    await service.start();
    const status = await service.status();
    assert.equal(status.state, 'running');
    assert.ok(status.mainPid);
    await eventually(async () => (await service.processes()).length === 3);
    assert.equal(await service.death(), null);

    for (let time = 0; time < 2; time += 1) {
      await quiesce(service, host, { reason: 'a test', files: [] });
      assert.deepEqual(await service.processes(), []);
      assert.equal((await service.status()).state, 'stopped');
      assert.equal((await service.status()).isMasked, true);
      assert.notEqual(systemctl('start', unit).status, 0);
      await assert.rejects(service.start(), { code: 'service/command' });
    }
    await service.unmask();
    await service.unmask();
    assert.equal((await service.status()).isMasked, false);
    await service.start();
    assert.equal((await service.status()).state, 'running');
    await service.stop();
  });

  test(`${unit}: \`Restart=\` does not bring it back while it is masked`, async (t) => {
    const service = opened(t, unit);
    await service.start();
    const { mainPid } = await service.status();
    await service.mask('a test');
    const main = host.processes.identify(Number(mainPid));
    assert.ok(main);
    host.processes.signal(main, 'SIGKILL');
    await eventually(async () => (await service.status()).mainPid === null);
    await service.stop();
    assert.deepEqual(await service.processes(), []);
    await service.unmask();
  });
}

test('what ignores SIGTERM, under a unit that would wait for ever, is killed', async (t) => {
  const service = opened(t, 'stubborn.service', 300);
  await service.start();
  await service.stop();
  assert.deepEqual(await service.processes(), []);
});

test('what a unit leaves behind when it stops is ended too', async (t) => {
  const service = opened(t, 'leaving.service');
  await service.start();
  await eventually(async () => (await service.processes()).length === 3);
  await service.stop();
  assert.deepEqual(await service.processes(), []);
});

test('an early end is told with its exit code; a unit that is not there by name', async (t) => {
  const service = opened(t, 'crashing.service');
  await service.start();
  const death = await eventually(() => service.death());
  assert.equal(death.exitCode, 3);
  assert.match(death.detail, /exit-code/);
  assert.equal((await service.status()).state, 'down');
  await service.start();
  await assert.rejects(opened(t, 'nowhere.service').start(), { code: 'service/unknown' });
});

test('a socket that starts the unit is stopped with it, and started again', async (t) => {
  const service = opened(t, 'listening.service');
  assert.equal(systemctl('start', 'listening.socket').status, 0);
  await service.start();
  await service.stop();
  // Killed in between, and run again: what was remembered is not forgotten.
  await service.stop();
  assert.equal(systemctl('is-active', 'listening.socket').stdout.trim(), 'inactive');
  await service.start();
  assert.equal(systemctl('is-active', 'listening.socket').stdout.trim(), 'active');
  assert.ok(existsSync('/run/listening.sock'));
  await service.stop();
});
