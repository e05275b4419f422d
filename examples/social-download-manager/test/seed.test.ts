import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLOutputValue } from 'node:sqlite';
import { after, before, test } from 'node:test';

import { fileName } from '../1.2.1/downloads/names.ts';
import { platformRegistry, parseLink } from '../1.2.1/platforms/registry.ts';
import { dataFolder } from './running.ts';

const rows = 1000;

/** Seeded once, for the tests that only read. */
let folder: string;
let database: DatabaseSync;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'sdm-seed-'));
  assert.equal(seed(folder).status, 0);
  database = new DatabaseSync(join(folder, 'sdm.db'), { readOnly: true });
});

after(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function seed(data: string, ...more: readonly string[]): ReturnType<typeof spawnSync> {
  const script = join(import.meta.dirname, '..', 'seed.ts');
  return spawnSync(process.execPath, [script, '--data', data, '--rows', String(rows), ...more]);
}

/** The first column of every row. */
function column(query: string, of = database): readonly SQLOutputValue[] {
  return of
    .prepare(query)
    .all()
    .map((row) => Object.values(row)[0] ?? null);
}

function count(where: string): number {
  return Number(column(`SELECT count(*) FROM download_history WHERE ${where}`)[0]);
}

test('the history is whole, and the database of the release is otherwise unchanged', () => {
  assert.equal(count('true'), rows);
  assert.deepEqual(column('PRAGMA foreign_key_check'), []);
  assert.deepEqual(column('PRAGMA integrity_check'), ['ok']);
  assert.deepEqual(column('PRAGMA journal_mode'), ['wal']);
  const fresh = mkdtempSync(join(tmpdir(), 'sdm-seed-'));
  const server = join(import.meta.dirname, '..', '1.2.1', 'server.ts');
  spawnSync(process.execPath, [server, 'migrate', '--data', fresh]);
  const migrated = new DatabaseSync(join(fresh, 'sdm.db'));
  const shape = 'SELECT sql FROM sqlite_schema ORDER BY name';
  assert.deepEqual(column(shape), column(shape, migrated));
  // Read into a database that enforces every condition of the release's tables.
  migrated.exec(`ATTACH '${join(folder, 'sdm.db')}' AS seeded`);
  for (const table of ['users', 'user_preferences', 'download_history']) {
    migrated.exec(`INSERT INTO main.${table} SELECT * FROM seeded.${table}`);
  }
  migrated.close();
  rmSync(fresh, { recursive: true });
});

test('platforms, endings, dates and states are mixed as in real use', () => {
  for (const [where, least, most] of [
    ["platform = 'youtube'", 550, 670],
    ["platform = 'tiktok'", 210, 330],
    ["platform = 'direct'", 80, 170],
    ["status = 'done'", 870, 940],
    ["status = 'failed'", 35, 90],
    ["status = 'cancelled'", 15, 60],
    ["quality = 'best'", 480, 620],
    ['audio_only', 60, 170],
    ['legacy_ui_state IS NULL', 620, 780],
    ["legacy_ui_state ->> 'pinned'", 25, 85],
    ["strftime('%Y', added_at) = '2023'", 80, 150],
    ["strftime('%Y', added_at) = '2025'", 500, 620],
    ['user_id = 1', 390, 510],
    ['user_id = 5', 70, 150],
  ] as const) {
    const found = count(where);
    assert.ok(found >= least && found <= most, `${where}: ${found}`);
  }
});

test('every row could have been written by the release', () => {
  assert.equal(count("status = 'done' AND (file_name IS NULL OR size_bytes <> received_bytes)"), 0);
  assert.equal(count("status <> 'done' AND file_name IS NOT NULL"), 0);
  assert.equal(count("(status = 'failed') <> (error IS NOT NULL)"), 0);
  assert.equal(count('finished_at <= added_at OR finished_at IS NULL'), 0);
  assert.equal(count('received_bytes > size_bytes'), 0);
  assert.deepEqual(
    column('SELECT file_name FROM download_history GROUP BY 1 HAVING count(*) > 1'),
    [null],
  );
  const done = database.prepare(
    'SELECT platform, url, title, file_name, user_id FROM download_history',
  );
  for (const { platform, url, title, file_name: path } of done.iterate()) {
    assert.equal(platformRegistry.recognise(parseLink(String(url)))?.name, platform, String(url));
    if (path === null) continue;
    const name = basename(String(path));
    assert.equal(name, fileName(String(title), extname(name).slice(1)));
    assert.ok(['.', 'studio', 'recipes', 'how-to'].includes(dirname(String(path))), String(path));
  }
});

test('the same seed gives the same rows, another seed gives others', () => {
  const tables = ['users', 'user_preferences', 'download_history'];
  const dump = (data: string): readonly string[] => {
    const seeded = new DatabaseSync(join(data, 'sdm.db'));
    const texts = tables.map((table) =>
      JSON.stringify(seeded.prepare(`SELECT * FROM ${table}`).all()),
    );
    seeded.close();
    return texts;
  };
  const dumps = [
    ['--seed', '1'],
    ['--seed', '2'],
  ].map((more) => {
    const other = mkdtempSync(join(tmpdir(), 'sdm-seed-'));
    assert.equal(seed(other, ...more).status, 0);
    const text = dump(other);
    rmSync(other, { recursive: true });
    return text;
  });
  assert.deepEqual(dumps[0], dump(folder));
  assert.notEqual(dumps[1]?.at(-1), dumps[0]?.at(-1));
});

test('many users and unfinished downloads can be had', () => {
  const other = mkdtempSync(join(tmpdir(), 'sdm-seed-'));
  assert.equal(seed(other, '--users', '12', '--unfinished', '7').status, 0);
  const seeded = new DatabaseSync(join(other, 'sdm.db'));
  const queued = "SELECT id FROM download_history WHERE status = 'queued' AND title = url";
  assert.deepEqual(column(queued, seeded), [994, 995, 996, 997, 998, 999, 1000]);
  assert.equal(column('SELECT name FROM users ORDER BY id', seeded).at(-1), 'member-12');
  assert.equal(column('SELECT DISTINCT user_id FROM download_history', seeded).length, 12);
  seeded.close();
  rmSync(other, { recursive: true });
});

test('the exports show the seeded history, and a folder in use is refused', () => {
  const exported: unknown = JSON.parse(
    readFileSync(join(folder, 'user_data', 'download_history.json'), 'utf8'),
  );
  assert.ok(typeof exported === 'object' && exported !== null && 'total' in exported);
  assert.equal(exported.total, rows);
  const again = seed(folder);
  assert.equal(again.status, 3);
  assert.match(String(again.stderr), /in use already/);
  assert.equal(count('true'), rows);
});

test('a wrong command line is told how to be right', () => {
  const script = join(import.meta.dirname, '..', 'seed.ts');
  for (const more of [
    [],
    ['--data', folder],
    ['--data', folder, '--rows', 'many'],
    ['--sed', '2'],
  ]) {
    const { status, stderr } = spawnSync(process.execPath, [script, ...more]);
    assert.equal(status, 2);
    assert.match(String(stderr), /^usage: /);
  }
});

test('the release starts on it, signs its users in and lists their downloads', async (t) => {
  const data = dataFolder(t);
  assert.equal(seed(data.path).status, 0);
  const server = await data.start('1.2.1');
  const client = server.client();
  const login = await client.post('/api/login', {
    name: 'Living-Room',
    password: 'seeded-history',
  });
  assert.equal(login.status, 200, login.text);
  const listed = await client.get('/api/downloads?limit=20&sort=newest');
  assert.equal(listed.status, 200, listed.text);
  const body: unknown = JSON.parse(listed.text);
  assert.ok(typeof body === 'object' && body !== null && 'total' in body && 'downloads' in body);
  assert.equal(body.total, count('user_id = 2'));
  assert.ok(Array.isArray(body.downloads) && body.downloads.length === 20);
});
