import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addMember, firstAccount } from '../accounts.ts';
import { dataFolder } from '../running.ts';
import { readJson } from '../stored.ts';

test('what an administrator changes is written, and all else in config.json stays', async (t) => {
  const folder = dataFolder(t);
  writeFileSync(
    join(folder.path, 'config.json'),
    '{"version":"2.0.0","comment":"ours","ui":{"theme":{"mode":"dark","more":1},"wide":true},"extra":{"a":[1]}}',
  );
  const server = await folder.start('2.0.0');
  const admin = await firstAccount(server);
  const put = await admin.put('/api/settings', {
    language: 'vi',
    sessionHours: 1,
    maxConcurrentDownloads: 5,
  });
  assert.deepEqual(put.body, {
    theme: 'dark',
    language: 'vi',
    downloadFolder: 'downloads',
    quality: 'best',
    maxConcurrentDownloads: 5,
    sessionHours: 1,
  });
  assert.deepEqual(readJson(folder, 'config.json'), {
    version: '2.0.0',
    comment: 'ours',
    ui: { theme: { mode: 'dark', more: 1 }, wide: true },
    extra: { a: [1] },
    application: { sessionHours: 1, logLevel: 'info' },
    features: {
      componentInterface: true,
      customThemes: true,
      performanceMetrics: true,
      progressStream: true,
    },
    i18n: { locale: 'vi' },
    downloads: { folder: 'downloads', quality: 'best', maxConcurrent: 5 },
  });
  const session = await server.client().get('/api/session');
  assert.deepEqual(session.at('appearance'), { theme: 'dark', language: 'vi' });
});

test('settings that make no sense are refused and nothing is changed', async (t) => {
  const folder = dataFolder(t);
  const server = await folder.start('2.0.0');
  const admin = await firstAccount(server);
  const before = readFileSync(join(folder.path, 'config.json'));
  for (const change of [
    { theme: 'pink' },
    { sessionHours: 0 },
    { maxConcurrentDownloads: 1.5 },
    { downloadFolder: 'not/there' },
  ])
    assert.equal((await admin.put('/api/settings', { language: 'vi', ...change })).status, 400);
  assert.deepEqual(readFileSync(join(folder.path, 'config.json')), before);
});

test('damaged files are kept aside, each under its own name, and everybody is told', async (t) => {
  const folder = dataFolder(t);
  for (const name of ['config', 'user_preferences', 'platform_settings', 'performance_settings'])
    writeFileSync(join(folder.path, `${name}.json`), '{');
  const server = await folder.start('2.0.0');
  assert.equal((await server.client().get('/api/session')).list('notices').length, 4);
  assert.deepEqual(
    readdirSync(folder.path).filter((name) => name.includes('damaged')),
    [
      'config.json.damaged-1',
      'performance_settings.json.damaged-1',
      'platform_settings.json.damaged-1',
      'user_preferences.json.damaged-1',
    ],
  );
});

test('what users have chosen begins with the defaults of the file, and is exported', async (t) => {
  const folder = dataFolder(t);
  writeFileSync(
    join(folder.path, 'user_preferences.json'),
    '{"theme":"dark","language":"vi","quality":"720","ui":{"rowsPerPage":100}}',
  );
  const server = await folder.start('2.0.0');
  const admin = await firstAccount(server);
  const member = await addMember(server, admin, '__proto__');
  const begun = {
    theme: 'dark',
    themeId: null,
    language: 'vi',
    downloadFolder: '',
    quality: '720',
    ui: { rowsPerPage: 100, sort: 'newest', compact: false },
  };
  assert.deepEqual((await member.get('/api/preferences')).body, begun);
  const change = { themeId: 3, downloadFolder: './music//live/', ui: { compact: true } };
  const put = await member.put('/api/preferences', change);
  const changed = {
    ...begun,
    themeId: 3,
    downloadFolder: 'music/live',
    ui: { ...begun.ui, compact: true },
  };
  assert.deepEqual(put.body, changed);
  await server.stop();
  assert.deepEqual(Object(readJson(folder, 'user_data/saved_preferences.json')).profiles[1], {
    user: '__proto__',
    theme: { mode: 'dark', active: 'High contrast' },
    locale: 'vi',
    folder: 'music/live',
    quality: '720',
    layout: null,
    ui: changed.ui,
  });
});
