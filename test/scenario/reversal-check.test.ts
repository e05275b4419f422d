import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { z } from 'zod';
import { nodeHost } from '../../src/host/node.ts';
import { Database } from '../../src/sqlite/database.ts';
import { said, saidOn } from './said.ts';

const checked = z.object({
  judgedBy: z.enum(['file', 'pair']),
  sound: z.boolean(),
  findings: z.array(
    z.object({
      rule: z.string(),
      severity: z.string(),
      line: z.int(),
      column: z.int(),
      path: z.string(),
      message: z.string(),
      hint: z.string(),
    }),
  ),
});
type Checked = z.output<typeof checked>;

const old = `
  CREATE TABLE schema_migrations (version TEXT PRIMARY KEY);
  INSERT INTO schema_migrations VALUES ('1.2.1');
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, password_hash TEXT NOT NULL);
  CREATE TABLE download_history (id INTEGER PRIMARY KEY, title TEXT, status TEXT, legacy_ui_state TEXT);
  CREATE TABLE user_preferences (user_id INTEGER PRIMARY KEY, theme TEXT, v1_ui_preferences TEXT);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
  INSERT INTO download_history SELECT i, 'title ' || i, iif(i % 2, 'done', 'queued'), '{}' FROM n;
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
  INSERT INTO users SELECT i, 'user ' || i, '$2b$10$' || i FROM n;
  INSERT INTO user_preferences SELECT id, 'dark', '{"rows":20}' FROM users;`;

const upgrade = `
  INSERT INTO schema_migrations VALUES ('2.0.0');
  CREATE TABLE v2_ui_components (id INTEGER PRIMARY KEY, name TEXT);
  ALTER TABLE download_history RENAME COLUMN legacy_ui_state TO v2_state_snapshot;
  ALTER TABLE download_history ADD COLUMN v2_component_id TEXT;
  UPDATE download_history SET status = 'completed' WHERE status = 'done';
  ALTER TABLE user_preferences RENAME COLUMN v1_ui_preferences TO v2_theme_config;
  ALTER TABLE user_preferences ADD COLUMN v2_component_layout TEXT;`;

const reversal = `from: 2.0.0
to: 1.2.1
sqlite:
  history:
    download_history:
      map: { status: { completed: done } }
      key: [id]
      select: |
        SELECT id, title, status,
          v2_state_snapshot AS legacy_ui_state
        FROM download_history
      forth: { v2_state_snapshot: legacy_ui_state }
    user_preferences:
      key: [user_id]
      select: SELECT user_id, theme, v2_theme_config AS v1_ui_preferences FROM user_preferences
      forth: { v2_theme_config: v1_ui_preferences }
`;

/** A folder with a database before and after an upgrade, and a file to be judged. */
class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'reversal-check-'));

  constructor(t: TestContext) {
    t.after(() => rmSync(this.folder, { recursive: true }));
  }

  async pair(): Promise<readonly string[]> {
    await this.database('before.db', old);
    await this.database('after.db', upgrade, 'before.db');
    return ['--before', 'before.db', '--after', 'after.db'];
  }

  async database(name: string, sql: string, from?: string): Promise<void> {
    if (from !== undefined) {
      using source = Database.open(join(this.folder, from), { readOnly: true });
      await source.copyTo(join(this.folder, name));
    }
    using db = Database.open(join(this.folder, name));
    db.exec(sql);
  }

  async check(name: string, text: string, ...flags: readonly string[]): Promise<Checked> {
    writeFileSync(join(this.folder, name), text);
    const before = readdirSync(this.folder);
    const ended = await said(this.folder, 'reversal', 'check', name, '--json', ...flags);
    assert.equal(ended.stderr, '');
    const found = checked.parse(JSON.parse(ended.stdout));
    assert.equal(ended.exitCode, found.sound ? 0 : 7);
    assert.deepEqual(readdirSync(this.folder), before, 'nothing is left behind');
    return found;
  }
}

function at({ findings }: Checked, rule: string): string[] {
  return findings
    .filter((each) => each.rule === rule)
    .map(({ line, column }) => `${line}:${column}`);
}

/** Step by step as an operations manual for another database has it. */
const script = `BEGIN TRANSACTION;
SELECT version FROM schema_migrations ORDER BY version DESC LIMIT 1;
DROP TABLE IF EXISTS v2_ui_components CASCADE;
ALTER TABLE user_preferences
    DROP COLUMN IF EXISTS v2_theme_config,
    DROP COLUMN IF EXISTS v2_component_layout,
    ADD COLUMN IF NOT EXISTS v1_ui_preferences TEXT;
UPDATE user_preferences
SET v1_ui_preferences = COALESCE(v2_theme_config, '{}')::text
WHERE v2_theme_config IS NOT NULL;
UPDATE schema_migrations SET version = '1.2.1' WHERE version = '2.0.0';
COMMIT;
`;

test('M4.3 mistake 1: what a step drops and a later one reads is refused', async (t) => {
  const found = await new Desk(t).check('database_rollback.sql', script);
  assert.deepEqual(at(found, 'use-after-drop'), ['9:34']);
  assert.deepEqual(at(found, 'drop'), ['3:22', '5:27', '6:27']);
  const [told] = found.findings.filter(({ rule }) => rule === 'use-after-drop');
  assert.match(told?.message ?? '', /user_preferences\.v2_theme_config/);
});

test('M4.3 mistake 2: every word of another dialect is refused, and SQLite says so too', async (t) => {
  const desk = new Desk(t);
  const found = await desk.check('database_rollback.sql', script, ...(await desk.pair()));
  assert.deepEqual(at(found, 'cascade'), ['3:39']);
  assert.deepEqual(at(found, 'if-exists-column'), ['5:17', '6:17', '7:16']);
  assert.deepEqual(at(found, 'several-actions'), ['5:42']);
  assert.deepEqual(at(found, 'double-colon'), ['9:56']);
  assert.deepEqual(at(found, 'sqlite'), ['3:1', '4:1', '8:1']);
  assert.equal(found.judgedBy, 'pair');
});

test('M4.3 mistake 3: a script that overwrites the version row is refused', async (t) => {
  const found = await new Desk(t).check('database_rollback.sql', script);
  assert.deepEqual(at(found, 'version-row'), ['11:8']);
  assert.deepEqual(at(found, 'transaction'), ['1:1', '12:1']);
  assert.deepEqual(at(found, 'script'), ['1:1']);
});

test('M4.3: the same statements in a reversal file are refused where they stand', async (t) => {
  const desk = new Desk(t);
  const file = `from: 2.0.0
to: 1.2.1
sqlite:
  history:
    user_preferences:
      key: [user_id]
      select: |
        SELECT user_id, theme,
          COALESCE(v2_theme_config, '{}')::text AS v1_ui_preferences
        FROM user_preferences
    rebuild:
      schema:
        - DROP TABLE IF EXISTS v2_ui_components CASCADE
        - UPDATE schema_migrations SET version = '1.2.1' WHERE version = '2.0.0'
`;
  const found = await desk.check('2.0.0-to-1.2.1.yaml', file, ...(await desk.pair()));
  assert.deepEqual(at(found, 'double-colon'), ['9:42']);
  assert.deepEqual(at(found, 'cascade'), ['13:49']);
  assert.deepEqual(at(found, 'statement'), ['13:11']);
  assert.deepEqual(at(found, 'version-row'), ['14:18']);
  assert.equal(found.sound, false);
});

test('a sound file is sound, and what it does not read is listed', async (t) => {
  const desk = new Desk(t);
  const found = await desk.check('2.0.0-to-1.2.1.yaml', reversal, ...(await desk.pair()));
  assert.deepEqual(
    found.findings.map(({ rule, message }) => `${rule} ${message.split(':')[0] ?? ''}`),
    [
      'unread v2_ui_components',
      'unread download_history.v2_component_id',
      'unread user_preferences.v2_component_layout',
    ],
  );
  assert.equal(found.sound, true);
});

test('SQLite judges on the shape: the column that is not there is named, at its line', async (t) => {
  const desk = new Desk(t);
  const wrong = reversal.replace('v2_state_snapshot AS', 'v2_state_snap AS');
  const found = await desk.check('2.0.0-to-1.2.1.yaml', wrong, ...(await desk.pair()));
  assert.deepEqual(at(found, 'sqlite'), ['10:11']);
  const alone = await desk.check('2.0.0-to-1.2.1.yaml', wrong);
  assert.deepEqual(alone, { judgedBy: 'file', sound: true, findings: [] });
});

test('what the upgrade rewrote and no rule leads back is told, with the map that the data proves', async (t) => {
  const desk = new Desk(t);
  const wrong = reversal.replace('      map: { status: { completed: done } }\n', '');
  const found = await desk.check('2.0.0-to-1.2.1.yaml', wrong, ...(await desk.pair()));
  const [told] = found.findings.filter(({ rule }) => rule === 'rewritten');
  assert.match(
    told?.message ?? '',
    /download_history\.status: differs from before in 20 of 40 rows/,
  );
  assert.match(told?.hint ?? '', /"completed": "done"/);
});

test('a join that leaves rows out is seen in its words and in the data', async (t) => {
  const desk = new Desk(t);
  const wrong = reversal.replace(
    /select: SELECT user_id.*/,
    `select: |
        SELECT p.user_id, p.theme, p.v2_theme_config AS v1_ui_preferences
        FROM user_preferences AS p JOIN download_history AS h ON h.id = p.user_id AND h.status = 'completed'`,
  );
  const found = await desk.check('2.0.0-to-1.2.1.yaml', wrong, ...(await desk.pair()));
  assert.equal(at(found, 'inner-join').length, 1);
  assert.equal(at(found, 'keys').length, 1);
  assert.equal(found.sound, false);
});

test('a way forth that stores something else than the select reads is refused', async (t) => {
  const desk = new Desk(t);
  const states = await desk.pair();
  const wrong = reversal.replace(
    '{ v2_theme_config: v1_ui_preferences }',
    `{ v2_theme_config: "'x' || v1_ui_preferences" }`,
  );
  const trip = await desk.check('2.0.0-to-1.2.1.yaml', wrong, ...states);
  assert.deepEqual(at(trip, 'round-trip').length > 0, true);
  const unmapped = reversal
    .replace(
      'map: { status: { completed: done } }',
      `forth: { status: status, v2_state_snapshot: legacy_ui_state }`,
    )
    .replace(
      'SELECT id, title, status,',
      `SELECT id, title, replace(status, 'completed', 'done') AS status,`,
    )
    .replace('      forth: { v2_state_snapshot: legacy_ui_state }\n', '');
  const word = await desk.check('2.0.0-to-1.2.1.yaml', unmapped, ...states);
  const [told] = word.findings.filter(({ rule }) => rule === 'forth-word');
  assert.match(told?.message ?? '', /forth stores "done"/);
});

test('what the upgrade rewrote of a table that the file does not name goes on no trip', async (t) => {
  const desk = new Desk(t);
  const shape = `CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT); INSERT INTO words VALUES (1, 'done');
    CREATE TABLE parts (id INTEGER PRIMARY KEY, value TEXT); INSERT INTO parts VALUES (1, 'a'), (2, 'b')`;
  await desk.database('before.db', shape);
  const renamed = `UPDATE words SET word = 'completed' WHERE id = 1; ALTER TABLE parts RENAME COLUMN value TO content`;
  await desk.database('after.db', renamed, 'before.db');
  const file = (forth: string): string => `from: 2.0.0
to: 1.2.1
sqlite: { history: { parts: { key: [id], select: 'SELECT id, content AS value FROM parts', forth: { content: ${forth} } } } }
`;
  const states = ['--before', 'before.db', '--after', 'after.db'];
  const found = await desk.check('2.0.0-to-1.2.1.yaml', file('value'), ...states);
  assert.deepEqual(
    found.findings.map(({ rule, path }) => `${rule} ${path}`),
    ['rewritten sqlite.history.words.map.word'],
  );
  assert.equal(found.sound, true);
  const wrong = await desk.check('2.0.0-to-1.2.1.yaml', file(`"value || '!'"`), ...states);
  assert.equal(at(wrong, 'round-trip').length > 0, true);
});

test('a password that is hashed anew at login, and a new word, are noticed in what users store now', async (t) => {
  const desk = new Desk(t);
  const states = await desk.pair();
  await desk.database(
    'now.db',
    `UPDATE users SET password_hash = '$argon2id$v=19$x' WHERE id = 3;
     UPDATE download_history SET status = 'archived' WHERE id = 4;
     UPDATE user_preferences SET v2_component_layout = '[]' WHERE user_id IN (7, 8);
     UPDATE user_preferences SET v2_theme_config = '{"rows":20,"sort":"new"}' WHERE user_id = 5`,
    'after.db',
  );
  const found = await desk.check('2.0.0-to-1.2.1.yaml', reversal, ...states, '--now', 'now.db');
  const formats = found.findings
    .filter(({ rule }) => rule === 'format')
    .map(({ message }) => message);
  assert.equal(formats.length, 2);
  assert.match(formats.join('\n'), /users\.password_hash: text beginning \$argon2id\$ \(1 rows\)/);
  assert.match(formats.join('\n'), /v1_ui_preferences: JSON with key "sort" \(1 rows\)/);
  const unread = found.findings.find(({ message }) =>
    message.startsWith('user_preferences.v2_component_layout'),
  );
  assert.match(unread?.message ?? '', /users have written 2 rows since/);
  const [word] = found.findings.filter(({ rule }) => rule === 'word');
  assert.match(word?.message ?? '', /"archived"/);
  assert.equal(found.sound, true);
});

test('names that neither release has, an empty file and a file of another shape are refused', async (t) => {
  const desk = new Desk(t);
  const states = await desk.pair();
  const names = await desk.check(
    '2.0.0-to-1.2.1.yaml',
    reversal
      .replace('    user_preferences:', '    user_preference:')
      .replace('{ status: {', '{ state: {'),
    ...states,
  );
  assert.equal(at(names, 'unknown-table').length, 1);
  assert.equal(at(names, 'unknown-column').length, 1);
  const empty = await desk.check('2.0.0-to-1.2.1.yaml', 'from: 2.0.0\nto: 1.2.1\n');
  assert.deepEqual(at(empty, 'empty'), ['1:1']);
  const shape = await desk.check('2.0.0-to-1.2.1.yaml', 'from: 2.0.0\nto: 1.2.1\nsqllite: {}\n');
  assert.deepEqual(at(shape, 'form'), ['3:1']);
});

test('where its copies have no room, the way forth and back is not tried, and that is said', async (t) => {
  const desk = new Desk(t);
  const states = await desk.pair();
  writeFileSync(join(desk.folder, '2.0.0-to-1.2.1.yaml'), reversal);
  const host = nodeHost();
  const full = { ...host, disk: { ...host.disk, freeBytes: () => 100_000_000 } };
  const argv = ['reversal', 'check', '2.0.0-to-1.2.1.yaml', '--json', ...states];
  const { stdout } = await saidOn({ host: full }, desk.folder, argv);
  const found = checked.parse(JSON.parse(stdout));
  assert.equal(at(found, 'untried').length, 1);
  assert.equal(found.sound, true);
});

test('entries for documents that cannot be used are refused one by one, where they stand', async (t) => {
  const file = `from: 2.0.0
to: 1.2.1
json:
  configuration/config.json:
    theme: ui.theme
    folder: { get: 'downloads.(' }
    quality: { get: downloads.quality, forth: { downloads.quality: '$now()' } }
`;
  const found = await new Desk(t).check('2.0.0-to-1.2.1.yaml', file);
  assert.deepEqual(at(found, 'document'), ['6:13', '7:14']);
});

test('derived tables are judged with what makes them anew, on both shapes', async (t) => {
  const desk = new Desk(t);
  const search = `CREATE VIRTUAL TABLE search USING fts5(title, content='download_history', content_rowid='id');
    INSERT INTO search(search) VALUES ('rebuild')`;
  await desk.database('before.db', `${old} ${search}`);
  await desk.database('after.db', upgrade, 'before.db');
  const states = ['--before', 'before.db', '--after', 'after.db'];
  const anew = `${reversal}    rebuild:\n      search: INSERT INTO search(search) VALUES ('rebuild')\n`;
  const found = await desk.check('2.0.0-to-1.2.1.yaml', anew, ...states);
  assert.deepEqual(
    found.findings.filter(({ severity }) => severity !== 'note'),
    [],
  );
  const unsaid = await desk.check('2.0.0-to-1.2.1.yaml', reversal, ...states);
  assert.match(
    unsaid.findings.find(({ rule }) => rule === 'shape')?.message ?? '',
    /table search is virtual/,
  );
  await desk.database('without.db', 'DROP TABLE search', 'after.db');
  const without = ['--before', 'before.db', '--after', 'without.db'];
  const gone = await desk.check('2.0.0-to-1.2.1.yaml', anew, ...without);
  assert.deepEqual(at(gone, 'sqlite'), []);
  const misnamed = anew.replace('      search: INSERT', '      texts: INSERT');
  const failing = await desk.check('2.0.0-to-1.2.1.yaml', misnamed, ...without);
  const [told] = failing.findings.filter(({ rule }) => rule === 'sqlite');
  assert.equal(told?.severity, 'warning');
  assert.match(told.message, /on the way forth it would fail: SQLite says: no such table: search/);
});

test('a file that is not there, and one half of a pair, are mistakes of the command line', async (t) => {
  const desk = new Desk(t);
  const check = async (...argv: readonly string[]): Promise<number> =>
    (await said(desk.folder, 'reversal', 'check', ...argv)).exitCode;
  assert.equal(await check('none.yaml'), 2);
  writeFileSync(join(desk.folder, '2.0.0-to-1.2.1.yaml'), reversal);
  assert.equal(await check('2.0.0-to-1.2.1.yaml', '--before', 'before.db'), 2);
  writeFileSync(join(desk.folder, 'before.db'), 'no database');
  const both = ['--before', 'before.db', '--after', 'before.db'];
  assert.equal(await check('2.0.0-to-1.2.1.yaml', ...both), 3);
});
