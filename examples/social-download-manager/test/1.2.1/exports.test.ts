import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { addMember, firstAccount } from '../accounts.ts';
import { eventually } from '../patience.ts';
import { dataFolder, type DataFolder } from '../running.ts';

const files = ['download_history', 'saved_preferences', 'platform_auth'] as const;

function readExport(folder: DataFolder, name: (typeof files)[number]): unknown {
  return JSON.parse(readFileSync(join(folder.path, 'user_data', `${name}.json`), 'utf8'));
}

test('the exports say what the database says, for their owner alone', async (t) => {
  const folder = dataFolder(t);
  const server = await folder.start('1.2.1');
  const admin = await firstAccount(server);
  const member = await addMember(server, admin, '__proto__');
  await member.put('/api/preferences', { theme: 'dark', downloadFolder: 'a/b' });
  const auth = { username: 'reader', password: 'secret of the platform' };
  const put = await admin.put('/api/platforms/tiktok', { isEnabled: false, auth });
  assert.equal(put.at('hasAuth'), true);
  assert.equal(put.text.includes(auth.password), false);
  await server.stop();

  const preferences = (download_folder: string, theme: string) => ({
    theme,
    language: 'en',
    quality: 'best',
    download_folder,
    ui: { rowsPerPage: 50, sort: 'newest', compact: false },
  });
  assert.deepEqual(readExport(folder, 'saved_preferences'), {
    version: '1.2.1',
    users: Object.fromEntries([
      ['owner', preferences('', 'light')],
      ['__proto__', preferences('a/b', 'dark')],
    ]),
  });
  assert.deepEqual(readExport(folder, 'platform_auth'), {
    version: '1.2.1',
    platforms: { tiktok: auth },
  });
  assert.deepEqual(readExport(folder, 'download_history'), {
    version: '1.2.1',
    total: 0,
    downloads: [],
  });
  for (const name of files)
    assert.equal(statSync(join(folder.path, 'user_data', `${name}.json`)).mode & 0o777, 0o600);
});

test('the newest 1,000 downloads are exported, without the paths of this machine', async (t) => {
  const folder = dataFolder(t);
  const server = await folder.start('1.2.1');
  await firstAccount(server);
  await server.stop();
  const database = new DatabaseSync(join(folder.path, 'sdm.db'));
  database.exec(`
    INSERT INTO download_history (user_id, platform, url, title, quality, status, file_name, size_bytes, added_at)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001)
    SELECT 1, 'direct', 'https://example.com/' || i, 'Title ' || i, 'best', 'done', i || '.mp4', i, '2026-01-01T00:00:00.000Z' FROM n`);
  database.close();
  assert.equal((await folder.run('1.2.1', ['migrate'])).code, 0);
  const text = readFileSync(join(folder.path, 'user_data/download_history.json'), 'utf8');
  const history = JSON.parse(text);
  assert.equal(history.total, 1_001);
  assert.equal(history.downloads.length, 1_000);
  assert.deepEqual(history.downloads[0], {
    id: 1_001,
    user: 'owner',
    platform: 'direct',
    url: 'https://example.com/1001',
    title: 'Title 1001',
    quality: 'best',
    status: 'done',
    file_name: '1001.mp4',
    size_bytes: 1_001,
    added_at: '2026-01-01T00:00:00.000Z',
    finished_at: null,
  });
  assert.equal(text.includes(folder.path), false);
});

test('a change is exported while the server runs', async (t) => {
  const folder = dataFolder(t);
  const server = await folder.start('1.2.1');
  const admin = await firstAccount(server);
  const theme = (): unknown =>
    Object(readExport(folder, 'saved_preferences')).users.owner?.theme ?? 'none';
  assert.notEqual(theme(), 'dark');
  await admin.put('/api/preferences', { language: 'vi', theme: 'dark' });
  await eventually(theme, 'dark');
});
