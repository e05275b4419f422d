import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openService } from '../../src/service/kinds.ts';
import { markerOf } from '../../src/service/process/tree.ts';
import { writeRecord } from '../../src/service/process/record.ts';
import { quiesce } from '../../src/service/quiesce.ts';
import { eventually, quietApp, scene, stubbornApp } from './service-scene.ts';

const limits = { timeout: 900_000 };

test('an application that ignores SIGTERM is killed after its stop timeout', limits, async (t) => {
  const { service, host, text, record } = scene(t, stubbornApp, { stopTimeoutMs: 200 });
  await service.start();
  const pid = Number(await text('ready'));
  const { child, supervisor } = record();
  assert.equal(child?.pid, pid);
  await service.stop();
  assert.equal(host.processes.identify(pid), null);
  assert.equal(host.processes.isAlive(supervisor), false);
  assert.deepEqual(await service.processes(), []);
  assert.equal(record().state, 'stopped');
  assert.equal(await service.death(), null);
});

test('stopping what is stopped, or was never started, does nothing', limits, async (t) => {
  const { service } = scene(t, quietApp);
  await service.stop();
  assert.equal((await service.status()).state, 'stopped');
  await service.start();
  await service.stop();
  await service.stop();
  assert.equal((await service.status()).state, 'stopped');
});

const leavingApp = `
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
const grandchild = spawn(process.execPath, [process.env.ROOT + '/grandchild.mjs'], {
  detached: true, stdio: 'ignore', env: ENV,
});
setInterval(() => undefined, 1000);
process.on('SIGTERM', () => process.exit(0));
`;

const grandchild = `
import { openSync, writeFileSync } from 'node:fs';
process.on('SIGTERM', () => undefined);
openSync(process.argv[1].replace('grandchild.mjs', 'asset.db'), 'r');
writeFileSync(process.argv[1].replace('grandchild.mjs', 'grandchild'), process.pid + '\\n');
setInterval(() => undefined, 1000);
`;

for (const [what, env] of [
  ['bears the marker', 'process.env'],
  ['has cleared its environment', '{}'],
] as const) {
  test(`a grandchild that left the group and ${what} is stopped too`, limits, async (t) => {
    const { service, host, text, path } = scene(t, leavingApp.replace('ENV', env), {
      stopTimeoutMs: 200,
    });
    writeFileSync(path('grandchild.mjs'), grandchild);
    writeFileSync(path('asset.db'), 'rows');
    await service.start();
    const pid = Number(await text('grandchild'));
    await quiesce(service, host, { reason: 'a test', files: [path('asset.db')] });
    assert.equal(host.processes.identify(pid), null);
  });
}

test('a stranger that holds an asset open is named, and not signalled', limits, async (t) => {
  const { service, host, path } = scene(t, quietApp);
  writeFileSync(path('asset.db'), 'rows');
  const held = openSync(path('asset.db'), 'r');
  const stranger = spawn('sleep', ['1000'], { stdio: [held, 'ignore', 'ignore'] });
  t.after(() => stranger.kill('SIGKILL'));
  await service.start();
  await assert.rejects(
    quiesce(service, host, { reason: 'a test', files: [path('asset.db')] }),
    (error: Error) => {
      assert.ok('code' in error && error.code === 'service/held');
      assert.ok(error.message.includes(`pid ${stranger.pid} (sleep 1000)`), error.message);
      assert.ok(error.message.includes(path('asset.db')));
      return true;
    },
  );
  assert.deepEqual(await service.processes(), []);
  assert.equal(stranger.exitCode ?? stranger.signalCode, null);
});

test('an application whose supervisor was killed is found by its record', limits, async (t) => {
  const { service, host, text, record } = scene(t, stubbornApp, { stopTimeoutMs: 100 });
  await service.start();
  const pid = Number(await text('ready'));
  host.processes.signal(record().supervisor, 'SIGKILL');
  await eventually(() => !host.processes.isAlive(record().supervisor));
  const status = await service.status();
  assert.equal(status.state, 'running');
  assert.equal(status.mainPid, pid);
  assert.match(status.detail, /supervisor is gone/);
  await service.stop();
  assert.equal(host.processes.identify(pid), null);
});

test('one that was started but never recorded is found by its marker', limits, async (t) => {
  const { service, host, folder, path, text } = scene(t, quietApp, { stopTimeoutMs: 100 });
  const [name, value] = markerOf(folder).split('=');
  const orphan = spawn(process.execPath, [path('app.mjs')], {
    detached: true,
    stdio: 'ignore',
    env: { ROOT: path(''), [String(name)]: String(value) },
  });
  t.after(() => orphan.kill('SIGKILL'));
  const pid = Number(await text('ready'));
  assert.equal(orphan.pid, pid);
  assert.equal((await service.status()).state, 'running');
  await service.stop();
  assert.equal(host.processes.identify(pid), null);
});

test('a pid that was given out again is nobody of ours', limits, async (t) => {
  const { service, host, folder, record } = scene(t, quietApp);
  await service.start();
  await service.stop();
  const stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
  t.after(() => stranger.kill('SIGKILL'));
  const identity = host.processes.identify(Number(stranger.pid));
  assert.ok(identity);
  // What a record looks like once both pids belong to somebody else: another start time, or another boot.
  for (const stale of [
    { ...identity, startTicks: identity.startTicks - 1 },
    { ...identity, bootId: '00000000-0000-0000-0000-000000000000' },
  ]) {
    writeRecord(host, folder, {
      ...record(),
      state: 'running',
      supervisor: stale,
      child: stale,
    });
    assert.equal((await service.status()).state, 'down');
    await service.stop();
    assert.equal(stranger.exitCode ?? stranger.signalCode, null);
    assert.ok(host.processes.isAlive(identity));
  }
});

test('a command inside the service that it would stop is refused', limits, async (t) => {
  const { service, folder, path, text, definition } = scene(t, quietApp);
  await service.start();
  const pid = await text('ready');
  const kinds = new URL('../../src/service/kinds.ts', import.meta.url).href;
  const node = new URL('../../src/host/node.ts', import.meta.url).href;
  writeFileSync(
    path('inside.mjs'),
    `import { openService } from ${JSON.stringify(kinds)};
     import { nodeHost } from ${JSON.stringify(node)};
     const surroundings = { host: nodeHost(), folder: ${JSON.stringify(folder)}, releaseFolders: [], environment: {} };
     const service = openService(${JSON.stringify(definition)}, surroundings);
     await service.stop().catch((error) => { process.stdout.write(error.code); });`,
  );
  const [name, value] = markerOf(folder).split('=');
  const inside = spawnSync(process.execPath, [path('inside.mjs')], {
    env: { [String(name)]: String(value) },
    encoding: 'utf8',
  });
  assert.equal(inside.stdout, 'service/inside', inside.stderr);
  assert.equal((await service.status()).mainPid, Number(pid));
});

const cleanApp = `
process.on('SIGTERM', () => {
  writeFileSync(process.env.ROOT + '/clean', 'yes\\n');
  process.exit(0);
});
${quietApp}`;

test('a halted application is stopped', limits, async (t) => {
  const { service, host, text, record } = scene(t, cleanApp, { stopTimeoutMs: 20_000 });
  await service.start();
  const pid = Number(await text('ready'));
  const { child, supervisor } = record();
  assert.ok(child);
  host.processes.signal(child, 'SIGSTOP');
  host.processes.signal(supervisor, 'SIGSTOP');
  await service.stop();
  assert.equal(host.processes.identify(pid), null);
  // Both were woken and ended by themselves, neither by SIGKILL.
  assert.equal(await text('clean'), 'yes');
  assert.equal(record().state, 'stopped');
});

test('a supervisor that does not end is killed, and the application with it', limits, async (t) => {
  const { service, host, record, text, definition, surroundings } = scene(t, quietApp);
  await service.start();
  const pid = Number(await text('ready'));
  const { supervisor } = record();
  // Kept halted, whatever wakes it.
  const halting = setInterval(() => host.processes.signal(supervisor, 'SIGSTOP'), 1);
  t.after(() => clearInterval(halting));
  await openService({ ...definition, stopTimeoutMs: 10 }, surroundings).stop();
  assert.equal(host.processes.isAlive(supervisor), false);
  assert.equal(host.processes.identify(pid), null);
});
