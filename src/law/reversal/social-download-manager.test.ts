import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeDisk } from '../../host/node-disk.ts';
import { Database } from '../../sqlite/database.ts';
import { readDocument } from '../json/document.ts';
import { compileExpression } from '../json/expression.ts';
import { compactText } from '../json/write.ts';
import { loadReversal } from './load.ts';
import { oneWayPlaces, type Reversal, type TableReversal } from './reversal.ts';

/** The shipped reversal files, run on the shapes of the releases that they speak of. */

const folder = join(import.meta.dirname, '../../../examples/social-download-manager/reversals');
const assets = { configuration: 'json', 'user-data': 'json', history: 'sqlite' };
const toFirst = load('2.0.0', '1.2.1');
const toSecond = load('2.1.0', '2.0.0');

function load(from: string, to: string): Reversal {
  const reversal = loadReversal(nodeDisk, { folder, from, to, assets });
  assert.ok(reversal);
  return reversal;
}

function tableOf(
  reversal: Reversal,
  name: string,
): Required<Pick<TableReversal, 'select'>> & TableReversal {
  const table = reversal.databases['history']?.tables[name];
  assert.ok(table?.select !== undefined);
  return { ...table, select: table.select };
}

const historyColumns = `id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL, platform TEXT NOT NULL,
  url TEXT NOT NULL, title TEXT NOT NULL, uploader TEXT, quality TEXT NOT NULL,
  audio_only INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL
  CHECK (status IN ('pending','downloading','completed','failed','cancelled')),
  duration_seconds REAL, error TEXT, added_at TEXT NOT NULL, finished_at TEXT,
  v2_component_id TEXT, v2_state_snapshot TEXT`;
const fileColumns = 'file_name TEXT, size_bytes INTEGER, received_bytes INTEGER NOT NULL DEFAULT 0';
const oldHistoryColumns =
  'id user_id platform url title uploader quality audio_only status file_name size_bytes received_bytes duration_seconds error added_at finished_at legacy_ui_state'.split(
    ' ',
  );

function secondRelease(): Database {
  const db = Database.open(':memory:');
  db.exec(`CREATE TABLE download_history (${historyColumns}, ${fileColumns});
    CREATE TABLE user_preferences (user_id INTEGER PRIMARY KEY, theme TEXT NOT NULL, language TEXT NOT NULL,
      download_folder TEXT NOT NULL, quality TEXT NOT NULL, v2_theme_config TEXT NOT NULL,
      v2_component_layout TEXT, updated_at TEXT NOT NULL);
    INSERT INTO download_history (id, user_id, platform, url, title, quality, status, added_at,
      v2_component_id, v2_state_snapshot, file_name, size_bytes) VALUES
      (1, 1, 'direct', 'http://a', 'A', 'best', 'completed', 't1', 'history',
        '{"schema":2,"ui":{"pinned":true,"expanded":false}}', 'a.mp4', 10),
      (2, 1, 'youtube', 'http://b', 'B', 'best', 'pending', 't2', 'add-links', NULL, NULL, NULL);
    INSERT INTO user_preferences VALUES
      (1, 'dark', 'vi', '', 'best', '{"schema":2,"activeTheme":7,"ui":{"rowsPerPage":50,"sort":"newest"}}',
       '[{"id":"queue"}]', 't3');`);
  return db;
}

test('2.0.0 to 1.2.1: every old column is yielded, words and the appearance are those of 1.2.1', () => {
  using db = disposable(secondRelease());
  const { select, map } = tableOf(toFirst, 'download_history');
  const rows = db.value.all(select);
  assert.deepEqual(Object.keys(rows[0] ?? {}), oldHistoryColumns);
  assert.equal(rows[0]?.['legacy_ui_state'], '{"pinned":true,"expanded":false}');
  assert.equal(rows[1]?.['legacy_ui_state'], null);
  assert.deepEqual(map, {
    status: {
      pending: 'queued',
      downloading: 'running',
      completed: 'done',
      failed: 'failed',
      cancelled: 'cancelled',
    },
  });
  const preferences = db.value.all(tableOf(toFirst, 'user_preferences').select);
  assert.deepEqual(
    preferences.map((row) => ({ ...row })),
    [
      {
        user_id: 1,
        theme: 'dark',
        language: 'vi',
        download_folder: '',
        quality: 'best',
        v1_ui_preferences: '{"rowsPerPage":50,"sort":"newest"}',
        updated_at: 't3',
      },
    ],
  );
});

test('2.0.0 to 1.2.1: forth then back is the identity', () => {
  using db = disposable(secondRelease());
  for (const name of ['download_history', 'user_preferences']) {
    const { select, forth = {} } = tableOf(toFirst, name);
    db.value.exec(`CREATE TABLE old_${name} AS ${select}`);
    const old = db.value.all(`SELECT * FROM old_${name}`);
    for (const [column, sql] of Object.entries(forth)) {
      db.value.exec(
        `UPDATE ${name} SET ${column} = (SELECT ${sql} FROM old_${name} AS s WHERE s.rowid = ${name}.rowid)`,
      );
    }
    assert.deepEqual(db.value.all(select), old);
  }
  const snapshots = db.value.texts('SELECT v2_state_snapshot FROM download_history WHERE id = 1');
  assert.deepEqual(snapshots, ['{"schema":2,"ui":{"pinned":true,"expanded":false}}']);
});

test('2.1.0 to 2.0.0: the triggers write one old row into the two new tables', () => {
  using db = disposable(Database.open(':memory:'));
  const { select, triggers } = tableOf(toSecond, 'download_history');
  assert.ok(triggers);
  db.value.exec(`CREATE TABLE download_history (${historyColumns});
    CREATE TABLE download_files (download_id INTEGER PRIMARY KEY REFERENCES download_history(id) ON DELETE CASCADE, ${fileColumns});
    INSERT INTO download_history (id, user_id, platform, url, title, quality, status, added_at) VALUES (5, 1, 'direct', 'u', 'T', 'best', 'pending', 't');
    CREATE VIEW old AS ${select};`);
  for (const [event, body] of Object.entries(triggers)) {
    db.value.exec(`CREATE TRIGGER old_${event} INSTEAD OF ${event} ON old BEGIN ${body} END`);
  }
  assert.deepEqual(
    db.value.all('SELECT received_bytes AS r FROM old').map((row) => row['r']),
    [0],
  );
  db.value.exec("UPDATE old SET title = 'New', file_name = 'f', received_bytes = 9 WHERE id = 5");
  db.value.exec('UPDATE old SET received_bytes = 11 WHERE id = 5');
  db.value
    .exec(`INSERT INTO old (id, user_id, platform, url, title, quality, audio_only, status, file_name,
    received_bytes, added_at) VALUES (6, 1, 'direct', 'u6', 'T6', 'best', 0, 'completed', 'g', 3, 't6')`);
  const shown = db.value.all('SELECT id, title, file_name, received_bytes FROM old ORDER BY id');
  assert.deepEqual(
    shown.map((row) => Object.values(row)),
    [
      [5, 'New', 'f', 11],
      [6, 'T6', 'g', 3],
    ],
  );
  db.value.exec('DELETE FROM old WHERE id = 5');
  assert.deepEqual(db.value.texts('SELECT file_name FROM download_files'), ['g']);
  assert.equal(db.value.count('SELECT count(*) FROM download_history'), 1);
});

const newDocuments = {
  'user-data/download_history.json': {
    schema: 2,
    total: 1,
    entries: [
      {
        id: 1,
        owner: 'ann',
        source: { url: 'http://a', platform: 'direct' },
        media: { title: 'A', uploader: 'x', durationSeconds: 3 },
        file: { name: null, sizeBytes: null },
        quality: 'best',
        state: 'downloading',
        component: 'queue',
        times: { added: 't', finished: null },
      },
    ],
  },
  'user-data/saved_preferences.json': {
    schema: 2,
    profiles: [
      {
        user: 'ann',
        theme: { mode: 'dark', active: 7 },
        locale: 'vi',
        folder: '',
        quality: 'best',
        layout: null,
        ui: { sort: 'newest' },
      },
    ],
  },
  'user-data/platform_auth.json': {
    schema: 2,
    credentials: [{ platform: 'youtube', username: 'u', password: 'p' }],
  },
};
const oldDocuments = {
  'user-data/download_history.json': {
    downloads: [
      {
        id: 1,
        user: 'ann',
        platform: 'direct',
        url: 'http://a',
        title: 'A',
        quality: 'best',
        status: 'running',
        file_name: null,
        size_bytes: null,
        added_at: 't',
        finished_at: null,
      },
    ],
  },
  'user-data/saved_preferences.json': {
    users: {
      ann: {
        theme: 'dark',
        language: 'vi',
        download_folder: '',
        quality: 'best',
        ui: { sort: 'newest' },
      },
    },
  },
  'user-data/platform_auth.json': { platforms: { youtube: { username: 'u', password: 'p' } } },
};
const emptyDocuments = {
  'user-data/download_history.json': [{ entries: [] }, { downloads: [] }],
  'user-data/saved_preferences.json': [{ profiles: [] }, { users: {} }],
  'user-data/platform_auth.json': [{ credentials: [] }, { platforms: {} }],
} as const;

for (const name of [
  'user-data/download_history.json',
  'user-data/saved_preferences.json',
  'user-data/platform_auth.json',
] as const) {
  test(`2.0.0 to 1.2.1: ${name} is seen in its old shape, and back again the same`, async () => {
    assert.deepEqual(await seenFromOld(name, newDocuments[name]), oldDocuments[name]);
    const [emptyNew, emptyOld] = emptyDocuments[name];
    assert.deepEqual(await seenFromOld(name, emptyNew), emptyOld);
    for (const old of [oldDocuments[name], emptyOld]) {
      assert.deepEqual(await seenFromOld(name, await seenFromNew(name, old)), old);
    }
  });
}

test('neither file leaves anything one-way', () => {
  assert.deepEqual(oneWayPlaces(toFirst), []);
  assert.deepEqual(oneWayPlaces(toSecond), []);
});

function computedEntries(name: string): [string, { get: string; forth: [string, string][] }][] {
  return Object.entries(toFirst.documents[name] ?? {}).map(([old, entry]) => {
    assert.ok(typeof entry !== 'string' && 'get' in entry);
    const forth = Object.entries(entry.forth ?? {}).map(([path, each]): [string, string] => [
      path,
      typeof each === 'string' ? each : each.get,
    ]);
    return [old, { get: entry.get, forth }];
  });
}

async function seenFromOld(name: string, document: unknown): Promise<Record<string, unknown>> {
  const seen = computedEntries(name).map(async ([old, { get }]) => [
    old,
    await evaluate(get, document),
  ]);
  return Object.fromEntries(await Promise.all(seen));
}

async function seenFromNew(name: string, document: unknown): Promise<Record<string, unknown>> {
  const seen = computedEntries(name).flatMap(([, { forth }]) =>
    forth.map(async ([path, source]) => [path, await evaluate(source, document)]),
  );
  return Object.fromEntries(await Promise.all(seen));
}

async function evaluate(source: string, document: unknown): Promise<unknown> {
  const { root } = readDocument(new TextEncoder().encode(JSON.stringify(document)), 'document');
  const result = await compileExpression(source, { reversalFile: 'r', entry: 'e' }).evaluate(root);
  assert.ok(result.ok);
  return result.value === undefined ? undefined : JSON.parse(compactText(result.value));
}

function disposable(value: Database): Disposable & { readonly value: Database } {
  return { value, [Symbol.dispose]: () => value.close() };
}
