import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { systemdActs, systemdCommand, triggerCommand, triggerStateCommand } from './commands.ts';
import type { SystemdDefinition } from './definition.ts';
import { maskWay } from './mask.ts';
import { parseShow } from './show.ts';

const system: SystemdDefinition = {
  manager: 'systemd',
  unit: 'sdm.service',
  scope: 'system',
  stopTimeoutMs: 30_000,
};
const user: SystemdDefinition = { ...system, scope: 'user' };

const shown =
  'LoadState,ActiveState,SubState,UnitFileState,FragmentPath,MainPID,ControlGroup,Result,ExecMainStatus,NRestarts,TriggeredBy';

test('each act on a unit of the system is exactly this command line', () => {
  const lines = systemdActs.map((act) => systemdCommand(system, act).join(' '));
  assert.deepEqual(lines, [
    'systemctl --no-pager --no-ask-password start -- sdm.service',
    'systemctl --no-pager --no-ask-password stop -- sdm.service',
    'systemctl --no-pager --no-ask-password kill --signal=SIGKILL -- sdm.service',
    'systemctl --no-pager --no-ask-password mask --runtime -- sdm.service',
    'systemctl --no-pager --no-ask-password unmask --runtime -- sdm.service',
    'systemctl --no-pager --no-ask-password daemon-reload',
    'systemctl --no-pager --no-ask-password reset-failed -- sdm.service',
    'systemctl --no-pager --no-ask-password is-active --quiet -- sdm.service',
    `systemctl --no-pager --no-ask-password show --property=${shown} -- sdm.service`,
    'journalctl --no-pager --output=cat --lines=20 --unit=sdm.service',
  ]);
});

test('each act on a unit of a user is exactly this command line', () => {
  const lines = systemdActs.map((act) => systemdCommand(user, act));
  for (const argv of lines.slice(0, -1)) {
    assert.deepEqual(argv.slice(0, 4), ['systemctl', '--no-pager', '--no-ask-password', '--user']);
  }
  assert.deepEqual(
    lines.slice(0, -1).map((argv) => argv.slice(4)),
    systemdActs.slice(0, -1).map((act) => systemdCommand(system, act).slice(3)),
  );
  assert.equal(lines.at(-1)?.at(-1), '--user-unit=sdm.service');
});

test('what starts the unit by itself is asked for, stopped and started by name', () => {
  assert.deepEqual(triggerCommand(user, 'stop', ['sdm.socket', 'sdm.timer']).slice(3), [
    '--user',
    'stop',
    '--',
    'sdm.socket',
    'sdm.timer',
  ]);
  assert.deepEqual(triggerStateCommand(system, ['sdm.socket']).slice(3), [
    'is-active',
    '--',
    'sdm.socket',
  ]);
});

test('a unit file of a package is masked, one of the machine’s own gets a drop-in', () => {
  for (const file of ['/usr/lib/systemd/system/sdm.service', '/lib/systemd/system/sdm.service']) {
    assert.deepEqual(maskWay(system, file, '/run/systemd/system'), { way: 'mask' });
  }
  for (const file of [
    '/etc/systemd/system/sdm.service',
    '/home/a/.config/systemd/user/sdm.service',
  ]) {
    const way = maskWay(user, file, '/run/user/1000/systemd/user');
    assert.equal(way.way, 'drop-in');
    if (way.way !== 'drop-in') return;
    assert.equal(way.path, '/run/user/1000/systemd/user/sdm.service.d/zz-backstep-switch.conf');
    assert.match(way.text, /^\[Unit\]\nAssertPathExists=!\/$/m);
  }
});

test('what systemd shows is read back', () => {
  const facts = parseShow(
    [
      'LoadState=loaded',
      'ActiveState=failed',
      'SubState=failed',
      'UnitFileState=enabled',
      'FragmentPath=/etc/systemd/system/sdm.service',
      'MainPID=0',
      'ControlGroup=/system.slice/sdm.service',
      'Result=exit-code',
      'ExecMainStatus=3',
      'NRestarts=5',
      'TriggeredBy=sdm.socket sdm.timer',
      '',
    ].join('\n'),
  );
  assert.deepEqual(facts, {
    loadState: 'loaded',
    activeState: 'failed',
    subState: 'failed',
    unitFileState: 'enabled',
    unitFile: '/etc/systemd/system/sdm.service',
    mainPid: null,
    controlGroup: '/system.slice/sdm.service',
    result: 'exit-code',
    exitStatus: 3,
    restartCount: 5,
    triggers: ['sdm.socket', 'sdm.timer'],
  });
  assert.equal(parseShow('MainPID=12\n').mainPid, 12);
});

// `--version` makes the program read all options before it, and do nothing.
test('systemd’s own programs know every option that is given', (t) => {
  if (spawnSync('systemctl', ['--version']).error) return t.skip('systemctl is not installed');
  const isKnown = (argv: readonly string[]) => {
    const end = argv.indexOf('--');
    const options = end < 0 ? argv : argv.slice(0, end);
    const asked = spawnSync(String(argv[0]), [...options.slice(1), '--version']);
    return asked.error !== undefined || asked.status === 0;
  };
  assert.equal(isKnown(['systemctl', 'stop', '--no-such-option']), false);
  for (const definition of [system, user]) {
    for (const act of systemdActs) {
      const argv = systemdCommand(definition, act);
      assert.ok(isKnown(argv), argv.join(' '));
    }
  }
  return undefined;
});

test('systemd itself: a mask hides a package’s unit, but not the machine’s own', (t) => {
  if (spawnSync('systemctl', ['--version']).error) return t.skip('systemctl is not installed');
  const root = mkdtempSync(join(tmpdir(), 'backstep-systemd-'));
  t.after(() => rmSync(root, { recursive: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const state = (unit: string) =>
    spawnSync('systemctl', [`--root=${root}`, 'is-enabled', unit], { encoding: 'utf8' });
  const service = '[Service]\nExecStart=/bin/true\n';
  write('/usr/lib/systemd/system/vendor.service', service);
  write('/etc/systemd/system/local.service', service);
  for (const unit of ['vendor.service', 'local.service']) {
    const argv = systemdCommand({ ...system, unit }, 'mask');
    const masked = spawnSync('systemctl', [`--root=${root}`, ...argv.slice(1)]);
    assert.equal(masked.status, 0);
  }
  assert.equal(state('vendor.service').stdout.trim(), 'masked-runtime');
  assert.equal(state('local.service').stdout.trim(), 'static');
  const unmask = systemdCommand({ ...system, unit: 'vendor.service' }, 'unmask');
  spawnSync('systemctl', [`--root=${root}`, ...unmask.slice(1)]);
  assert.equal(state('vendor.service').stdout.trim(), 'static');
  return undefined;
});
