import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceFiles } from '../service/kinds.ts';
import { parseManifest } from './parse.ts';
import { defaultPlaces, pathsOf, type Platform, type Scope, type System } from './system.ts';

const homes = { linux: '/home/o', darwin: '/Users/o', win32: 'C:\\Users\\o' };

function system(platform: Platform, env: Record<string, string> = {}): System {
  return { platform, home: homes[platform], env };
}

const table: readonly (readonly [Platform, Scope, string, string, string])[] = [
  ['linux', 'system', '/var/lib/backstep/a', '/etc/a', '/opt/a'],
  ['linux', 'user', '/home/o/.local/state/backstep/a', '/home/o/.config/a', '/home/o/.local/opt/a'],
  [
    'darwin',
    'system',
    '/Library/Application Support/Backstep/a',
    '/Library/Application Support/a',
    '/opt/a',
  ],
  [
    'darwin',
    'user',
    '/Users/o/Library/Application Support/Backstep/a',
    '/Users/o/Library/Application Support/a',
    '/Users/o/Applications/a',
  ],
  ['win32', 'system', 'C:\\ProgramData\\Backstep\\a', 'C:\\ProgramData\\a', 'C:\\Program Files\\a'],
  [
    'win32',
    'user',
    'C:\\Users\\o\\AppData\\Local\\Backstep\\a',
    'C:\\Users\\o\\AppData\\Roaming\\a',
    'C:\\Users\\o\\AppData\\Local\\Programs\\a',
  ],
];

for (const [platform, scope, state, config, releases] of table) {
  test(`where a ${scope} application is by convention on ${platform}`, () => {
    const places = defaultPlaces('a', scope, system(platform));
    assert.deepEqual([places.state, places.config, places.releases], [state, config, releases]);
    for (const place of Object.values(places))
      assert.ok(pathsOf(platform).isAbsolute(place), place);
    assert.ok(!places.config.startsWith(places.state) && !places.state.startsWith(places.config));
  });
}

test('the environment is followed where it gives an absolute folder', () => {
  const given = defaultPlaces(
    'a',
    'user',
    system('linux', { XDG_STATE_HOME: '/s', XDG_CONFIG_HOME: 'rel' }),
  );
  assert.equal(given.state, '/s/backstep/a');
  assert.equal(given.config, '/home/o/.config/a');
  const windows = system('win32', { APPDATA: 'D:\\Roaming', ProgramFiles: 'D:\\Programs' });
  assert.equal(defaultPlaces('a', 'user', windows).config, 'D:\\Roaming\\a');
  assert.equal(defaultPlaces('a', 'system', windows).releases, 'D:\\Programs\\a');
});

test('paths follow the rules of the system asked about', () => {
  const text = `app: a
state: D:\\backstep
paths: { data: C:\\ProgramData\\a }
assets: { db: { kind: sqlite, path: '{data}/sub/a.db' }, own: { kind: files, root: .\\own } }
`;
  const reading = parseManifest({ text, file: 'C:\\app\\backstep.yaml', system: system('win32') });
  assert.ok(reading.ok, JSON.stringify(reading));
  const { db, own } = reading.value.assets;
  assert.equal(db?.kind === 'sqlite' && db.path, 'C:\\ProgramData\\a\\sub\\a.db');
  assert.equal(own?.kind === 'files' && own.root, 'C:\\app\\own');
  assert.equal(reading.value.releases.root, 'C:\\Program Files\\a');
});

test('the state is inside an asset also where only case and slashes differ', () => {
  const text = 'app: a\nstate: c:/DATA/state\nassets: { d: { kind: files, root: C:\\data } }\n';
  const file = 'C:\\app\\backstep.yaml';
  const reading = parseManifest({ text, file, system: system('win32') });
  assert.ok(!reading.ok && reading.problems[0]?.path === 'state');
});

test('where each service manager keeps its files', () => {
  const shared = { stopTimeoutMs: 1 };
  const systemd = { manager: 'systemd', unit: 'a.service', ...shared } as const;
  const linux = system('linux');
  assert.deepEqual(serviceFiles({ ...systemd, scope: 'system' }, linux), [
    '/etc/systemd/system/a.service',
  ]);
  assert.deepEqual(serviceFiles({ ...systemd, scope: 'user' }, linux), [
    '/home/o/.config/systemd/user/a.service',
  ]);
  const launchd = { manager: 'launchd', label: 'org.a', ...shared } as const;
  const mac = system('darwin');
  assert.deepEqual(serviceFiles({ ...launchd, domain: 'system' }, mac), [
    '/Library/LaunchDaemons/org.a.plist',
  ]);
  assert.deepEqual(serviceFiles({ ...launchd, domain: 'gui' }, mac), [
    '/Users/o/Library/LaunchAgents/org.a.plist',
  ]);
  assert.deepEqual(serviceFiles({ manager: 'windows', name: 'a', ...shared }, system('win32')), []);
});
