import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { signedIn, password } from '../accounts.ts';
import { dataFolder, type DataFolder, type RunningServer } from '../running.ts';
import { query, readJson, withDatabase } from '../stored.ts';
import { operatorOf, type Operator } from './operator.ts';

interface Scene {
  readonly folder: DataFolder;
  readonly server: RunningServer;
  readonly operator: Operator;
}

/** A server with one user and so many finished downloads. */
async function newScene(
  t: TestContext,
  rows: number,
  args: readonly string[] = [],
): Promise<Scene> {
  const folder = dataFolder(t);
  const added = await folder.run('2.0.0', ['user', 'add', 'owner'], { stdin: `${password}\n` });
  assert.equal(added.code, 0, added.stderr);
  withDatabase(folder, (database) =>
    database
      .prepare(
        `INSERT INTO download_history (user_id, platform, url, title, quality, status, added_at, v2_component_id)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
         SELECT 1, 'direct', 'https://example.com/' || i, 'Title ' || i, 'best', 'completed',
           strftime('%Y-%m-%dT%H:%M:%fZ', 1700000000 + i, 'unixepoch'), 'history' FROM n`,
      )
      .run(rows),
  );
  const server = await folder.start('2.0.0', { args });
  return { folder, server, operator: await operatorOf(folder, server) };
}

test('blank-titles empties the titles of the oldest downloads, and no others', async (t) => {
  const { folder, server, operator } = await newScene(t, 20);
  const blanked = await operator.switchOn('blank-titles', 5);
  assert.deepEqual(blanked.at('fault.effect'), { rows: 5 });
  assert.deepEqual(query(folder, "SELECT id FROM download_history WHERE title = ''"), ids(1, 5));
  const owner = await signedIn(server, 'owner');
  const seen = await owner.get('/api/downloads?sort=oldest&limit=6');
  assert.deepEqual([seen.at('downloads.4.title'), seen.at('downloads.5.title')], ['', 'Title 6']);
  // Again, and it takes the next ones; more than there are takes all.
  await operator.switchOn('blank-titles', 2);
  assert.deepEqual(query(folder, "SELECT id FROM download_history WHERE title = ''"), ids(1, 7));
  assert.deepEqual((await operator.switchOn('blank-titles', 100)).at('fault.effect'), { rows: 13 });
});

test('delete-rows deletes the oldest downloads, at the start too, and the exports follow', async (t) => {
  const { folder, server, operator } = await newScene(t, 20, ['--fault', 'delete-rows=4']);
  assert.deepEqual(query(folder, 'SELECT id FROM download_history'), ids(5, 20));
  await operator.switchOn('delete-rows', 6);
  assert.deepEqual(query(folder, 'SELECT id FROM download_history'), ids(11, 20));
  const owner = await signedIn(server, 'owner');
  assert.equal((await owner.get('/api/downloads')).at('total'), 10);
  await server.stop();
  assert.equal(Object(readJson(folder, 'user_data/download_history.json')).total, 10);
});

test('damage-page: the database is no longer whole, and who needs the page gets an error', async (t) => {
  const { folder, server, operator } = await newScene(t, 2_000);
  const owner = await signedIn(server, 'owner');
  assert.equal((await owner.get('/api/downloads?sort=oldest')).status, 200);
  const damaged = await operator.switchOn('damage-page');
  assert.equal(damaged.status, 201, damaged.text);
  const page = damaged.number('fault.effect.page');
  const oldest = await owner.get('/api/downloads?sort=oldest');
  assert.deepEqual([oldest.status, oldest.at('error.code')], [500, 'server/failure']);
  assert.equal(
    server.log.some(({ error }) => String(error).includes('malformed')),
    true,
  );
  // The newest are on other pages.
  assert.equal((await owner.get('/api/downloads?limit=10')).status, 200);
  assert.equal((await server.client().get('/healthz')).status, 200);
  const complaints = integrityComplaints(folder);
  assert.match(complaints, new RegExp(`page ${page}\\b`, 'i'));
  assert.match(complaints, /malformed$/);
  await server.kill();
  const bytes = readFileSync(join(folder.path, 'sdm.db')).subarray(
    (page - 1) * 4_096,
    page * 4_096,
  );
  assert.ok(bytes.every((byte) => byte === 0xdb));
});

test('damage-page keeps the locks that the server holds on its database', async (t) => {
  if (!existsSync('/proc/locks')) return t.skip('no /proc tells the locks');
  const { folder, server, operator } = await newScene(t, 2_000);
  const { ino } = statSync(join(folder.path, 'sdm.db'));
  const locks = (): readonly string[] =>
    readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .filter((line) => line.includes(` ${server.pid} `) && line.includes(`:${ino} `))
      .map((line) => line.replace(/^\d+: /, ''));
  const before = locks();
  assert.equal(before.length, 1);
  await operator.switchOn('damage-page', 3);
  assert.deepEqual(locks(), before);
  const owner = await signedIn(server, 'owner');
  assert.equal((await owner.put('/api/preferences', { theme: 'dark' })).status, 200);
  assert.deepEqual(query(folder, 'SELECT theme FROM user_preferences'), [{ theme: 'dark' }]);
});

test('damage-page refuses a page that is not there', async (t) => {
  const { operator } = await newScene(t, 10);
  const refused = await operator.switchOn('damage-page', 1_000);
  assert.deepEqual([refused.status, refused.at('error.code')], [409, 'fault/refused']);
  assert.match(refused.string('error.message'), /fewer than 1000 leaf pages/);
});

test('broken-json breaks a settings file, which the next start keeps aside', async (t) => {
  const { folder, server, operator } = await newScene(t, 0);
  await operator.switchOn('broken-json', 'config.json');
  const broken = readFileSync(join(folder.path, 'config.json'), 'utf8');
  assert.throws(() => JSON.parse(broken), SyntaxError);
  assert.equal((await server.client().get('/healthz')).at('status') === 'failing', false);
  await server.stop();
  const next = await folder.start('2.0.0');
  assert.equal(readFileSync(join(folder.path, 'config.json.damaged-1'), 'utf8'), broken);
  assert.equal(Object(readJson(folder, 'config.json')).version, '2.0.0');
  const session = await next.client().get('/api/session');
  assert.equal(session.at('notices.0.code'), 'settings/damaged');
});

test('broken-json breaks an export, which is written anew', async (t) => {
  const { folder, server } = await newScene(t, 3, [
    '--fault',
    'broken-json=user_data/download_history.json',
  ]);
  const path = join(folder.path, 'user_data/download_history.json');
  assert.throws(() => JSON.parse(readFileSync(path, 'utf8')), SyntaxError);
  await server.stop();
  assert.equal(Object(readJson(folder, 'user_data/download_history.json')).total, 3);
});

test('settings that are saved over a broken file are whole again', async (t) => {
  const { folder, server, operator } = await newScene(t, 0);
  withDatabase(folder, (database) => database.exec("UPDATE users SET role = 'admin'"));
  const admin = await signedIn(server, 'owner');
  await operator.switchOn('broken-json', 'config.json');
  assert.equal((await admin.put('/api/settings', { sessionHours: 2 })).status, 200);
  assert.equal(Object(readJson(folder, 'config.json')).application.sessionHours, 2);
});

/** The check's rows, and the error with which it breaks off. */
function integrityComplaints(folder: DataFolder): string {
  const complaints: string[] = [];
  withDatabase(folder, (database) => {
    try {
      for (const row of database.prepare('PRAGMA integrity_check').iterate())
        complaints.push(String(row['integrity_check']));
    } catch (error) {
      complaints.push(String(error));
    }
  });
  return complaints.join('\n');
}

function ids(first: number, last: number): readonly unknown[] {
  return Array.from({ length: last - first + 1 }, (_, index) => ({ id: first + index }));
}
