/** What is damaged or gone in the state now stands as it was captured last, not as it was after the switch. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { said } from './said.ts';
import { SmallApplication } from './small-application.ts';

type Document = ReturnType<typeof JSON.parse>;

const pageBytes = 4096;

async function succeed(app: SmallApplication, ...argv: string[]): Promise<Document> {
  const { exitCode, stdout, stderr } = await said(app.folder, ...argv, '--json');
  assert.equal(exitCode, 0, stdout + stderr);
  return JSON.parse(stdout);
}

const filler = 'x'.repeat(60);
const rows = (from: number, to: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})
   INSERT INTO notes SELECT i, 'written ' || i || ' ${filler}', 'completed', NULL FROM n;`;

/** 2.0.0 runs; 2,000 rows were written since, of which 400 were retitled, and captured. Then came a few more. */
async function used(t: TestContext): Promise<SmallApplication> {
  const app = new SmallApplication(t);
  for (const version of ['1.0.0', '2.0.0']) await succeed(app, 'release', 'add', version, version);
  await succeed(app, 'upgrade', '--to', '2.0.0', '--yes');
  app.sql(rows(100, 2100));
  app.write('data/settings.json', '{\n  "language": "vi",\n  "format": 2\n}\n');
  await succeed(app, 'snapshot');
  app.sql(`${rows(3000, 3010)} DELETE FROM notes WHERE id = 200;`);
  return app;
}

/** Spoils the leaves on which this text stands. */
function spoil(app: SmallApplication, text: string): void {
  const path = app.path('data/notes.db');
  const bytes = readFileSync(path);
  let count = 0;
  for (let at = pageBytes; at < bytes.length; at += pageBytes) {
    const page = bytes.subarray(at, at + pageBytes);
    if (!page.includes(text)) continue;
    page.fill(0xa5);
    count += 1;
  }
  assert.ok(count > 0);
  writeFileSync(path, bytes);
}

function ids(app: SmallApplication): Set<number> {
  const db = new DatabaseSync(app.path('data/notes.db'), { readOnly: true });
  const found = db.prepare('SELECT id FROM notes').all();
  db.close();
  return new Set(found.map(({ id }) => Number(id)));
}

/** All that was written, but for what was deleted. */
function requireAll(app: SmallApplication, from: number, to: number): void {
  const there = ids(app);
  for (let id = from; id <= to; id += 1) assert.equal(there.has(id), id !== 200, `row ${id}`);
}

test('rows that cannot be read come from the newest captured state, what was written later stays', async (t) => {
  const app = await used(t);
  spoil(app, `written 1000 ${filler}`);
  const planned = await succeed(app, 'plan');
  assert.match(JSON.stringify(planned), /could not be and stand as captured at 2\d{3}-/u);
  const back = await succeed(app, 'rollback', '--yes');
  assert.match(JSON.stringify(back), /could not be and stand as captured at 2\d{3}-/u);
  requireAll(app, 100, 2100);
  requireAll(app, 3000, 3010);
});

test('a captured state that is damaged itself is passed over for the one before it', async (t) => {
  const app = await used(t);
  spoil(app, `written 1000 ${filler}`);
  const damaged = await succeed(app, 'snapshot');
  const back = await succeed(app, 'rollback', '--yes');
  assert.ok(!JSON.stringify(back).includes(damaged.snapshot ?? damaged.id), 'the damaged one');
  requireAll(app, 100, 2100);
  requireAll(app, 3000, 3010);
});

test('one whose object is gone from the store is passed over, and without any the rest stands as after the switch', async (t) => {
  const app = await used(t);
  const known = new Set(objects(app));
  app.sql(`UPDATE notes SET body = 'later' WHERE id = 101`);
  await succeed(app, 'snapshot');
  for (const path of objects(app).filter((each) => !known.has(each))) {
    chmodSync(path, 0o600);
    writeFileSync(path, 'rubbish');
  }
  spoil(app, `written 1000 ${filler}`);
  const back = await succeed(app, 'rollback', '--yes');
  assert.match(JSON.stringify(back), /could not be and stand as captured at/u);
  requireAll(app, 100, 2100);
});

test('a database that is gone stands as it was captured last', async (t) => {
  const app = await used(t);
  rmSync(app.path('data/notes.db'));
  const back = await succeed(app, 'rollback', '--yes');
  assert.match(JSON.stringify(back), /the database is gone.*it stands as captured at/u);
  const there = ids(app);
  for (let id = 100; id <= 2100; id += 1) assert.ok(there.has(id), `row ${id}`);
});

test('a document that does not parse stands as it was captured last, its bytes are kept', async (t) => {
  const app = await used(t);
  app.write('data/settings.json', '{ "language": "v');
  const back = await succeed(app, 'rollback', '--yes');
  assert.match(JSON.stringify(back), /the file stands as captured at/u);
  assert.deepEqual(JSON.parse(app.read('data/settings.json')), { language: 'vi' });
  const { parked } = back.assets.settings;
  assert.deepEqual(parked, [{ what: 'settings/settings.json', count: 1, why: 'damage' }]);
});

test('what was captured before a restore is none of what led to the state now', async (t) => {
  const app = await used(t);
  const at = new Date().toISOString();
  await succeed(app, 'restore', '--live', '--at', at, '--yes');
  app.write('data/settings.json', '{ "language": "v');
  const back = await succeed(app, 'rollback', '--yes');
  assert.doesNotMatch(JSON.stringify(back), /the file stands as captured at/u);
});

test('under the older release as well: what was captured since the rollback', async (t) => {
  const app = await used(t);
  await succeed(app, 'rollback', '--yes');
  app.sql(`INSERT INTO notes VALUES (5000, 'under the older one', 'done')`);
  await succeed(app, 'snapshot');
  rmSync(app.path('data/notes.db'));
  const forth = await succeed(app, 'return', '--release-hold', '--yes');
  assert.match(JSON.stringify(forth), /it stands as captured at/u);
  assert.ok(ids(app).has(5000));
  requireAll(app, 100, 2100);
});

function objects(app: SmallApplication): string[] {
  const folder = app.path('state/store/objects');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
