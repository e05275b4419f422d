import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataFolder } from '../running.ts';
import { contents, query, readJson, schemaOf, withDatabase } from '../stored.ts';
import { asOld, fillOldFolder, old } from './old-folder.ts';

for (const rows of [0, 1, 100_000]) {
  test(`a folder of 1.2.1 with ${rows} downloads comes to 2.0.0, and nothing is lost`, async (t) => {
    const folder = dataFolder(t);
    await fillOldFolder(folder, rows);
    const before = query(folder, old);
    assert.equal(before.length, rows);
    const migrated = await folder.run('2.0.0', ['migrate']);
    assert.equal(migrated.code, 0, migrated.stderr);
    assert.deepEqual(JSON.parse(migrated.stdout).applied, ['2.0.0']);
    // Compared as text: a hundred thousand objects one by one take too long.
    assert.equal(JSON.stringify(query(folder, asOld)), JSON.stringify(before));
    assert.deepEqual(
      query(
        folder,
        `SELECT DISTINCT status, v2_component_id FROM download_history WHERE id <= 5 ORDER BY status`,
      ),
      (rows < 5
        ? ['downloading'].slice(0, rows)
        : ['cancelled', 'completed', 'downloading', 'failed', 'pending']
      ).map((status) => ({ status, v2_component_id: 'history' })),
    );
    assert.deepEqual(query(folder, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
    assert.deepEqual(query(folder, 'PRAGMA foreign_key_check'), []);
    assert.deepEqual(query(folder, 'PRAGMA journal_mode'), [{ journal_mode: 'wal' }]);
    const history = readJson(folder, 'user_data/download_history.json');
    assert.equal(Object(history).total, rows);
    assert.equal(Object(history).entries.length, Math.min(rows, 1_000));
  });
}

test('a migrated folder and a new one have the same shape', async (t) => {
  const [migrated, fresh] = [dataFolder(t), dataFolder(t)];
  await fillOldFolder(migrated, 3);
  for (const folder of [migrated, fresh])
    assert.equal((await folder.run('2.0.0', ['migrate'])).code, 0);
  assert.deepEqual(schemaOf(migrated), schemaOf(fresh));
  for (const table of ['v2_ui_components', 'v2_theme_configurations', 'platform_configurations']) {
    const columns = table === 'v2_theme_configurations' ? 'id, user_id, name, colors' : '*';
    const rows = (folder: typeof fresh) =>
      query(folder, `SELECT ${columns} FROM ${table}`).map((row) => ({
        ...Object(row),
        auth: null,
        updated_at: null,
      }));
    assert.deepEqual(rows(migrated), rows(fresh));
  }
  assert.deepEqual(
    query(fresh, 'SELECT id FROM v2_ui_components ORDER BY position').map((row) => Object(row).id),
    ['add-links', 'queue', 'history', 'statistics', 'announcements', 'api'],
  );
  assert.deepEqual(
    query(fresh, 'SELECT version, name FROM schema_migrations ORDER BY rowid').at(-1),
    { version: '2.0.0', name: 'components' },
  );
});

test('preferences keep their values, and the list’s appearance moves', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 0);
  await folder.run('2.0.0', ['migrate']);
  assert.deepEqual(query(folder, 'SELECT * FROM user_preferences'), [
    {
      user_id: 1,
      theme: 'dark',
      language: 'vi',
      download_folder: 'a/b',
      quality: '720',
      v2_theme_config:
        '{"schema":2,"activeTheme":null,"ui":{"rowsPerPage":100,"sort":"title","compact":true}}',
      v2_component_layout: null,
      updated_at: '2024-03-01',
    },
    {
      user_id: 2,
      theme: 'light',
      language: 'en',
      download_folder: '',
      quality: 'best',
      v2_theme_config: '{"schema":2,"activeTheme":null,"ui":{}}',
      v2_component_layout: null,
      updated_at: '2024-03-02',
    },
  ]);
});

test('JSON that is broken or unheard of does not stop the migration and comes back as it was', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 0);
  const strange = ['{"pinned":', '', 'null', '[1]', '"x"', '{"pinned":1,"new":{"a":[null]}}', '5'];
  withDatabase(folder, (database) => {
    const insert = database.prepare(
      `INSERT INTO download_history (user_id, platform, url, title, quality, status, added_at, legacy_ui_state)
       VALUES (1, 'direct', 'https://example.com/', 'x', 'best', 'done', '2024-01-01', ?)`,
    );
    for (const state of strange) insert.run(state);
    database.exec(`UPDATE user_preferences SET v1_ui_preferences = '{broken' WHERE user_id = 1`);
    database.exec(
      `UPDATE user_preferences SET v1_ui_preferences = '{"compact":3}' WHERE user_id = 2`,
    );
  });
  assert.equal((await folder.run('2.0.0', ['migrate'])).code, 0);
  assert.deepEqual(
    query(folder, asOld).map((row) => Object(row).legacy_ui_state),
    strange,
  );
  assert.deepEqual(
    query(folder, 'SELECT v2_state_snapshot AS json FROM download_history WHERE id IN (1, 6)'),
    [
      { json: '{"schema":2,"ui":"{\\"pinned\\":"}' },
      { json: '{"schema":2,"ui":{"pinned":1,"new":{"a":[null]}}}' },
    ],
  );
  assert.deepEqual(query(folder, 'SELECT v2_theme_config AS json FROM user_preferences'), [
    { json: '{"schema":2,"activeTheme":null,"ui":"{broken"}' },
    { json: '{"schema":2,"activeTheme":null,"ui":{"compact":3}}' },
  ]);
  const profiles = Object(readJson(folder, 'user_data/saved_preferences.json')).profiles;
  const view = { rowsPerPage: 50, sort: 'newest', compact: false };
  assert.deepEqual([profiles[0].ui, profiles[1].ui], [view, view]);
  assert.equal((await folder.run('2.0.0', ['migrate'])).code, 0);
});

test('a number of a deleted download is not given again', async (t) => {
  for (const [kept, next] of [
    ['id < 3', 11],
    ['id < 0', 11],
  ] as const) {
    const folder = dataFolder(t);
    await fillOldFolder(folder, 10);
    withDatabase(folder, (database) =>
      database.exec(`DELETE FROM download_history WHERE NOT (${kept})`),
    );
    assert.equal((await folder.run('2.0.0', ['migrate'])).code, 0);
    withDatabase(folder, (database) =>
      database.exec(
        `INSERT INTO download_history (user_id, platform, url, title, quality, status, added_at)
         VALUES (1, 'direct', 'https://example.com/', 'x', 'best', 'pending', '2024-01-01')`,
      ),
    );
    assert.deepEqual(query(folder, 'SELECT max(id) AS id FROM download_history'), [{ id: next }]);
  }
});

test('deleting a user still deletes what is theirs', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 10);
  await folder.run('2.0.0', ['migrate']);
  withDatabase(folder, (database) => database.exec('DELETE FROM users WHERE id = 1'));
  assert.deepEqual(query(folder, 'SELECT DISTINCT user_id FROM download_history'), [
    { user_id: 2 },
  ]);
  assert.deepEqual(query(folder, 'SELECT user_id FROM user_preferences'), [{ user_id: 2 }]);
});

test('the files follow: settings in their new shape, what is somebody’s own under extra', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 1);
  const path = join(folder.path, 'config.json');
  writeFileSync(
    path,
    `{"version":"1.2.1","comment":"ours","theme":"dark","language":"vi","download_folder":"downloads",
      "quality":"720","max_concurrent_downloads":5,"session_hours":1,"log_level":"warn","nested":{"a":[1]}}`,
  );
  writeFileSync(
    join(folder.path, 'platform_settings.json'),
    '{"youtube":{"endpoint":"http://127.0.0.1:9"}}',
  );
  assert.equal((await folder.run('2.0.0', ['migrate'])).code, 0);
  assert.deepEqual(readJson(folder, 'config.json'), {
    version: '2.0.0',
    application: { sessionHours: 1, logLevel: 'warn' },
    features: {
      componentInterface: true,
      customThemes: true,
      performanceMetrics: true,
      progressStream: true,
    },
    ui: { theme: { mode: 'dark' } },
    i18n: { locale: 'vi' },
    downloads: { folder: 'downloads', quality: '720', maxConcurrent: 5 },
    extra: { comment: 'ours', nested: { a: [1] } },
  });
  assert.deepEqual(readJson(folder, 'platform_settings.json'), {
    youtube: { endpoint: 'http://127.0.0.1:9', program: 'yt-dlp', timeout_seconds: 60 },
    tiktok: { endpoint: 'https://www.tiktok.com', program: 'yt-dlp', timeout_seconds: 60 },
    vimeo: { endpoint: 'https://vimeo.com', program: 'yt-dlp', timeout_seconds: 60 },
    direct: { endpoint: '', timeout_seconds: 60 },
  });
  assert.deepEqual(readJson(folder, 'performance_settings.json'), {
    sampleSeconds: 60,
    keepDays: 7,
  });
  assert.equal(Object(readJson(folder, 'component_manifest.json')).components.length, 6);
});

test('the exports take their new shape', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 2);
  await folder.run('2.0.0', ['migrate']);
  const history = Object(readJson(folder, 'user_data/download_history.json'));
  assert.equal(history.schema, 2);
  assert.deepEqual(history.entries[0], {
    id: 2,
    owner: 'owner',
    source: { url: 'https://example.com/2', platform: 'direct' },
    media: { title: 'Tiếng Việt 2 🎬', uploader: null, durationSeconds: 0.25 },
    file: { name: '2.mp4', sizeBytes: 14 },
    quality: 'best',
    state: 'completed',
    component: 'history',
    times: { added: '2024-02-01T00:00:00.000Z', finished: '2024-02-01T00:01:00.000Z' },
  });
  assert.deepEqual(Object(readJson(folder, 'user_data/saved_preferences.json')).profiles[0], {
    user: 'owner',
    theme: { mode: 'dark', active: null },
    locale: 'vi',
    folder: 'a/b',
    quality: '720',
    layout: null,
    ui: { rowsPerPage: 100, sort: 'title', compact: true },
  });
  assert.deepEqual(readJson(folder, 'user_data/platform_auth.json'), {
    schema: 2,
    credentials: [{ platform: 'tiktok', username: 'u', password: 'p' }],
  });
  assert.deepEqual(Object(readJson(folder, 'theme_configurations.json')).themes.map(nameAndOwner), [
    ['Paper', null],
    ['Midnight', null],
    ['High contrast', null],
  ]);
});

function nameAndOwner({ name, owner }: { name: unknown; owner: unknown }): readonly unknown[] {
  return [name, owner];
}

test('migrating a second time changes no byte', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 10);
  assert.equal((await folder.run('2.0.0', ['migrate'])).code, 0);
  const before = contents(folder);
  const again = await folder.run('2.0.0', ['migrate']);
  assert.deepEqual(JSON.parse(again.stdout).applied, []);
  assert.deepEqual(contents(folder), before);
});

test('a configuration file that 1.2.1 could not read is kept aside in the same way', async (t) => {
  const folder = dataFolder(t);
  await fillOldFolder(folder, 0);
  for (const damaged of ['{"theme": "dark"', '{"version":"1.2.1","theme":"pink"}']) {
    writeFileSync(join(folder.path, 'config.json'), damaged);
    assert.equal((await folder.run('2.0.0', ['migrate'])).code, 0);
    const aside = damaged.includes('pink') ? 'config.json.damaged-2' : 'config.json.damaged-1';
    assert.equal(readFileSync(join(folder.path, aside), 'utf8'), damaged);
    assert.equal(Object(readJson(folder, 'config.json')).ui.theme.mode, 'light');
  }
});
