import assert from 'node:assert/strict';
import type { DataFolder } from '../running.ts';
import { withDatabase } from '../stored.ts';

/** Brings an empty folder to what 1.2.1 leaves: two users and so many downloads of all kinds. */
export async function fillOldFolder(folder: DataFolder, rows: number): Promise<void> {
  const migrated = await folder.run('1.2.1', ['migrate']);
  assert.equal(migrated.code, 0, migrated.stderr);
  withDatabase(folder, (database) => {
    database.exec(`
      INSERT INTO users VALUES
        (1, 'owner', 'scrypt$none', 'admin', '2024-01-01T00:00:00.000Z'),
        (2, 'reader', 'scrypt$none', 'member', '2024-01-02T00:00:00.000Z');
      INSERT INTO user_preferences
        (user_id, theme, language, download_folder, quality, v1_ui_preferences, updated_at)
      VALUES
        (1, 'dark', 'vi', 'a/b', '720', '{"rowsPerPage":100,"sort":"title","compact":true}', '2024-03-01'),
        (2, 'light', 'en', '', 'best', '{}', '2024-03-02');
      UPDATE platform_configurations SET auth = '{"username":"u","password":"p"}' WHERE platform = 'tiktok';
    `);
    database.prepare(downloads).run({ rows });
  });
}

const downloads = `
  INSERT INTO download_history
    (user_id, platform, url, title, uploader, quality, audio_only, status, file_name, size_bytes,
     received_bytes, duration_seconds, error, added_at, finished_at, legacy_ui_state)
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
  SELECT
    1 + i % 2, CASE i % 3 WHEN 0 THEN 'youtube' WHEN 1 THEN 'tiktok' ELSE 'direct' END,
    'https://example.com/' || i, 'Tiếng Việt ' || i || ' 🎬', CASE WHEN i % 2 THEN 'Open Lens' END,
    CASE i % 4 WHEN 0 THEN '1080' ELSE 'best' END, i % 2,
    CASE i % 5 WHEN 0 THEN 'queued' WHEN 1 THEN 'running' WHEN 2 THEN 'done' WHEN 3 THEN 'failed' ELSE 'cancelled' END,
    CASE WHEN i % 5 = 2 THEN i || '.mp4' END, i * 7, i * 3, i / 8.0, CASE i % 5 WHEN 3 THEN 'disk/full: …' END,
    '2024-02-01T00:00:00.000Z', CASE WHEN i % 5 > 1 THEN '2024-02-01T00:01:00.000Z' END,
    CASE i % 3 WHEN 0 THEN '{"pinned":true,"expanded":false}' WHEN 1 THEN '{"pinned":false,"expanded":true}' END
  FROM n WHERE :rows > 0`;

/** What the reversal of the migration gives: the same rows, columns and words as 1.2.1 had. */
export const asOld = `
  SELECT id, user_id, platform, url, title, uploader, quality, audio_only,
    replace(replace(replace(status, 'pending', 'queued'), 'downloading', 'running'), 'completed', 'done') AS status,
    file_name, size_bytes, received_bytes, duration_seconds, error, added_at, finished_at,
    json_extract(v2_state_snapshot, '$.ui') AS legacy_ui_state
  FROM download_history ORDER BY id`;

export const old = `
  SELECT id, user_id, platform, url, title, uploader, quality, audio_only, status, file_name, size_bytes,
    received_bytes, duration_seconds, error, added_at, finished_at, legacy_ui_state
  FROM download_history ORDER BY id`;
