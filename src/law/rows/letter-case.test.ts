/** Names that an upgrade writes with other letters, great or small, are the same names to SQLite. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../test/chance.ts';
import { random } from '../../../test/rows/laws.ts';
import { comesBack, rolledBack, Scene } from '../../../test/rows/scene.ts';
import { Database } from '../../sqlite/database.ts';
import { quoteName } from '../../sqlite/names.ts';
import { readTables } from '../../sqlite/schema.ts';
import { healDisplaced } from './heal/heal.ts';
import type { MergeReport } from './merge.ts';

const old = `
  CREATE TABLE Owners(OwnerId INTEGER PRIMARY KEY, Name TEXT UNIQUE);
  CREATE TABLE Downloads(Id INTEGER PRIMARY KEY AUTOINCREMENT, Title TEXT, Note TEXT,
    OwnerId INTEGER REFERENCES Owners(OwnerId) ON DELETE CASCADE, UNIQUE (Title, OwnerId));
  CREATE INDEX ByTitle ON Downloads(Title);
  CREATE TABLE Tags("Key" TEXT PRIMARY KEY, Value) WITHOUT ROWID;
  CREATE TABLE Loose(A, B);
  INSERT INTO Owners VALUES (1, 'Ada'), (2, 'Bob');
  INSERT INTO Downloads VALUES (1, 'one', 'n1', 1), (2, 'two', 'n2', 2), (3, 'three', 'n3', 1);
  INSERT INTO Tags VALUES ('x', 1), ('y', 2);
  INSERT INTO Loose VALUES (1, 2), (1, 2), (3, 4)`;

/** Every table made anew under small letters, with a column more. */
const upgrade = `PRAGMA foreign_keys = OFF;
  CREATE TABLE o(ownerid INTEGER PRIMARY KEY, name TEXT UNIQUE); INSERT INTO o SELECT * FROM Owners;
  CREATE TABLE d(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, note TEXT,
    ownerid INTEGER REFERENCES owners(ownerid) ON DELETE CASCADE, extra TEXT, UNIQUE (title, ownerid));
  INSERT INTO d SELECT *, NULL FROM Downloads;
  CREATE TABLE t("key" TEXT PRIMARY KEY, value) WITHOUT ROWID; INSERT INTO t SELECT * FROM Tags;
  CREATE TABLE l(a, b); INSERT INTO l SELECT * FROM Loose;
  DROP TABLE Downloads; DROP TABLE Owners; DROP TABLE Tags; DROP TABLE Loose;
  ALTER TABLE o RENAME TO owners; ALTER TABLE d RENAME TO downloads;
  ALTER TABLE t RENAME TO tags; ALTER TABLE l RENAME TO loose;
  CREATE INDEX bytitle ON downloads(title)`;

const work = `
  INSERT INTO owners VALUES (3, 'Cy');
  INSERT INTO downloads(title, note, ownerid, extra) VALUES ('four', 'n4', 3, 'kept');
  UPDATE downloads SET note = 'mine', extra = 'kept too' WHERE id = 1;
  DELETE FROM downloads WHERE id = 2; INSERT INTO downloads(id) VALUES (9); DELETE FROM downloads WHERE id = 9;
  INSERT INTO tags VALUES ('z', 3); UPDATE tags SET value = 9 WHERE "key" = 'x';
  INSERT INTO loose VALUES (5, 6); DELETE FROM loose WHERE a = 3`;

test('tables, columns, keys and references that only changed their letters are carried, under the old names', async (t) => {
  const { scene, report } = await rolledBack(t, { old, upgrade, work });
  assert.deepEqual(scene.rows('back', 'SELECT * FROM Downloads ORDER BY Id'), [
    { Id: 1, Title: 'one', Note: 'mine', OwnerId: 1 },
    { Id: 3, Title: 'three', Note: 'n3', OwnerId: 1 },
    { Id: 4, Title: 'four', Note: 'n4', OwnerId: 3 },
  ]);
  assert.deepEqual(scene.rows('back', 'SELECT * FROM Tags ORDER BY "Key"'), [
    { Key: 'x', Value: 9 },
    { Key: 'y', Value: 2 },
    { Key: 'z', Value: 3 },
  ]);
  assert.deepEqual(scene.list('back', 'SELECT A FROM Loose ORDER BY A'), [1, 1, 5]);
  assert.deepEqual(report.outcome.parked, [{ what: 'Downloads.extra', count: 2, why: 'blind' }]);
  assert.deepEqual(report.unseenTables, []);
  assert.deepEqual(scene.rows('back', 'SELECT name, seq FROM sqlite_sequence'), [
    { name: 'Downloads', seq: 9 },
  ]);
  await comesBack(scene);
});

test('a reversal, decisions and limits may name them as either release does', async (t) => {
  for (const spelled of [(name: string) => name, (name: string) => name.toLowerCase()]) {
    const { scene, report } = await rolledBack(t, {
      old: `CREATE TABLE Items(Id INTEGER PRIMARY KEY, State TEXT, Label TEXT, Size INTEGER);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
        INSERT INTO Items SELECT i, iif(i % 2, 'done', 'open'), 'l' || i, i FROM n;
        CREATE TABLE Versions(v); INSERT INTO Versions VALUES (1)`,
      upgrade: `CREATE TABLE i(id INTEGER PRIMARY KEY, state TEXT, label TEXT, size INTEGER);
        INSERT INTO i SELECT Id, iif(State = 'done', 'completed', State), hex(Label), Size FROM Items;
        DROP TABLE Items; ALTER TABLE i RENAME TO items;
        DROP TABLE Versions; CREATE TABLE versions(v); INSERT INTO versions VALUES (2)`,
      work: `UPDATE items SET state = 'completed' WHERE id = 2; UPDATE items SET label = 'mine' WHERE id = 3;
        UPDATE items SET size = 0 WHERE id = 4; DELETE FROM items WHERE id > 20`,
      terms: {
        lenses: { [spelled('Items')]: { map: { [spelled('State')]: { completed: 'done' } } } },
        bookkeeping: [spelled('Versions')],
        identity: { [spelled('Items')]: [spelled('Size')] },
        carryLimits: { [spelled('Items')]: { share: 1, rows: 100, unattended: 'carry' } },
        decisions: [
          { place: spelled('Items.Label'), choice: 'as-is', by: 'operator', at: '', evidence: '' },
        ],
      },
    });
    assert.deepEqual(scene.list('back', 'SELECT count(*) FROM Items'), [20]);
    assert.deepEqual(scene.rows('back', 'SELECT * FROM Items WHERE Id IN (2, 3)'), [
      { Id: 2, State: 'done', Label: 'l2', Size: 2 },
      { Id: 3, State: 'done', Label: 'mine', Size: 3 },
    ]);
    assert.deepEqual(scene.list('back', 'SELECT v FROM Versions'), [1]);
    // Another size makes it another row, with a label that nothing leads back to the old one.
    assert.deepEqual(scene.rows('back', 'SELECT Label, Size FROM Items WHERE Id = 4'), [
      { Label: '6C34', Size: 0 },
    ]);
    assert.deepEqual(report.outcome.parked, []);
    assert.equal(report.outcome.decisions[0]?.place, 'Items.Label');
  }
});

test('a select in the new letters, and forth in the old ones', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE People(Id INTEGER PRIMARY KEY, Name TEXT, Mail TEXT);
      INSERT INTO People VALUES (1, 'Ada', 'a@x'), (2, 'Bob', 'b@x')`,
    upgrade: `CREATE TABLE p(id INTEGER PRIMARY KEY, name TEXT, contact TEXT);
      INSERT INTO p SELECT Id, Name, 'mailto:' || Mail FROM People; DROP TABLE People; ALTER TABLE p RENAME TO people`,
    work: `UPDATE people SET contact = 'mailto:new@x' WHERE id = 1; INSERT INTO people VALUES (3, 'Cy', 'mailto:c@x')`,
    terms: {
      lenses: {
        people: {
          key: ['id'],
          select: 'SELECT id, NAME, substr(contact, 8) AS mail FROM people',
          forth: { CONTACT: `'mailto:' || mail` },
        },
      },
    },
  });
  assert.deepEqual(scene.rows('back', 'SELECT * FROM People'), [
    { Id: 1, Name: 'Ada', Mail: 'new@x' },
    { Id: 2, Name: 'Bob', Mail: 'b@x' },
    { Id: 3, Name: 'Cy', Mail: 'c@x' },
  ]);
  await comesBack(scene);
});

test('damage that was refused is undone before a return, also under the newer names', async (t) => {
  const select = 'SELECT id, name, substr(contact, 8) AS mail FROM people';
  for (const lens of [{}, { select, forth: { contact: `'mailto:' || mail` } }]) {
    const hasLens = 'select' in lens;
    const [from, to] = hasLens ? [`'mailto:' || Mail`, 'contact'] : ['Mail', 'mail'];
    const { scene } = await rolledBack(t, {
      old: `CREATE TABLE People(Id INTEGER PRIMARY KEY, Name TEXT, Mail TEXT);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
        INSERT INTO People SELECT i, 'name ' || i, i || '@x' FROM n`,
      upgrade: `CREATE TABLE p(id INTEGER PRIMARY KEY, name TEXT, ${to} TEXT);
        INSERT INTO p SELECT Id, Name, ${from} FROM People; DROP TABLE People; ALTER TABLE p RENAME TO people`,
      work: `DELETE FROM people WHERE id <= 20; UPDATE people SET name = '' WHERE id > 40`,
      terms: { lenses: hasLens ? { people: lens } : {} },
    });
    const files = {
      displaced: scene.file('now'),
      after: scene.file('after'),
      parked: scene.file('back.parked'),
      healed: scene.file('healed'),
    };
    const found = await healDisplaced(files, hasLens ? { people: lens } : {});
    assert.deepEqual(found, { rowCount: 20, cellCount: 20, leftCount: 0 });
    const all = 'SELECT * FROM people ORDER BY id';
    assert.deepEqual(scene.rows('healed', all), scene.rows('after', all));
  }
});

test('letters beyond ASCII are others, and so are their columns', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: 'CREATE TABLE T(id INTEGER PRIMARY KEY, "É" TEXT)',
    upgrade: 'ALTER TABLE T ADD COLUMN "é" TEXT',
    work: `INSERT INTO T VALUES (1, 'great', 'small')`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT * FROM T'), [{ id: 1, É: 'great' }]);
  assert.deepEqual(report.outcome.parked, [{ what: 'T.é', count: 1, why: 'blind' }]);
});

/** Renames tables and columns to capitals, each where its bit says so; a table takes a detour, which SQLite wants. */
function recase(file: string, bits: number): void {
  using db = Database.open(file);
  let place = 0;
  const isChosen = (): boolean => ((bits >> (place++ % 24)) & 1) === 1;
  for (const { name, columns } of readTables(db, 'main').values()) {
    for (const column of columns) {
      if (!isChosen()) continue;
      const [from, to] = [column.name, column.name.toUpperCase()].map(quoteName);
      db.exec(`ALTER TABLE ${quoteName(name)} RENAME COLUMN ${from} TO ${to}`);
    }
    if (!isChosen()) continue;
    db.exec(`ALTER TABLE ${quoteName(name)} RENAME TO detour`);
    db.exec(`ALTER TABLE detour RENAME TO ${quoteName(name.toUpperCase())}`);
  }
}

function parkedAnyhow({ outcome }: MergeReport): string[] {
  return outcome.parked.map(
    ({ what, count, why }) => `${what.toLowerCase()} ${String(count)} ${why}`,
  );
}

test('whatever letters the upgrade writes its names in, the result is the same', async () => {
  const bits = fc.integer({ min: 1, max: 2 ** 24 - 1 });
  const { oldShape, upgrade: upgraded, lenses } = random;
  const property = fc.asyncProperty(
    random.old,
    random.since,
    bits,
    async (before, since, chosen) => {
      const scene = new Scene({ lenses });
      try {
        await scene.state('before', oldShape);
        scene.attempt('before', before);
        await scene.state('after', upgraded, 'before');
        await scene.state('now', '', 'after');
        scene.attempt('now', since);
        const plain = await scene.merge(['before', 'after', 'now'], 'back');
        for (const name of ['after', 'now']) {
          await scene.state(`${name}2`, '', name);
          recase(scene.file(`${name}2`), chosen);
        }
        const recased = await scene.merge(['before', 'after2', 'now2'], 'back2');
        assert.deepEqual(recased.discrepancies, []);
        assert.deepEqual(scene.dump('back2'), scene.dump('back'));
        assert.deepEqual(parkedAnyhow(recased), parkedAnyhow(plain));
        assert.deepEqual(recased.outcome.carried, plain.outcome.carried);
        const forth = await scene.merge(['now2', 'back2', 'back2'], 'forth2', {
          direction: 'forth',
        });
        assert.deepEqual(forth.discrepancies, []);
        assert.deepEqual(scene.dump('forth2'), scene.dump('now2'));
      } finally {
        scene.close();
      }
    },
  );
  await fc.assert(property, { numRuns: 20 });
});
