import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { nodeDisk } from '../host/node-disk.ts';
import { Database } from '../sqlite/database.ts';
import { damageOf } from './sqlite-file.ts';
import { salvage } from './sqlite-salvage.ts';

const pageBytes = 1024;
const schemas = {
  'INTEGER PRIMARY KEY':
    'CREATE TABLE item(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT UNIQUE)',
  'TEXT PRIMARY KEY': 'CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT)',
  'WITHOUT ROWID': 'CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT) WITHOUT ROWID',
};

class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'backstep-salvage-'));
  constructor(t: TestContext) {
    t.after(() => rmSync(this.path, { recursive: true }));
  }
  file(name: string): string {
    return join(this.path, name);
  }
  change(name: string, sql: string): void {
    const db = Database.open(this.file(name));
    db.exec(`PRAGMA page_size = ${pageBytes}; ${sql}`);
    db.close();
  }
  ids(name: string): string[] {
    const db = Database.open(this.file(name));
    const ids = db.texts('SELECT CAST(id AS TEXT) FROM item ORDER BY CAST(id AS INTEGER)');
    db.close();
    return ids;
  }
  /** Writes 0xA5 over a whole page (the first one is 0). */
  spoil(name: string, page: number): void {
    const file = openSync(this.file(name), 'r+');
    writeSync(file, Buffer.alloc(pageBytes, 0xa5), 0, pageBytes, page * pageBytes);
    closeSync(file);
  }
  /** The pages that begin as a leaf of a table or an index and hold this text. */
  pagesWith(name: string, text: string): number[] {
    const bytes = readFileSync(this.file(name));
    const pages = Array.from({ length: bytes.length / pageBytes }, (_none, page) => page);
    return pages.filter(
      (page) =>
        page > 0 &&
        [0x0a, 0x0d].includes(bytes[page * pageBytes] ?? 0) &&
        bytes.subarray(page * pageBytes, (page + 1) * pageBytes).includes(text),
    );
  }
}

const filler = 'x'.repeat(60);

/** `latest` differs from `origin`: ids 1 to 5 gone, 10 retitled, 501 to 520 new. */
function states(t: TestContext, schema: string): Folder {
  const folder = new Folder(t);
  folder.change(
    'origin',
    `${schema}; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
     INSERT INTO item SELECT i, 'title ' || i || ' ${filler}' FROM n`,
  );
  copyFileSync(folder.file('origin'), folder.file('latest'));
  folder.change(
    'latest',
    `DELETE FROM item WHERE CAST(id AS INTEGER) <= 5;
     UPDATE item SET title = 'mine' WHERE CAST(id AS INTEGER) = 10;
     WITH RECURSIVE n(i) AS (SELECT 501 UNION ALL SELECT i + 1 FROM n WHERE i < 520)
     INSERT INTO item SELECT i, 'new ' || i || ' ${filler}' FROM n;
     INSERT INTO item VALUES (900, 'given out and gone'); DELETE FROM item WHERE CAST(id AS INTEGER) = 900`,
  );
  return folder;
}

const run = (folder: Folder): ReturnType<typeof salvage> =>
  salvage(nodeDisk, {
    floor: { path: folder.file('origin'), as: 'as before' },
    latest: folder.file('latest'),
    path: folder.file('saved'),
  });

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_none, at) => String(from + at));

for (const [name, schema] of Object.entries(schemas)) {
  test(`${name}: rows on a spoilt page stand as in origin, none of them looks deleted`, async (t) => {
    const folder = states(t, schema);
    const marker = `title 250 ${filler}`;
    for (const page of folder.pagesWith('latest', marker)) folder.spoil('latest', page);
    assert.notEqual(damageOf(folder.file('latest')), null);
    const { notes } = await run(folder);
    assert.equal(damageOf(folder.file('saved')), null);
    const ids = new Set(folder.ids('saved'));
    for (const id of [...range(6, 500), ...range(501, 520)]) assert.ok(ids.has(id), `row ${id}`);
    assert.match(notes.join('\n'), /table item: \d+ rows were read, \d+ could not be/);
  });
}

test('INTEGER PRIMARY KEY: what was read keeps edits and deletions', async (t) => {
  const folder = states(t, schemas['INTEGER PRIMARY KEY']);
  for (const page of folder.pagesWith('latest', `title 250 ${filler}`))
    folder.spoil('latest', page);
  await run(folder);
  assert.deepEqual(folder.ids('saved'), range(6, 520));
  const db = Database.open(folder.file('saved'));
  assert.deepEqual(db.texts('SELECT title FROM item WHERE id = 10'), ['mine']);
  assert.deepEqual(db.texts('SELECT CAST(seq AS TEXT) FROM sqlite_sequence'), ['900']);
  db.close();
});

test('the last page spoilt: older rows are there, and nothing runs on for ever', async (t) => {
  const folder = states(t, schemas['INTEGER PRIMARY KEY']);
  for (const page of folder.pagesWith('latest', `new 520 ${filler}`)) folder.spoil('latest', page);
  await run(folder);
  assert.deepEqual(folder.ids('saved').slice(0, 495), range(6, 500));
});

test('a lost first page is taken from origin, and the rows are read through it', async (t) => {
  const folder = states(t, schemas['INTEGER PRIMARY KEY']);
  folder.spoil('latest', 0);
  const { notes } = await run(folder);
  assert.deepEqual(folder.ids('saved'), range(6, 520));
  assert.match(notes.join('\n'), /first page/);
});

test('a file that is no database at all stands as origin, and says so', async (t) => {
  const folder = states(t, schemas['INTEGER PRIMARY KEY']);
  const pages = readFileSync(folder.file('latest')).length / pageBytes;
  for (let page = 0; page < pages; page += 1) folder.spoil('latest', page);
  const { notes } = await run(folder);
  assert.deepEqual(folder.ids('saved'), range(1, 500));
  assert.ok(notes.length > 0);
});

test('a table made at run time is read as well', async (t) => {
  const folder = states(t, schemas['INTEGER PRIMARY KEY']);
  folder.change('latest', `CREATE TABLE mine(a); INSERT INTO mine VALUES ('kept')`);
  for (const page of folder.pagesWith('latest', `title 250 ${filler}`))
    folder.spoil('latest', page);
  await run(folder);
  const db = Database.open(folder.file('saved'));
  assert.deepEqual(db.texts('SELECT a FROM mine'), ['kept']);
  db.close();
});

test('a row that takes over a value of an unreadable one: neither looks deleted', async (t) => {
  const folder = states(t, schemas['INTEGER PRIMARY KEY']);
  const [value, moved] = [`title 250 ${filler}`, `moved ${filler}`];
  folder.change(
    'latest',
    `UPDATE item SET title = '${moved}' WHERE id = 250; UPDATE item SET title = '${value}' WHERE id = 6`,
  );
  const pages = folder.pagesWith('latest', moved);
  for (const page of pages) folder.spoil('latest', page);
  await run(folder);
  assert.deepEqual(folder.ids('saved'), range(6, 520));
});
