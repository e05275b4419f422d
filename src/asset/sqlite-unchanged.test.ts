import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { openScene, type Scene } from '../../test/contract/asset-scene.ts';
import { DiskError } from '../host/disk-error.ts';
import type { Disk } from '../host/disk.ts';
import { nodeDisk } from '../host/node-disk.ts';
import { Database } from '../sqlite/database.ts';
import type { Check } from './asset.ts';
import { checkOnce } from './sqlite-checked.ts';

/** A database of one table at rest, with 200 rows `word <n>`; the clock of the file system has moved on since. */
async function sceneWith(t: TestContext): Promise<{ scene: Scene; path: string }> {
  const scene = openScene(t);
  const path = scene.write('config/history.db', '');
  const db = Database.open(path);
  db.exec(`PRAGMA journal_mode = WAL; CREATE TABLE words(id INTEGER PRIMARY KEY, word TEXT);
    CREATE INDEX by_word ON words(word);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
    INSERT INTO words SELECT i, 'word ' || i FROM n`);
  db.close();
  await pastTick(scene);
  return { scene, path };
}

/** Until a file that is made now is younger than all that was made before. */
async function pastTick(scene: Scene): Promise<void> {
  await scene.host.clock.sleep(50);
}

/** Other bytes under the same size and the same time of writing. */
function alterUnseen(path: string, from: string, to: string): void {
  const { atime, mtime, size } = lstatSync(path);
  const bytes = readFileSync(path);
  assert(from.length === to.length && bytes.includes(from));
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from)) bytes.write(to, at);
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
  assert.equal(lstatSync(path).size, size);
}

function words(side: ReadonlyMap<string, string>): string[] {
  const db = Database.open(side.get('history.db') ?? '');
  try {
    return db.texts('SELECT word FROM words WHERE id > 198 ORDER BY id');
  } finally {
    db.close();
  }
}

test('a database in use that was altered under the same size and time is captured as it is now', async (t) => {
  const { scene, path } = await sceneWith(t);
  assert.deepEqual(words(await scene.side('history', true)), ['word 199', 'word 200']);
  assert.deepEqual(words(await scene.side('history', false)), ['word 199', 'word 200']);
  alterUnseen(path, 'word 200', 'WORD 200');
  assert.deepEqual(words(await scene.side('history', false)), ['word 199', 'WORD 200']);
});

test('what waits beside a database that was captured before is captured with it', async (t) => {
  const { scene, path } = await sceneWith(t);
  await scene.side('history', true);
  const user = Database.open(path);
  t.after(() => user.close());
  user.exec(`INSERT INTO words VALUES (201, 'waiting')`);
  assert.deepEqual(words(await scene.side('history', false)), ['word 199', 'word 200', 'waiting']);
});

test('a database at rest is checked once, and again once it was written', async (t) => {
  const { scene, path } = await sceneWith(t);
  const history = scene.asset('history');
  const measured = async (): Promise<string[]> =>
    (await history.check(history.live())).map(({ measured: said }) => said);
  assert.deepEqual(await measured(), ['ok', 'ok']);
  const [own = ''] = readdirSync(scene.path('state', 'checked'));
  const kept = scene.path('state', 'checked', own);
  writeFileSync(kept, readFileSync(kept, 'utf8').replaceAll('"ok"', '"remembered"'));
  assert.deepEqual(await measured(), ['remembered', 'remembered']);
  alterUnseen(path, 'word 200', 'WORD 200');
  // The index is out of order now.
  const [first] = await history.check(history.live());
  assert.equal(first?.status, 'error');
  const [again] = await history.check(history.live());
  assert.equal(again?.status, 'error');
});

test('a check that cannot be remembered is made all the same, each time', async (t) => {
  const { scene, path } = await sceneWith(t);
  const kept = scene.path('state', 'checked');
  for (const code of ['EACCES', 'ENOSPC', 'EROFS'] as const) {
    const makeFolder: Disk['makeFolder'] = (at, mode) => {
      if (at === kept) throw new DiskError(code, { act: 'make folder', path: at });
      nodeDisk.makeFolder(at, mode);
    };
    const host = { ...scene.host, disk: { ...nodeDisk, makeFolder } };
    const look = (): readonly Check[] => [{ row: '', name: '', status: 'success', measured: code }];
    const check = (): readonly Check[] =>
      checkOnce({ host, manifest: scene.manifest }, { name: 'history', path }, look);
    assert.equal(check()[0]?.measured, code);
    assert.equal(check()[0]?.measured, code);
  }
});

test('a check that was remembered before the machine was started does not hold', async (t) => {
  const { scene } = await sceneWith(t);
  const history = scene.asset('history');
  await history.check(history.live());
  const [own = ''] = readdirSync(scene.path('state', 'checked'));
  const kept = scene.path('state', 'checked', own);
  const { bootId } = scene.host.processes.self();
  const known = readFileSync(kept, 'utf8').replaceAll('"ok"', '"remembered"');
  assert.ok(known.includes(bootId));
  writeFileSync(kept, known.replace(bootId, 'another boot'));
  const [first] = await history.check(history.live());
  assert.equal(first?.measured, 'ok');
});

test('a check that was remembered does not hold while something waits in the WAL', async (t) => {
  const { scene, path } = await sceneWith(t);
  const history = scene.asset('history');
  await history.check(history.live());
  const [own = ''] = readdirSync(scene.path('state', 'checked'));
  const kept = scene.path('state', 'checked', own);
  writeFileSync(kept, readFileSync(kept, 'utf8').replaceAll('"ok"', '"remembered"'));
  const user = Database.open(path);
  t.after(() => user.close());
  user.exec(`INSERT INTO words VALUES (201, 'waiting')`);
  const [first] = await history.check(history.live());
  assert.equal(first?.measured, 'ok');
});
