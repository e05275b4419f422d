import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Database, type Row } from '../../sqlite/database.ts';
import { bookkeepingTables } from './bookkeeping.ts';
import { mergeDatabases, type MergeReport } from './merge.ts';
import type { MergeTerms } from './terms.ts';

const old = `
  CREATE TABLE schema_migrations(version TEXT PRIMARY KEY);
  INSERT INTO schema_migrations VALUES ('1');
  CREATE TABLE users(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE);
  INSERT INTO users(name) VALUES ('ann'), ('ben');
  CREATE TABLE history(id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    title TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('done', 'failed')), legacy TEXT);
  CREATE INDEX by_title ON history(title);
  CREATE TRIGGER never AFTER INSERT ON history BEGIN SELECT RAISE(ABORT, 'fired'); END;
`;
const oldRows = `
  DROP TRIGGER never;
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
  INSERT INTO history(user_id, title, status, legacy)
    SELECT 1 + i % 2, 'title ' || i, iif(i % 5, 'done', 'failed'), iif(i % 2, '{"pinned": true,  "n": 1.0}', NULL) FROM n;
  CREATE TRIGGER never AFTER INSERT ON history BEGIN SELECT RAISE(ABORT, 'fired'); END;
`;
const upgrade = `
  PRAGMA foreign_keys = OFF;
  BEGIN;
  INSERT INTO schema_migrations VALUES ('2');
  CREATE TABLE components(id TEXT PRIMARY KEY, title TEXT);
  INSERT INTO components VALUES ('main', 'Main');
  CREATE TABLE history2(id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    title TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('completed', 'failed')), component TEXT REFERENCES components(id), snapshot TEXT);
  INSERT INTO history2 SELECT id, user_id, title, iif(status = 'done', 'completed', status), 'main',
    iif(legacy IS NULL, NULL, json_object('schema', 2, 'ui', json(legacy))) FROM history;
  DROP TABLE history;
  ALTER TABLE history2 RENAME TO history;
  CREATE INDEX by_title ON history(title);
  COMMIT;
`;
const lenses: MergeTerms['lenses'] = {
  history: {
    map: { status: { completed: 'done' } },
    select: `SELECT id, user_id, title, status, json_extract(snapshot, '$.ui') AS legacy FROM history`,
    forth: { snapshot: `iif(legacy IS NULL, NULL, json_object('schema', 2, 'ui', json(legacy)))` },
  },
};
const terms: MergeTerms = {
  direction: 'back',
  lenses,
  decisions: [],
  identity: {},
  carryLimits: {},
  bookkeeping: bookkeepingTables,
  rebuild: {},
};

class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'backstep-rows-'));
  constructor(t: TestContext) {
    t.after(() => rmSync(this.path, { recursive: true }));
  }
  file(name: string): string {
    return join(this.path, name);
  }
  async database(name: string, sql: string, from?: string): Promise<string> {
    if (from !== undefined) {
      const source = Database.open(this.file(from), { readOnly: true });
      await source.copyTo(this.file(name));
      source.close();
    }
    const db = Database.open(this.file(name));
    db.exec(sql);
    db.close();
    return this.file(name);
  }
  async merge(
    states: readonly [string, string, string],
    name: string,
    changed: Partial<MergeTerms> = {},
  ): Promise<MergeReport> {
    const [base, origin, latest] = states;
    return mergeDatabases(
      {
        base: this.file(base),
        origin: this.file(origin),
        latest: this.file(latest),
        result: this.file(name),
        parked: this.file(`${name}.parked`),
        scratch: this.file(`${name}.scratch`),
      },
      { ...terms, ...changed },
    );
  }
  rows(name: string, sql: string): Row[] {
    const db = Database.open(this.file(name), { readOnly: true });
    try {
      return db.all(sql).map((row) => ({ ...row }));
    } finally {
      db.close();
    }
  }
  dump(name: string): Row[] {
    return this.rows(name, `SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2`).concat(
      this.rows(name, 'SELECT * FROM history ORDER BY id'),
      this.rows(name, 'SELECT * FROM users ORDER BY id'),
      this.rows(name, 'SELECT * FROM schema_migrations'),
      this.rows(name, 'SELECT * FROM sqlite_sequence ORDER BY name'),
    );
  }
}

async function pair(t: TestContext): Promise<Folder> {
  const folder = new Folder(t);
  await folder.database('before', old + oldRows);
  await folder.database('after', upgrade, 'before');
  return folder;
}

test('back with no change since the upgrade gives exactly before', async (t) => {
  const folder = await pair(t);
  const report = await folder.merge(['before', 'after', 'after'], 'result');
  assert.deepEqual(folder.dump('result'), folder.dump('before'));
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(report.outcome.carried, { inserted: 0, updated: 0, deleted: 0 });
  assert.deepEqual(report.outcome.parked, []);
});

test('what users did under the new release is there under the old one, and comes back', async (t) => {
  const folder = await pair(t);
  await folder.database(
    'now',
    `PRAGMA foreign_keys = ON;
     UPDATE history SET title = 'retitled' WHERE id = 3;
     UPDATE history SET snapshot = json_set(snapshot, '$.ui.pinned', json('false'), '$.zoom', 3) WHERE id = 5;
     DELETE FROM history WHERE id = 7;
     INSERT INTO users(name) VALUES ('cas');
     INSERT INTO history(user_id, title, status, component, snapshot) VALUES (3, 'fresh', 'completed', 'main', '{"schema":2,"ui":{"pinned":true}}');
     INSERT INTO components VALUES ('own', 'My own');`,
    'after',
  );
  const report = await folder.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(
    folder.rows(
      'back',
      `SELECT id, user_id, title, status, legacy FROM history WHERE id IN (3, 5, 7, 41)`,
    ),
    [
      {
        id: 3,
        user_id: 2,
        title: 'retitled',
        status: 'done',
        legacy: '{"pinned": true,  "n": 1.0}',
      },
      {
        id: 5,
        user_id: 2,
        title: 'title 5',
        status: 'failed',
        legacy: '{"pinned": false,  "n": 1.0}',
      },
      { id: 41, user_id: 3, title: 'fresh', status: 'done', legacy: '{"pinned":true}' },
    ],
  );
  assert.deepEqual(report.outcome.carried, { inserted: 2, updated: 2, deleted: 1 });
  assert.deepEqual(report.outcome.parked, [
    { what: 'components', count: 1, why: 'blind' },
    { what: 'history.component', count: 1, why: 'blind' },
  ]);

  const still = await folder.merge(['now', 'back', 'back'], 'unchanged', { direction: 'forth' });
  assert.deepEqual(still.discrepancies, []);
  assert.deepEqual(folder.dump('unchanged'), folder.dump('now'));

  await folder.database(
    'later',
    `DROP TRIGGER never; UPDATE history SET title = 'again' WHERE id = 41;
    INSERT INTO history(user_id, title, status, legacy) VALUES (1, 'under the old', 'done', '{"pinned":false}'); DELETE FROM history WHERE id = 9;`,
    'back',
  );
  const forth = await folder.merge(['now', 'back', 'later'], 'forth', { direction: 'forth' });
  assert.deepEqual(forth.discrepancies, []);
  assert.deepEqual(
    folder.rows(
      'forth',
      `SELECT id, title, status, component, snapshot FROM history WHERE id IN (5, 9, 41, 42)`,
    ),
    [
      {
        id: 5,
        title: 'title 5',
        status: 'failed',
        component: 'main',
        snapshot: '{"schema":2,"ui":{"pinned":false,"n":1.0},"zoom":3}',
      },
      {
        id: 41,
        title: 'again',
        status: 'completed',
        component: 'main',
        snapshot: '{"schema":2,"ui":{"pinned":true}}',
      },
      {
        id: 42,
        title: 'under the old',
        status: 'completed',
        component: null,
        snapshot: '{"schema":2,"ui":{"pinned":false}}',
      },
    ],
  );
});
