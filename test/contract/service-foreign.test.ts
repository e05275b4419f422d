import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Finished } from '../../src/host/processes.ts';
import { nodeHost } from '../../src/host/node.ts';
import { openService, serviceSchema } from '../../src/service/kinds.ts';
import type { Service } from '../../src/service/service.ts';

/**
 * Managers that cannot run on this system. Their programs are played by small state machines that print what
 * the real ones print, so that what Backstep asks, and how it reads the answers, is held. That the real
 * programs behave so is not shown here.
 */
interface Played {
  readonly manager: Record<string, unknown>;
  /** Answers one command line. */
  answer(argv: readonly string[]): Partial<Finished>;
  /** Changes the setting that keeps it from starting, as an owner would beforehand. */
  holdBack(): void;
  /** True where something other than Backstep could start it. */
  isStartable(): boolean;
  crash(): void;
  /** False where the manager does not keep how a process ended. */
  readonly keepsExitCode?: false;
}

function launchd(): Played {
  let [isLoaded, isRunning, isDisabled, runs, code] = [true, true, false, 1, 0];
  const job = (): string =>
    `system/com.example.app = {\n\tactive count = ${isRunning ? 1 : 0}\n\tpath = /Library/LaunchDaemons/com.example.app.plist\n` +
    `\tstate = ${isRunning ? 'running' : 'not running'}\n\n\tprogram = /opt/app/server\n\tstdout path = /nowhere/out.log\n` +
    `\tenvironment = {\n\t\tstate = of another kind\n\t}\n\n\truns = ${runs}\n${isRunning ? '\tpid = 4321\n' : ''}\tlast exit code = ${code}\n}\n`;
  const acts: Record<string, () => Partial<Finished>> = {
    print: () => (isLoaded ? { stdout: job() } : { code: 113, stderr: 'Could not find service' }),
    'print-disabled': () => ({
      stdout: `\tdisabled services = {\n\t\t"com.example.app" => ${isDisabled ? 'disabled' : 'enabled'}\n\t}\n`,
    }),
    disable: () => ((isDisabled = true), {}),
    enable: () => ((isDisabled = false), {}),
    bootout: () => (([isLoaded, isRunning] = [false, false]), {}),
    kill: () => ((isRunning = false), {}),
    bootstrap: () => {
      if (isDisabled) return { code: 119, stderr: 'Service is disabled' };
      return ((isLoaded = true), {});
    },
    kickstart: () => (([isRunning, runs] = [true, runs + 1]), {}),
  };
  return {
    manager: { manager: 'launchd', label: 'com.example.app' },
    answer: ([program, act = '']) => {
      if (program === '/bin/ps')
        return {
          stdout: isRunning
            ? '    1     0 /sbin/launchd\n 4321     1 /opt/app/server --port 80\n 4400  4321 worker\n 5000     1 other\n'
            : '    1     0 /sbin/launchd\n',
        };
      return acts[act]?.() ?? { code: 64 };
    },
    holdBack: () => (isDisabled = true),
    isStartable: () => !isDisabled,
    crash: () => ([isRunning, code] = [false, 3]),
  };
}

function windows(): Played {
  let [state, startType, code] = ['4  RUNNING', '2   AUTO_START  (DELAYED)', 0];
  const acts: Record<string, (words: readonly string[]) => Partial<Finished>> = {
    queryex: () => ({
      stdout: `\r\nSERVICE_NAME: App\r\n        TYPE               : 10  WIN32_OWN_PROCESS\r\n        STATE              : ${state}\r\n        WIN32_EXIT_CODE    : ${code}  (0x0)\r\n        PID                : ${state.startsWith('4') ? 4321 : 0}\r\n        FLAGS              :\r\n`,
    }),
    qc: () => ({
      stdout: `[SC] QueryServiceConfig SUCCESS\r\n\r\nSERVICE_NAME: App\r\n        START_TYPE         : ${startType}\r\n        DISPLAY_NAME       : App\r\n`,
    }),
    config: (words) => {
      startType =
        { 'delayed-auto': '2   AUTO_START  (DELAYED)', disabled: '4   DISABLED' }[
          String(words[4])
        ] ?? `3   DEMAND_START`;
      return {};
    },
    stop: () => ((state = '1  STOPPED'), {}),
    start: () => {
      if (startType.startsWith('4')) return { code: 1058, stdout: '[SC] StartService FAILED 1058' };
      return (([state, code] = ['4  RUNNING', 0]), {});
    },
  };
  return {
    manager: { manager: 'windows', name: 'App' },
    answer: (argv) => acts[String(argv[1])]?.(argv) ?? { stdout: '' },
    holdBack: () => (startType = '4   DISABLED'),
    isStartable: () => startType.startsWith('2') && startType.includes('DELAYED'),
    crash: () => ([state, code] = ['1  STOPPED', 1067]),
  };
}

function compose(): Played {
  let [state, policy, code] = ['running', 'unless-stopped:0', 0];
  return {
    manager: { manager: 'compose', file: '/srv/app/compose.yaml', services: ['app'] },
    answer: ([, act = '', ...words]) => {
      if (act === 'inspect') return { stdout: `${policy}\n` };
      if (act === 'update') {
        policy = `${String(words[0]).slice('--restart='.length)}:0`;
        return {};
      }
      const [what] = words.slice(2);
      if (what === 'stop') state = 'exited';
      if (what === 'up') [state, code] = ['running', 0];
      if (what !== 'ps') return {};
      const shown = { ID: 'abc', Name: 'app-1', Service: 'app', State: state, ExitCode: code };
      return { stdout: `${JSON.stringify(shown)}\n` };
    },
    holdBack: () => (policy = 'no:0'),
    isStartable: () => policy === 'unless-stopped:0',
    crash: () => ([state, code] = ['exited', 1]),
  };
}

function openrc(t: TestContext): Played {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-openrc-'));
  const pidFile = join(folder, 'app.pid');
  const settings = join(folder, 'rc.conf.d');
  mkdirSync(settings);
  let [state, isHeldBack] = [0, false];
  let child: ChildProcess | null = null;
  const end = () => void child?.kill('SIGKILL');
  const begin = () => {
    end();
    child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
    writeFileSync(pidFile, `${child.pid}\n`);
    state = 0;
  };
  begin();
  t.after(() => (end(), rmSync(folder, { recursive: true })));
  const isStartable = () =>
    !isHeldBack && !existsSync(join(settings, 'zz-backstep-social-app.conf'));
  const acts: Record<string, () => Partial<Finished>> = {
    status: () => ({ code: state }),
    stop: () => (end(), rmSync(pidFile, { force: true }), (state = 3), {}),
    zap: () => ((state = 3), {}),
    start: () => {
      if (!isStartable()) return { code: 1, stderr: ' * ERROR: social-app needs service(s)' };
      return (begin(), {});
    },
  };
  return {
    manager: { manager: 'openrc', name: 'social-app', pidFile, settings },
    answer: (argv) => acts[String(argv.at(-1))]?.() ?? {},
    holdBack: () => (isHeldBack = true),
    isStartable,
    crash: () => (end(), (state = 32)),
    keepsExitCode: false,
  };
}

function open(t: TestContext, played: Played): Service {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-foreign-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const host = nodeHost();
  const finished = { code: 0, signal: null, ended: 'by-itself', stdout: '', stderr: '' } as const;
  const processes = Object.create(host.processes, {
    run: {
      value: async ({ argv }: { readonly argv: readonly string[] }) => ({
        ...finished,
        ...played.answer(argv),
      }),
    },
  });
  const definition = serviceSchema.parse({ ...played.manager, stopTimeout: '1s' });
  return openService(definition, {
    host: { ...host, processes },
    folder: join(folder, 'service'),
    releaseFolders: [],
    environment: { HOME: '/Users/owner' },
  });
}

for (const [name, play] of Object.entries({ openrc, launchd, windows, compose })) {
  test(`${name}: held back, stopped, started and let go, each twice`, async (t) => {
    const played = play(t);
    const service = open(t, played);
    assert.equal((await service.status()).state, 'running');
    assert.equal((await service.status()).isMasked, false);
    assert.notDeepEqual(await service.processes(), []);
    for (let time = 0; time < 2; time += 1) {
      await service.mask('a switch');
      assert.equal(played.isStartable(), false);
      assert.equal((await service.status()).isMasked, true);
      await service.stop();
      assert.deepEqual(await service.processes(), []);
      assert.equal((await service.status()).state, 'stopped');
    }
    for (let time = 0; time < 2; time += 1) {
      await service.unmask();
      assert.equal(played.isStartable(), true);
      assert.equal((await service.status()).isMasked, false);
      await service.start();
      assert.equal((await service.status()).state, 'running');
    }
  });

  test(`${name}: what its owner had held back stays so`, async (t) => {
    const played = play(t);
    played.holdBack();
    const service = open(t, played);
    await service.mask('a switch');
    await service.unmask();
    assert.equal(played.isStartable(), false);
  });

  test(`${name}: a crash is told with its exit code`, async (t) => {
    const played = play(t);
    const service = open(t, played);
    assert.equal(await service.death(), null);
    played.crash();
    assert.equal((await service.status()).state, 'down');
    const death = await service.death();
    assert.notEqual(death, null);
    assert.equal((death?.exitCode ?? 0) > 0, played.keepsExitCode ?? true);
  });
}

test('launchd: a job’s processes are those below its own', async (t) => {
  const found = await open(t, launchd()).processes();
  assert.deepEqual(
    found.map(({ pid }) => pid),
    [4321, 4400],
  );
});

test('windows: a service that does not exist is refused by its name', async (t) => {
  const service = open(t, { ...windows(), answer: () => ({ code: 1060, stdout: 'FAILED 1060' }) });
  await assert.rejects(service.status(), { code: 'service/unknown' });
});

test('openrc: a service that it does not know is refused by its name', async (t) => {
  const service = open(t, { ...openrc(t), answer: () => ({ code: 1 }) });
  await assert.rejects(service.status(), { code: 'service/unknown' });
});

test('openrc: one that counts as started and whose process is gone is down, and starts again', async (t) => {
  const played = openrc(t);
  const service = open(t, played);
  writeFileSync(String(played.manager['pidFile']), '4194305\n');
  assert.equal((await service.status()).state, 'down');
  await service.start();
  assert.equal((await service.status()).state, 'running');
});
