import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { migrationsOf, sdmTermsOf } from '../../../../test/rows/sdm-databases.ts';
import { openScene, Scene, type StateNames } from '../../../../test/rows/scene.ts';
import type { MergeReport } from '../merge.ts';
import { oneWayTables } from '../survey/survey-database.ts';
import { fc } from '../../../../test/chance.ts';

/** What 2.1.0 does to the database of 2.0.0, where its release is not at hand. */
const restructured = `
  CREATE TABLE download_files (
    download_id INTEGER PRIMARY KEY REFERENCES download_history (id) ON DELETE CASCADE,
    file_name TEXT, size_bytes INTEGER, received_bytes INTEGER NOT NULL DEFAULT 0);
  INSERT INTO download_files SELECT id, file_name, size_bytes, received_bytes FROM download_history;
  ALTER TABLE download_history DROP COLUMN file_name;
  ALTER TABLE download_history DROP COLUMN size_bytes;
  ALTER TABLE download_history DROP COLUMN received_bytes;`;
const upgrade = existsSync(
  new URL(
    '../../../../examples/social-download-manager/2.1.0/database/migrations',
    import.meta.url,
  ),
)
  ? migrationsOf('2.1.0', 'own')
  : restructured;
const people = `
  INSERT INTO users(name, password_hash, role, created_at) VALUES ('ann', 'x', 'admin', 't'), ('ben', 'y', 'member', 't'), ('cas', 'z', 'member', 't');
  INSERT INTO user_preferences(user_id, theme, language, download_folder, quality, v2_theme_config, updated_at)
    SELECT id, 'light', 'en', '', 'best', '{"schema":2,"activeTheme":null,"ui":{}}', 't' FROM users;
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
  INSERT INTO download_history(user_id, platform, url, title, quality, status, file_name, size_bytes, received_bytes, added_at, v2_component_id, v2_state_snapshot)
    SELECT 1 + i % 3, 'direct', 'https://example.com/' || i, 'title ' || i, 'best', iif(i % 4, 'completed', 'failed'),
      iif(i % 4, i || '.mp4', NULL), i * 1000, i * 1000, 't' || i, 'history', iif(i % 2, '{"schema":2,"ui":{"pinned":true}}', NULL) FROM n;`;

/** A download as both releases show it, the file's columns in whichever table they are. */
const columns =
  'id, user_id, title, status, v2_component_id, v2_state_snapshot, file_name, size_bytes, received_bytes';
const shownIn = {
  old: `SELECT ${columns} FROM download_history ORDER BY id`,
  new: `SELECT ${columns.replace('received_bytes', 'coalesce(received_bytes, 0) AS received_bytes')}
    FROM download_history LEFT JOIN download_files ON download_id = id ORDER BY id`,
} as const;

type Side = keyof typeof shownIn;
type Edit = (side: Side) => string;

const id = fc.integer({ min: 1, max: 75 });
const word = fc.constantFrom('pending', 'downloading', 'completed', 'failed', 'cancelled');
const text = fc.constantFrom(
  "'a'",
  "''",
  "'ü''s'",
  "'" + 'x'.repeat(300) + "'",
  "'a' || char(0) || 'b'",
);
const size = fc.constantFrom('0', '1', '9007199254740993', '-1', 'NULL');
const fileTable = (side: Side): string => (side === 'old' ? 'download_history' : 'download_files');
const fileKey = (side: Side): string => (side === 'old' ? 'id' : 'download_id');
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(id, text).map(
    ([n, title]) =>
      () =>
        `UPDATE download_history SET title = ${title} WHERE id = ${n}`,
  ),
  fc.tuple(id, word).map(
    ([n, status]) =>
      () =>
        `UPDATE download_history SET status = '${status}' WHERE id = ${n}`,
  ),
  fc.tuple(id, text, size).map(
    ([n, name, bytes]): Edit =>
      (side) =>
        `UPDATE ${fileTable(side)} SET file_name = ${name}, size_bytes = ${bytes} WHERE ${fileKey(side)} = ${n}`,
  ),
  fc.tuple(id, size).map(
    ([n, bytes]): Edit =>
      (side) =>
        `UPDATE ${fileTable(side)} SET received_bytes = coalesce(${bytes}, 7) WHERE ${fileKey(side)} = ${n}`,
  ),
  fc.tuple(id).map(
    ([n]) =>
      () =>
        `UPDATE download_history SET v2_state_snapshot = '{"schema":2,"ui":{"pinned":false}}' WHERE id = ${n}`,
  ),
  fc.tuple(id).map(
    ([n]) =>
      () =>
        `DELETE FROM download_history WHERE id = ${n}`,
  ),
  fc.tuple(word, text, size).map(([status, name, bytes]): Edit => (side) => {
    const row = `INSERT INTO download_history(user_id, platform, url, title, quality, status, added_at) VALUES (2, 'direct', 'u', ${name}, 'best', '${status}', 't')`;
    return side === 'old'
      ? `${row}; UPDATE download_history SET file_name = ${name}, size_bytes = ${bytes} WHERE id = last_insert_rowid()`
      : `${row}; INSERT INTO download_files(download_id, file_name, size_bytes) VALUES (last_insert_rowid(), ${name}, ${bytes})`;
  }),
  fc.constant((side: Side) =>
    side === 'old'
      ? `UPDATE user_preferences SET theme = 'dark' WHERE user_id = 1`
      : `UPDATE user_preferences SET v2_component_layout = '[]' WHERE user_id = 2`,
  ),
);

async function pair(scene: Scene): Promise<void> {
  await scene.state('before', migrationsOf('1.2.1', 'all'));
  await scene.state(
    'before 2',
    `${migrationsOf('2.0.0', 'own')}; PRAGMA foreign_keys = ON; ${people}`,
    'before',
  );
  await scene.state('before', '', 'before 2');
  await scene.state('after', `PRAGMA foreign_keys = OFF; ${upgrade}`, 'before');
}

async function step(
  scene: Scene,
  states: StateNames,
  to: { readonly name: string; readonly direction: 'back' | 'forth' },
): Promise<MergeReport> {
  const report = await scene.merge(states, to.name, { direction: to.direction });
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(report.outcome.parked, []);
  assert.deepEqual(scene.dangling(to.name), []);
  return report;
}

/** Ten times: work under 2.1.0, back, work under 2.0.0, forth. What was there before a switch is there after it. */
async function backAndForth(
  scene: Scene,
  rounds: readonly (readonly [Edit[], Edit[]])[],
): Promise<void> {
  await pair(scene);
  let [before, after] = ['before', 'after'];
  for (const [n, [ahead, behind]] of rounds.entries()) {
    const [now, back, later, forth] = ['now', 'back', 'later', 'forth'].map(
      (name) => `${name} ${n}`,
    );
    await scene.state(now ?? '', '', after);
    scene.attempt(
      now ?? '',
      ahead.map((each) => each('new')),
    );
    await step(scene, [before, after, now ?? ''], { name: back ?? '', direction: 'back' });
    assert.deepEqual(
      scene.texts(back ?? '', shownIn.old),
      scene.texts(now ?? '', shownIn.new),
      `back ${n}`,
    );
    await scene.state(later ?? '', '', back);
    scene.attempt(
      later ?? '',
      behind.map((each) => each('old')),
    );
    await step(scene, [now ?? '', back ?? '', later ?? ''], {
      name: forth ?? '',
      direction: 'forth',
    });
    assert.deepEqual(
      scene.texts(forth ?? '', shownIn.new),
      scene.texts(later ?? '', shownIn.old),
      `forth ${n}`,
    );
    [before, after] = [later ?? '', forth ?? ''];
  }
}

test('ten times back and forth between 2.0.0 and 2.1.0 with work on both sides loses nothing', async () => {
  const edits = fc.array(edit, { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(edits, edits), { minLength: 10, maxLength: 10 }),
      async (rounds) => {
        const scene = new Scene(sdmTermsOf('2.1.0', '2.0.0'));
        try {
          await backAndForth(scene, rounds);
        } finally {
          scene.close();
        }
      },
    ),
    { numRuns: Number(process.env['BACKSTEP_LAW_RUNS'] ?? 2) },
  );
});

test('forth and nothing done there gives exactly what 2.1.0 had, column of its own included', async (t: TestContext) => {
  const scene = openScene(t, sdmTermsOf('2.1.0', '2.0.0'));
  await pair(scene);
  await scene.state('after 2', 'ALTER TABLE download_files ADD COLUMN checksum', 'after');
  await scene.state(
    'now',
    `UPDATE download_files SET checksum = 'sum ' || download_id; DELETE FROM download_history WHERE id = 4`,
    'after 2',
  );
  await scene.merge(['before', 'after 2', 'now'], 'back');
  await step(scene, ['now', 'back', 'back'], { name: 'forth', direction: 'forth' });
  assert.deepEqual(scene.dump('forth'), scene.dump('now'));
  await scene.state(
    'later',
    `UPDATE download_history SET size_bytes = 5, title = 'x' WHERE id = 9`,
    'back',
  );
  await step(scene, ['now', 'back', 'later'], { name: 'edited', direction: 'forth' });
  assert.deepEqual(
    scene.rows('edited', 'SELECT size_bytes, checksum FROM download_files WHERE download_id = 9'),
    [{ size_bytes: 5, checksum: 'sum 9' }],
  );
  assert.deepEqual(
    scene.list('edited', 'SELECT count(*) FROM download_files WHERE checksum IS NULL'),
    [0],
  );
});

test('a table with triggers is not one-way, one with a select alone is', () => {
  const { lenses } = sdmTermsOf('2.1.0', '2.0.0');
  assert.deepEqual(oneWayTables(lenses), []);
  const alone = { ...lenses['download_history'], triggers: undefined };
  assert.deepEqual(oneWayTables({ download_history: alone }), ['download_history']);
});
