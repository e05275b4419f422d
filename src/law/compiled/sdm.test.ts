import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bothWays, lacksShell } from '../../../test/rows/compiled.ts';
import { migrationsOf, sdmTermsOf } from '../../../test/rows/sdm-databases.ts';
import { openScene, plainTerms } from '../../../test/rows/scene.ts';

const people = `
  INSERT INTO users(name, password_hash, role, created_at) VALUES ('ann', 'x', 'admin', 't'), ('ben', 'y', 'member', 't');
  INSERT INTO user_preferences(user_id, theme, language, download_folder, quality, v1_ui_preferences, updated_at)
    SELECT id, 'light', 'en', '', 'best', '{"sort":"title"}', 't' FROM users;
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
  INSERT INTO download_history(user_id, platform, url, title, quality, status, added_at, legacy_ui_state)
    SELECT 1 + i % 2, 'direct', 'https://example.com/' || i, 'title ' || i, 'best', iif(i % 4, 'done', 'failed'),
      't' || i, iif(i % 2, '{"pinned":true}', NULL) FROM n;`;
const work = `
  INSERT INTO download_history(user_id, platform, url, title, quality, status, added_at, v2_component_id, v2_state_snapshot)
    VALUES (1, 'direct', 'u', 'a' || char(0) || 'b', 'best', 'completed', 't', 'history', '{"schema":2,"ui":{"pinned":false}}'),
      (2, 'direct', 'u', 'ü', 'best', 'downloading', 't', 'history', NULL);
  UPDATE download_history SET status = 'cancelled', title = 'renamed' WHERE id = 3;
  UPDATE download_history SET v2_state_snapshot = '{"schema":2,"ui":{"pinned":false}}' WHERE id = 5;
  DELETE FROM download_history WHERE id = 7;
  UPDATE user_preferences SET theme = 'dark', v2_component_layout = '[]' WHERE user_id = 1;
  UPDATE user_preferences SET v2_theme_config = '{"schema":2,"activeTheme":"x","ui":{"sort":"added"}}' WHERE user_id = 2;
  INSERT INTO users(name, password_hash, role, created_at) VALUES ('cas', 'z', 'member', 't');`;

test('Social Download Manager 2.0.0 goes back to 1.2.1 with the downloads made since', async (t) => {
  if (lacksShell(t)) return;
  const scene = openScene(t);
  await scene.state('before', `${migrationsOf('1.2.1', 'all')}; ${people}`);
  await scene.state('after', migrationsOf('2.0.0', 'own'), 'before');
  await scene.state('now', `PRAGMA foreign_keys = ON; ${work}`, 'after');
  const terms = { ...plainTerms, ...sdmTermsOf('2.0.0', '1.2.1') };
  const { run, compiled } = await bothWays(scene, terms);
  assert.equal(compiled.asks, '3.35.0');
  assert.match(run.output, /^download_history: 2 rows inserted, 2 updated, 1 deleted$/m);
  assert.match(run.output, /^download_history.v2_component_id: 2 cells parked: blind$/m);
  assert.deepEqual(
    scene.list('script/result.db', 'SELECT status FROM download_history WHERE id IN (3, 61, 62)'),
    ['cancelled', 'done', 'running'],
  );
  assert.deepEqual(
    scene.list('script/result.db', 'SELECT legacy_ui_state FROM download_history WHERE id = 5'),
    ['{"pinned":false}'],
  );
});

const split = `
  INSERT INTO download_history(user_id, platform, url, title, quality, status, added_at) VALUES (1, 'direct', 'u', 'new', 'best', 'completed', 't');
  INSERT INTO download_files(download_id, file_name, size_bytes) VALUES (last_insert_rowid(), 'new.mp4', 9007199254740993);
  UPDATE download_files SET received_bytes = 5, file_name = NULL WHERE download_id = 2;
  UPDATE download_history SET title = 'renamed' WHERE id = 3;
  DELETE FROM download_files WHERE download_id = 4;
  DELETE FROM download_history WHERE id = 5;
  DELETE FROM users WHERE name = 'ben';`;

test('2.1.0 goes back to 2.0.0, one row from two tables', async (t) => {
  if (lacksShell(t)) return;
  const scene = openScene(t);
  await scene.state('old', `${migrationsOf('1.2.1', 'all')}; ${people}`);
  await scene.state('before', migrationsOf('2.0.0', 'own'), 'old');
  await scene.state('after', migrationsOf('2.1.0', 'own'), 'before');
  await scene.state('now', `PRAGMA foreign_keys = ON; ${split}`, 'after');
  const { run } = await bothWays(scene, { ...plainTerms, ...sdmTermsOf('2.1.0', '2.0.0') });
  assert.match(run.output, /^download_history: 1 rows inserted, /m);
});
