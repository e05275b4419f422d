import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addMember, firstAccount } from '../accounts.ts';
import { dataFolder } from '../running.ts';

test('a damaged configuration file is kept aside, the defaults are used, and everybody is told', async (t) => {
  const folder = dataFolder(t);
  const path = join(folder.path, 'config.json');
  await (await folder.start('1.2.1')).stop();
  for (const [index, damaged] of ['{"theme": "dark"', '{"theme":"pink"}', '[1]'].entries()) {
    writeFileSync(path, damaged);
    const server = await folder.start('1.2.1');
    const keptAs = `config.json.damaged-${index + 1}`;
    assert.equal(readFileSync(join(folder.path, keptAs), 'utf8'), damaged);
    assert.equal(JSON.parse(readFileSync(path, 'utf8')).theme, 'light');
    const logged = server.log.find(({ event }) => event === 'settings-damaged');
    assert.equal(logged?.['keptAs'], keptAs);
    const client = server.client();
    const session = await client.get('/api/session');
    assert.deepEqual(session.at('notices'), [
      {
        code: 'settings/damaged',
        message: `config.json was damaged and is kept as ${keptAs}; the defaults are used.`,
      },
    ]);
    const health = await client.get('/healthz');
    assert.equal(health.status, 200);
    assert.equal(health.at('status'), 'degraded');
    assert.equal(health.at('checks.settings.detail'), `damaged: config.json is kept as ${keptAs}`);
    await server.stop();
  }
});

test('settings saved over a file that was broken meanwhile are written whole', async (t) => {
  const folder = dataFolder(t);
  const path = join(folder.path, 'config.json');
  const server = await folder.start('1.2.1');
  const client = await firstAccount(server);
  writeFileSync(path, '{"theme": "da');
  assert.equal((await client.put('/api/settings', { theme: 'dark' })).status, 200);
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).theme, 'dark');
});

test('the other settings files are kept aside in the same way', async (t) => {
  const folder = dataFolder(t);
  writeFileSync(join(folder.path, 'user_preferences.json'), 'x');
  writeFileSync(join(folder.path, 'platform_settings.json'), '');
  const server = await folder.start('1.2.1');
  assert.equal((await server.client().get('/api/session')).list('notices').length, 2);
  assert.deepEqual(
    readdirSync(folder.path).filter((name) => name.includes('damaged')),
    ['platform_settings.json.damaged-1', 'user_preferences.json.damaged-1'],
  );
});

test('unknown keys, and what an administrator has not changed, stay in config.json', async (t) => {
  const folder = dataFolder(t);
  const path = join(folder.path, 'config.json');
  writeFileSync(path, '{"comment":"ours","theme":"dark","nested":{"a":[1]}}');
  const server = await folder.start('1.2.1');
  const admin = await firstAccount(server);
  const put = await admin.put('/api/settings', { sessionHours: 1, maxConcurrentDownloads: 5 });
  assert.equal(put.status, 200, put.text);
  assert.deepEqual(put.body, (await admin.get('/api/settings')).body);
  assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), {
    comment: 'ours',
    theme: 'dark',
    nested: { a: [1] },
    version: '1.2.1',
    language: 'en',
    download_folder: 'downloads',
    quality: 'best',
    max_concurrent_downloads: 5,
    session_hours: 1,
    log_level: 'info',
  });
  const again = await server.client().post('/api/login', { name: 'owner', password: 'x' });
  assert.equal(again.status, 401);
  assert.deepEqual((await server.client().get('/api/session')).at('appearance'), {
    theme: 'dark',
    language: 'en',
  });
});

test('settings that make no sense are refused and nothing is changed', async (t) => {
  const folder = dataFolder(t);
  const server = await folder.start('1.2.1');
  const admin = await firstAccount(server);
  const before = readFileSync(join(folder.path, 'config.json'));
  for (const change of [
    { theme: 'pink' },
    { sessionHours: 0 },
    { maxConcurrentDownloads: 1.5 },
    { quality: '4k' },
    { downloadFolder: '' },
    { downloadFolder: 'not/there' },
    { downloadFolder: 'config.json' },
  ]) {
    const answer = await admin.put('/api/settings', { language: 'vi', ...change });
    assert.equal(answer.status, 400, JSON.stringify(change));
  }
  assert.deepEqual(readFileSync(join(folder.path, 'config.json')), before);
});

test('new users get the defaults of user_preferences.json', async (t) => {
  const folder = dataFolder(t);
  writeFileSync(
    join(folder.path, 'user_preferences.json'),
    '{"theme":"dark","language":"vi","quality":"720","ui":{"rowsPerPage":100}}',
  );
  const server = await folder.start('1.2.1');
  const admin = await firstAccount(server);
  const member = await addMember(server, admin, 'member');
  assert.deepEqual((await member.get('/api/preferences')).body, {
    theme: 'dark',
    language: 'vi',
    downloadFolder: '',
    quality: '720',
    ui: { rowsPerPage: 100, sort: 'newest', compact: false },
  });
});

test('preferences are each user’s own, change key by key, and stay in the download folder', async (t) => {
  const server = await dataFolder(t).start('1.2.1');
  const admin = await firstAccount(server);
  const member = await addMember(server, admin, 'member');
  const change = { language: 'vi', downloadFolder: './music//live/', ui: { compact: true } };
  assert.equal((await member.put('/api/preferences', change)).status, 200);
  assert.deepEqual((await member.get('/api/session')).at('preferences'), {
    theme: 'light',
    language: 'vi',
    downloadFolder: 'music/live',
    quality: 'best',
    ui: { rowsPerPage: 50, sort: 'newest', compact: true },
  });
  assert.equal((await admin.get('/api/preferences')).at('language'), 'en');
  for (const downloadFolder of ['/etc', '../out', 'a/../../b', 'a\u0000b', 'n'.repeat(300)]) {
    const answer = await member.put('/api/preferences', { downloadFolder });
    assert.equal(answer.status, 400, downloadFolder);
  }
  assert.equal((await member.get('/api/preferences')).at('downloadFolder'), 'music/live');
});
