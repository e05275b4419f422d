import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { dataFolder, type DataFolder } from '../running.ts';
import { contents, query } from '../stored.ts';

const migrationsFolder = join(import.meta.dirname, '../../1.2.1/database/migrations');
const versions = ['1.0.0', '1.1.0', '1.2.0', '1.2.1'];

/** A database as the release 1.0.0 has left it, with one user and so many downloads. */
function makeOldDatabase(folder: DataFolder, rows: number): void {
  const database = new DatabaseSync(join(folder.path, 'sdm.db'));
  database.exec(readFileSync(join(migrationsFolder, '1.0.0-initial.sql'), 'utf8'));
  database.exec(`
    CREATE TABLE schema_migrations (version TEXT PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL);
    INSERT INTO schema_migrations VALUES ('1.0.0', 'initial', '2024-01-01T00:00:00.000Z');
    INSERT INTO users VALUES (1, 'owner', 'scrypt$none', 'admin', '2024-01-01T00:00:00.000Z');
    INSERT INTO user_preferences VALUES (1, 'dark', 'vi', '', '720', '2024-01-01T00:00:00.000Z')`);
  database
    .prepare(
      `INSERT INTO download_history (user_id, platform, url, title, quality, status, file_name, size_bytes, received_bytes, added_at, finished_at)
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
       SELECT 1, 'youtube', 'https://example.com/' || i, 'Title ' || i || ' 🎬', 'best', 'done', i || '.mp4', i, i,
         '2024-02-01T00:00:00.000Z', '2024-02-01T00:01:00.000Z' FROM n WHERE :rows > 0`,
    )
    .run({ rows });
  database.close();
}

for (const rows of [0, 1, 100_000]) {
  test(`a database of 1.0.0 with ${rows} downloads comes to 1.2.1`, async (t) => {
    const folder = dataFolder(t);
    makeOldDatabase(folder, rows);
    const migrated = await folder.run('1.2.1', ['migrate']);
    assert.equal(migrated.code, 0, migrated.stderr);
    assert.deepEqual(JSON.parse(migrated.stdout).applied, versions.slice(1));
    assert.deepEqual(
      query(folder, 'SELECT version FROM schema_migrations ORDER BY rowid'),
      versions.map((version) => ({ version })),
    );
    assert.deepEqual(
      query(
        folder,
        `SELECT count(*) AS total, coalesce(sum(size_bytes), 0) AS bytes, count(legacy_ui_state) AS states,
           sum(title = 'Title ' || id || ' 🎬') AS titles FROM download_history`,
      ),
      [
        {
          total: rows,
          bytes: (rows * (rows + 1)) / 2,
          states: 0,
          titles: rows === 0 ? null : rows,
        },
      ],
    );
    assert.deepEqual(
      query(folder, 'SELECT theme, language, v1_ui_preferences FROM user_preferences'),
      [{ theme: 'dark', language: 'vi', v1_ui_preferences: '{}' }],
    );
    assert.deepEqual(query(folder, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
    assert.deepEqual(query(folder, 'PRAGMA foreign_key_check'), []);
    const history = JSON.parse(
      readFileSync(join(folder.path, 'user_data/download_history.json'), 'utf8'),
    );
    assert.equal(history.total, rows);
    assert.equal(history.downloads.length, Math.min(rows, 1_000));
  });
}

test('a new folder gets the shape that the manual describes', async (t) => {
  const folder = dataFolder(t);
  assert.equal((await folder.run('1.2.1', ['migrate'])).code, 0);
  assert.deepEqual(readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).toSorted(), [
    'config.json',
    'downloads',
    'platform_settings.json',
    'sdm.db',
    'server.lock',
    'user_data',
    'user_data/download_history.json',
    'user_data/platform_auth.json',
    'user_data/saved_preferences.json',
    'user_preferences.json',
  ]);
  assert.deepEqual(
    query(
      folder,
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    ),
    [
      'announcements',
      'api_tokens',
      'download_history',
      'platform_configurations',
      'schema_migrations',
      'sessions',
      'user_preferences',
      'users',
    ].map((name) => ({ name })),
  );
  assert.deepEqual(
    query(
      folder,
      'SELECT platform, is_enabled, auth FROM platform_configurations ORDER BY platform',
    ),
    ['direct', 'tiktok', 'youtube'].map((platform) => ({ platform, is_enabled: 1, auth: null })),
  );
  assert.deepEqual(query(folder, 'PRAGMA journal_mode'), [{ journal_mode: 'wal' }]);
});

test('migrating a second time changes no byte, nor does it make a lost download folder again', async (t) => {
  const folder = dataFolder(t);
  makeOldDatabase(folder, 10);
  assert.equal((await folder.run('1.2.1', ['migrate'])).code, 0);
  assert.equal(readdirSync(folder.path).includes('downloads'), false);
  const before = contents(folder);
  const again = await folder.run('1.2.1', ['migrate']);
  assert.equal(again.code, 0);
  assert.deepEqual(JSON.parse(again.stdout).applied, []);
  assert.deepEqual(contents(folder), before);
});

test('a migration that fails half way leaves the database at the version before it', async (t) => {
  const folder = dataFolder(t);
  makeOldDatabase(folder, 3);
  const path = join(folder.path, 'sdm.db');
  const database = new DatabaseSync(path);
  database.exec('ALTER TABLE user_preferences ADD COLUMN v1_ui_preferences TEXT');
  database.close();
  const failed = await folder.run('1.2.1', ['migrate']);
  assert.notEqual(failed.code, 0);
  assert.match(failed.stderr, /duplicate column name: v1_ui_preferences/);
  assert.deepEqual(query(folder, 'SELECT version FROM schema_migrations'), [{ version: '1.0.0' }]);
  const columns = query(folder, "SELECT name FROM pragma_table_info('download_history')");
  assert.equal(JSON.stringify(columns).includes('legacy_ui_state'), false);
  const repaired = new DatabaseSync(path);
  repaired.exec('ALTER TABLE user_preferences DROP COLUMN v1_ui_preferences');
  repaired.close();
  assert.equal((await folder.run('1.2.1', ['migrate'])).code, 0);
});

test('the server migrates at its start, and a download folder that is missing then is only reported', async (t) => {
  const folder = dataFolder(t);
  makeOldDatabase(folder, 1);
  const server = await folder.start('1.2.1');
  const health = await server.client().get('/healthz');
  assert.equal(health.status, 503);
  assert.equal(health.at('checks.folder.detail'), 'is gone');
  await server.stop();
  rmSync(folder.path, { recursive: true });
  assert.equal((await (await folder.start('1.2.1')).client().get('/healthz')).status, 200);
});
