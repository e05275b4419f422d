import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AssetOf, Manifest } from '../../src/manifest/manifest.ts';
import { parseManifest } from '../../src/manifest/parse.ts';
import type { System } from '../../src/manifest/system.ts';
import { launchdKind } from '../../src/service/launchd/launchd.ts';
import { windowsKind } from '../../src/service/windows/windows.ts';

// No Windows and no Mac is needed: what is held is what would be asked of them, to the letter.
const folder = join(import.meta.dirname, '../../examples/social-download-manager/platforms');

function manifestOf(name: string, file: string, system: System): Manifest {
  const reading = parseManifest({ text: readFileSync(join(folder, name), 'utf8'), file, system });
  assert.ok(reading.ok, JSON.stringify(reading));
  return reading.value;
}

function commandOf({ assets }: Manifest, name: string): AssetOf<'command'> {
  const asset = assets[name];
  assert.ok(asset?.kind === 'command', name);
  return asset;
}

const windows = manifestOf('windows.yaml', 'C:\\sdm\\backstep.yaml', {
  platform: 'win32',
  home: 'C:\\Users\\owner',
  env: {},
});
const mac = manifestOf('macos.yaml', '/Users/owner/sdm/backstep.yaml', {
  platform: 'darwin',
  home: '/Users/owner',
  env: {},
});
const shortcut =
  'C:\\ProgramData\\Microsoft\\Windows\\Start Menu\\Programs\\Social Download Manager.lnk';

test('Windows: values of the registry and a shortcut are captured and restored by its own programs', () => {
  const registry = commandOf(windows, 'registry');
  const key = 'HKLM\\SOFTWARE\\Social Download Manager';
  assert.deepEqual(registry.capture, { argv: ['reg.exe', 'export', key, '{file}', '/y'] });
  assert.deepEqual(registry.restore, { argv: ['reg.exe', 'import', '{file}'] });
  const copy = ['cmd.exe', '/d', '/c', 'copy', '/b', '/y'];
  const { capture, restore } = commandOf(windows, 'shortcut');
  assert.deepEqual(capture, { argv: [...copy, shortcut, '{file}'] });
  assert.deepEqual(restore, { argv: [...copy, '{file}', shortcut] });
});

test('Windows: paths, releases and the service are as its own rules have them', () => {
  assert.equal(windows.folder, 'C:\\sdm');
  assert.equal(windows.reversals, 'C:\\reversals');
  const { history } = windows.assets;
  assert.ok(history?.kind === 'sqlite');
  assert.equal(history.path, 'C:\\ProgramData\\Social Download Manager\\sdm.db');
  const { service } = windows;
  assert.ok(service.manager === 'windows');
  const asked = windowsKind.commands(service).map(({ argv }) => argv);
  assert.deepEqual(asked.slice(0, 5), [
    ['sc.exe', 'queryex', 'SocialDownloadManager'],
    ['sc.exe', 'qc', 'SocialDownloadManager'],
    ['sc.exe', 'config', 'SocialDownloadManager', 'start=', 'disabled'],
    ['sc.exe', 'stop', 'SocialDownloadManager'],
    ['sc.exe', 'start', 'SocialDownloadManager'],
  ]);
});

test('macOS: an agent of the logged-in user, with what macOS keeps of its settings', () => {
  const { service } = mac;
  assert.ok(service.manager === 'launchd');
  assert.deepEqual(launchdKind.files(service, { home: '/Users/owner', env: {} }), [
    '/Users/owner/Library/LaunchAgents/com.example.social-download-manager.plist',
  ]);
  const job = 'gui/UID/com.example.social-download-manager';
  const named = launchdKind.commands(service).filter(({ argv }) => argv.includes(job));
  assert.ok(named.length >= 3, JSON.stringify(launchdKind.commands(service)));
  const { capture, restore } = commandOf(mac, 'defaults');
  const domain = 'com.example.social-download-manager';
  assert.deepEqual(capture, { argv: ['defaults', 'export', domain, '{file}'] });
  assert.deepEqual(restore, { argv: ['defaults', 'import', domain, '{file}'] });
  assert.equal(mac.releases.root, '/Users/owner/Applications/Social Download Manager');
});
