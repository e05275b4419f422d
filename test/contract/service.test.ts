import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { nodeHost } from '../../src/host/node.ts';
import { z } from 'zod';
import {
  openService,
  serviceKinds,
  serviceSchema as schema,
  type ServiceDefinition,
} from '../../src/service/kinds.ts';
import { quiesce } from '../../src/service/quiesce.ts';
import type { ServiceSurroundings } from '../../src/service/service.ts';
import { eventually, quietApp } from './service-scene.ts';

const limits = { timeout: 900_000 };

/** What the manifest may say of each registered kind; a kind without a line here fails the suite. */
const written: Readonly<Record<keyof typeof serviceKinds, unknown>> = {
  none: { manager: 'none' },
  process: { manager: 'process', run: ['node', 'server.ts'], stopTimeout: '5s' },
  systemd: { manager: 'systemd', unit: 'social-download-manager' },
  openrc: { manager: 'openrc', name: 'social-download-manager' },
  launchd: { manager: 'launchd', label: 'com.example.sdm' },
  windows: { manager: 'windows', name: 'SocialDownloadManager' },
  compose: { manager: 'compose', file: 'compose.yaml', services: ['app'] },
};

const given = new Map(Object.entries(written));

function surroundings(t: TestContext): ServiceSurroundings & { readonly root: string } {
  const root = mkdtempSync(join(tmpdir(), 'backstep-service-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'releases'));
  return {
    root,
    host: nodeHost(),
    folder: join(root, 'state', 'service'),
    releaseFolders: [join(root, 'releases')],
    environment: process.env,
  };
}

for (const [name, kind] of Object.entries(serviceKinds)) {
  test(`${name}: its schema gives its definition, and refuses unknown keys`, () => {
    const form = given.get(name);
    assert.equal(schema.parse(form).manager, name);
    assert.ok(form !== null && typeof form === 'object');
    assert.equal(schema.safeParse({ ...form, stopTimout: '5s' }).success, false);
    z.toJSONSchema(schema, { io: 'input' });
  });

  test(`${name}: every command line is a program and its arguments, never a shell's`, () => {
    const definition = schema.parse(given.get(name));
    const ofKind: { commands(of: ServiceDefinition): readonly { argv: readonly string[] }[] } =
      kind;
    for (const { argv } of ofKind.commands(definition)) {
      assert.ok(argv.length > 0);
      for (const word of argv) assert.doesNotMatch(word, /[;&|`$]/);
    }
  });
}

// systemd has a suite of its own, which boots one; the others' managers answer in `service-foreign.test.ts`.
for (const name of ['process', 'none'] as const) {
  test(`${name}: stopping and masking what does not run may be done twice`, limits, async (t) => {
    const definition = schema.parse(given.get(name));
    const service = openService(definition, surroundings(t));
    for (let time = 0; time < 2; time += 1) {
      await service.mask('a test');
      await service.stop();
      assert.deepEqual(await service.processes(), []);
      assert.equal((await service.status()).state, 'stopped');
    }
    await service.unmask();
    await service.unmask();
    assert.equal((await service.status()).isMasked, false);
  });
}

test('the manifest’s defaults and units', () => {
  assert.deepEqual(schema.parse({ manager: 'process', run: ['node'] }), {
    manager: 'process',
    run: ['node'],
    env: {},
    cwd: '.',
    stopTimeoutMs: 30_000,
    logBytes: 20 * 1024 * 1024,
    restart: { limit: 5, firstWaitMs: 1000, longestWaitMs: 60_000, soundAfterMs: 60_000 },
  });
  assert.deepEqual(schema.parse({ manager: 'systemd', unit: 'sdm', stopTimeout: '2m' }), {
    manager: 'systemd',
    unit: 'sdm.service',
    scope: 'system',
    stopTimeoutMs: 120_000,
  });
  assert.equal(schema.safeParse({ manager: 'systemd', unit: '--force' }).success, false);
  assert.equal(schema.safeParse({ manager: 'systemd', unit: '../evil' }).success, false);
});

for (const [how, argumentsOf] of [
  ['by its absolute path', (release: string) => [join(release, 'app.mjs')]],
  ['by a path from its working folder', () => ['--no-warnings', './app.mjs']],
] as const) {
  test(`none: an open program, started ${how}, is refused by name`, limits, async (t) => {
    const around = surroundings(t);
    const release = join(around.root, 'releases', '1.2.1');
    mkdirSync(release);
    writeFileSync(join(release, 'app.mjs'), quietApp);
    const service = openService({ manager: 'none' }, around);
    const request = { reason: 'a test', files: [] };
    await quiesce(service, around.host, request);
    const program = spawn(process.execPath, [...argumentsOf(release)], {
      cwd: release,
      env: { ROOT: around.root },
      stdio: 'ignore',
    });
    t.after(() => program.kill('SIGKILL'));
    await eventually(async () => (await service.status()).state === 'running');
    await assert.rejects(quiesce(service, around.host, request), (error: Error) => {
      assert.ok('code' in error && error.code === 'service/running');
      assert.ok(error.message.includes(`pid ${program.pid} (`), error.message);
      assert.ok(error.message.includes('app.mjs'), error.message);
      return true;
    });
    assert.equal(program.exitCode ?? program.signalCode, null);
    const ended = new Promise((resolve) => program.once('exit', resolve));
    program.kill('SIGKILL');
    await ended;
    await quiesce(service, around.host, request);
  });
}

test('none: other programs may have been given anything', limits, async (t) => {
  const around = surroundings(t);
  const text = `setTimeout(Boolean, 1e9)${';'.repeat(300)}`;
  const program = spawn(process.execPath, ['-e', text], { stdio: 'ignore' });
  t.after(() => program.kill('SIGKILL'));
  await new Promise((resolve) => program.once('spawn', resolve));
  const { state } = await openService({ manager: 'none' }, around).status();
  assert.equal(state, 'stopped');
});

test('none: a program that holds an asset open is refused by name', limits, async (t) => {
  const around = surroundings(t);
  const asset = join(around.root, 'history.db');
  writeFileSync(asset, 'rows');
  const program = spawn('sleep', ['1000'], { stdio: [openSync(asset, 'r'), 'ignore', 'ignore'] });
  t.after(() => program.kill('SIGKILL'));
  await assert.rejects(
    quiesce(openService({ manager: 'none' }, around), around.host, {
      reason: 'a test',
      files: [asset],
    }),
    (error: Error) => {
      assert.ok('code' in error && error.code === 'service/held');
      assert.ok(error.message.includes(`pid ${program.pid} (sleep 1000) holds ${asset}`));
      return true;
    },
  );
});
