import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { BackstepError } from '../../src/fault/backstep-error.ts';
import { httpProbe } from '../../src/health/http-probe.ts';
import { awaitReady } from '../../src/health/ready.ts';
import { openService } from '../../src/service/kinds.ts';
import { answeringApp, eventually, quietApp, scene, type Scene } from './service-scene.ts';

const limits = { timeout: 900_000 };

const code = (name: BackstepError['code']) => (error: Error) =>
  'code' in error && error.code === name;

async function answerOf({ host, text }: Scene): Promise<string> {
  const url = new URL(`http://127.0.0.1:${await text('port')}/`);
  const answer = await host.network.get(url, { limitMs: 5000, bodyBytes: 100 });
  assert.equal(answer.kind, 'answered');
  return answer.kind === 'answered' ? answer.body : '';
}

/** Runs `await service.start()` in a command of its own, which ends before this returns. */
function startByCommand({ folder, path, definition }: Scene) {
  const module = (name: string) =>
    JSON.stringify(new URL(`../../src/${name}.ts`, import.meta.url).href);
  writeFileSync(
    path('command.mjs'),
    `import { openService } from ${module('service/kinds')};
     import { nodeHost } from ${module('host/node')};
     const surroundings = { host: nodeHost(), folder: ${JSON.stringify(folder)}, releaseFolders: [], environment: process.env };
     await openService(${JSON.stringify(definition)}, surroundings).start();`,
  );
  return [process.execPath, path('command.mjs')] as const;
}

test(
  'the command ends and its terminal closes; the application still answers',
  limits,
  async (t) => {
    const run = scene(t, answeringApp);
    const [node, command] = startByCommand(run);
    // `script` gives the command a terminal of its own, and hangs it up when the command ends.
    const quoted = [node, command].map((word) => `'${word}'`).join(' ');
    const ended = spawnSync('script', ['-qec', quoted, '/dev/null'], { encoding: 'utf8' });
    if (ended.error) return t.skip('script is not installed');
    assert.equal(ended.status, 0, ended.stdout);
    assert.equal(await answerOf(run), `pid ${run.record().child?.pid}`);
    assert.equal((await run.service.status()).state, 'running');
    // In a session of its own, no key that is pressed in any terminal reaches it.
    const { supervisor } = run.record();
    const entry = run.host.processes.list().find(({ pid }) => pid === supervisor.pid);
    assert.equal(entry?.sessionId, supervisor.pid);
    return undefined;
  },
);

test('of many starts at once one starts the application, and all succeed', limits, async (t) => {
  const run = scene(t, answeringApp);
  const others = Array.from({ length: 3 }, () => openService(run.definition, run.surroundings));
  await Promise.all([run.service, ...others].map((service) => service.start()));
  // Supervisor and application; a supervisor that came second ends by itself.
  const processes = await eventually(async () => {
    const found = await run.service.processes();
    return found.length === 2 && found;
  });
  assert.equal(await answerOf(run), `pid ${run.record().child?.pid}`);
  await run.service.start();
  assert.deepEqual(await run.service.processes(), processes);
});

const crashingApp = `
import { appendFileSync } from 'node:fs';
appendFileSync(process.env.ROOT + '/starts', 'start\\n');
console.error('the port is taken');
process.exit(3);
`;

test('what crashes again and again stays down after its limit, and says so', limits, async (t) => {
  const { service, path, record } = scene(t, crashingApp);
  await service.start();
  await eventually(() => record().state === 'down');
  assert.equal(readFileSync(path('starts'), 'utf8').split('\n').length - 1, 3);
  assert.equal((await service.status()).state, 'down');
  assert.equal((await service.status()).detail, 'crashed with exit code 3, 3 in a row');
  const death = await service.death();
  assert.equal(death?.exitCode, 3);
  assert.deepEqual(death?.lastLines, ['the port is taken']);
  await eventually(async () => (await service.processes()).length === 0);
});

test('what crashed once is started again', limits, async (t) => {
  const once = `
    import { existsSync } from 'node:fs';
    if (!existsSync(process.env.ROOT + '/crashed')) {
      writeFileSync(process.env.ROOT + '/crashed', '1');
      process.kill(process.pid, 'SIGKILL');
    }`;
  const { service, text, record } = scene(t, `${once}\n${quietApp}`);
  await service.start();
  const pid = Number(await text('ready'));
  await eventually(() => record().child?.pid === pid);
  assert.equal((await service.status()).restartCount, 1);
  assert.deepEqual(record().lastExit, { exitCode: null, signal: 'SIGKILL' });
  assert.equal((await service.death())?.signal, 'SIGKILL');
});

test('an early end is reported at once with exit code and last lines', limits, async (t) => {
  const { service, host } = scene(t, crashingApp, {
    restart: { limit: 1, firstWaitMs: 20, longestWaitMs: 20, soundAfterMs: 1000 },
  });
  await service.start();
  const url = new URL(`http://127.0.0.1:${await host.network.freePort()}/healthz`);
  const verdict = await awaitReady(
    {
      probe: httpProbe(host.network, url),
      // Far beyond the limit of this test: waiting for it would fail.
      deadlineMs: host.clock.monotonicMs() + 3_600_000,
      ended: () => service.death(),
    },
    host.clock,
  );
  assert.equal(verdict.outcome, 'Failed');
  assert.match(verdict.detail, /exit code 3/);
  assert.deepEqual(verdict.ended?.lastLines, ['the port is taken']);
});

test('a program that is not there is refused by name', limits, async (t) => {
  const { service } = scene(t, '', { run: ['/nowhere/social-download-manager'] });
  await assert.rejects(service.start(), (error: Error) => {
    assert.ok(code('service/not-started')(error));
    assert.match(error.message, /\/nowhere\/social-download-manager/);
    return true;
  });
});

test('while it is masked nothing starts it, not even a crash', limits, async (t) => {
  const { service, record, host } = scene(t, quietApp);
  await service.mask('run 7 is under way');
  await assert.rejects(service.start(), code('service/masked'));
  await service.unmask();
  await service.start();
  const { child, supervisor } = record();
  await service.mask('run 8 is under way');
  assert.equal((await service.status()).state, 'running');
  assert.ok(child);
  host.processes.signal(child, 'SIGKILL');
  await eventually(() => record().state === 'masked');
  await eventually(() => !host.processes.isAlive(supervisor));
  assert.equal((await service.status()).detail, 'run 8 is under way');
  assert.deepEqual(await service.processes(), []);
});

test('a supervisor that starts while it is masked starts nothing', limits, async (t) => {
  const run = scene(t, quietApp);
  const command = startByCommand(run);
  await run.service.start();
  await run.text('ready');
  await run.service.mask('run 9 is under way');
  run.host.processes.signal(run.record().supervisor, 'SIGKILL');
  await run.service.stop();
  const again = spawnSync(command[0], [command[1]], { encoding: 'utf8' });
  assert.notEqual(again.status, 0);
  assert.match(again.stderr, /run 9 is under way/);
  // Past the command's own refusal: the supervisor itself looks at the mask as well.
  const { launchSupervisor } = await import('../../src/service/process/launch.ts');
  await assert.rejects(launchSupervisor(run.definition, run.surroundings), code('service/masked'));
  assert.equal(run.record().state, 'masked');
  assert.equal(run.record().child, null);
  await eventually(async () => (await run.service.processes()).length === 0);
  await run.service.unmask();
  await run.service.start();
  assert.equal((await run.service.status()).state, 'running');
});

test('the log stays within its bound while the application writes on', limits, async (t) => {
  const logBytes = 100_000;
  const { service, folder, text } = scene(
    t,
    `import { writeFileSync, writeSync } from 'node:fs';
     for (let line = 1; line <= 20_000; line += 1) writeSync(1, 'line ' + line + ' ' + 'x'.repeat(80) + '\\n');
     writeFileSync(process.env.ROOT + '/written', 'yes\\n');
     setInterval(() => writeSync(1, 'still writing\\n'), 20);`,
    { logBytes },
  );
  await service.start();
  await text('written');
  const sizeOf = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false })?.size;
  await eventually(() => (sizeOf('output.log.1') ?? 0) > 0 && (sizeOf('output.log') ?? 0) > 0);
  await eventually(() => (sizeOf('output.log') ?? 0) + (sizeOf('output.log.1') ?? 0) <= logBytes);
  await eventually(async () => (await service.lastLines(1))[0] === 'still writing');
  // Whole lines of the newest that there were when it was cut; those of that moment are lost.
  assert.match(
    readFileSync(join(folder, 'output.log.1'), 'utf8'),
    /\n(line \d+ x{80}|still writing)\n/,
  );
});

test('the folder is 0700 and all in it 0600, whatever the umask', limits, async (t) => {
  const old = process.umask(0o000);
  t.after(() => process.umask(old));
  const { service, folder, text } = scene(t, quietApp, { logBytes: 10 });
  await service.mask('a test');
  await service.unmask();
  await service.start();
  await text('ready');
  await eventually(() => readdirSync(folder).includes('output.log.1'));
  await service.mask('a test');
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  const names = readdirSync(folder);
  assert.ok(names.length >= 4, names.join(' '));
  for (const name of names) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
});

test('it runs as the account that the manifest names, with its environment', limits, async (t) => {
  if (process.getuid?.() !== 0) return t.skip('not root');
  const { service, record, path } = scene(t, '', {
    user: 'nobody',
    run: ['/bin/sh', '-c', 'echo "$(id -u) $USER $SECRET [$OUTSIDE]"; exec sleep 1000'],
    env: { SECRET: 'kept' },
    cwd: '/',
  });
  assert.ok(path('app.mjs'));
  process.env['OUTSIDE'] = 'not passed on';
  t.after(() => delete process.env['OUTSIDE']);
  await service.start();
  const uid = spawnSync('id', ['-u', 'nobody'], { encoding: 'utf8' }).stdout.trim();
  await eventually(async () => (await service.lastLines(1))[0] === `${uid} nobody kept []`);
  assert.ok(record().child);
  return undefined;
});

test(
  'an account that does not exist is refused before anything starts',
  limits,
  async (t: TestContext) => {
    const { service } = scene(t, quietApp, { user: 'no-such-account' });
    await assert.rejects(service.start(), code('service/account'));
    assert.deepEqual(await service.processes(), []);
  },
);

test('an end that no supervisor has noted yet is told all the same', limits, async (t) => {
  const { service, host, text, record } = scene(t, quietApp);
  await service.start();
  await text('ready');
  const { child, supervisor } = record();
  assert(child !== null);
  assert.equal(await service.death(), null);
  host.processes.signal(supervisor, 'SIGSTOP');
  t.after(() => host.processes.signal(supervisor, 'SIGCONT'));
  host.processes.signal(child, 'SIGKILL');
  await eventually(() => !host.processes.isAlive(child));
  assert.equal((await service.death())?.detail, 'ended, and its supervisor did not say how');
  host.processes.signal(supervisor, 'SIGCONT');
  await eventually(async () => (await service.death())?.signal === 'SIGKILL');
});
