import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comesBack, openScene, rolledBack } from '../../../test/rows/scene.ts';

const values = [
  '9007199254740993',
  '-9223372036854775808',
  '9223372036854775807',
  '1.0',
  '1',
  "'1'",
  "'007'",
  "'1e3'",
  '1e300',
  '0.1',
  '-0.0',
  "'a' || char(0) || 'b'",
  "cast(x'c328' as text)",
  "x''",
  "''",
  "x'00ff00'",
  'zeroblob(5000)',
  'NULL',
  "'ü𝄞'",
  `'{"a": 1.0}'`,
];

test('every value stays what it is, with its type and its bytes', async (t) => {
  const inserts = values
    .map((value, n) => `INSERT INTO list(id, v, w) VALUES (${n + 1}, ${value}, 'w')`)
    .join(';');
  const turned = values
    .map(
      (_value, n) => `UPDATE list SET v = ${values[(n + 1) % values.length]} WHERE id = ${n + 1}`,
    )
    .join(';');
  const fresh = values
    .map((value, n) => `INSERT INTO list(id, v, w) VALUES (${n + 101}, ${value}, 'w')`)
    .join(';');
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY, v, w, gone); ${inserts}`,
    upgrade: 'ALTER TABLE list DROP COLUMN gone',
    work: `${turned}; ${fresh}`,
    terms: { carryLimits: { list: { share: 1, rows: 0, unattended: 'carry' } } },
  });
  const all = 'SELECT id, v, w FROM list ORDER BY id';
  assert.deepEqual(scene.texts('back', all), scene.texts('now', all));
  assert.deepEqual(report.outcome.parked, []);
  await comesBack(scene);
});

test('STRICT, WITHOUT ROWID, generated columns, partial and expression indexes', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE strict_one(id INTEGER PRIMARY KEY, n INT, t TEXT, b BLOB, a ANY) STRICT; INSERT INTO strict_one VALUES (1, 1, 't', x'00', 1.5);
      CREATE TABLE pairs(a TEXT, b INT, v, PRIMARY KEY (a, b)) WITHOUT ROWID; INSERT INTO pairs VALUES ('a', 1, 'v');
      CREATE TABLE made(id INTEGER PRIMARY KEY, n, twice AS (n * 2) VIRTUAL, kept AS (n + 1) STORED); INSERT INTO made(id, n) VALUES (1, 5);
      CREATE INDEX some ON pairs(v) WHERE v IS NOT NULL; CREATE UNIQUE INDEX lowered ON strict_one(lower(t)); CREATE INDEX expr ON made(n + 3, kept DESC)`,
    upgrade: `ALTER TABLE strict_one ADD COLUMN fresh TEXT; ALTER TABLE pairs ADD COLUMN fresh; ALTER TABLE made ADD COLUMN fresh`,
    work: `UPDATE strict_one SET a = 'text now', n = 7; INSERT INTO strict_one(id, t) VALUES (2, 'T2'); UPDATE pairs SET v = 'w'; INSERT INTO pairs(a, b) VALUES ('a', 2);
      UPDATE made SET n = 8; INSERT INTO made(id, n) VALUES (2, 3); DELETE FROM pairs WHERE b = 99`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT * FROM made ORDER BY id'), [
    { id: 1, n: 8, twice: 16, kept: 9 },
    { id: 2, n: 3, twice: 6, kept: 4 },
  ]);
  assert.deepEqual(scene.rows('back', 'SELECT a, n FROM strict_one ORDER BY id'), [
    { a: 'text now', n: 7 },
    { a: null, n: null },
  ]);
  assert.deepEqual(scene.list('back', 'PRAGMA integrity_check'), ['ok']);
  await comesBack(scene);
});

test('a table of 1,500 columns', async (t) => {
  const columns = Array.from({ length: 1500 }, (_none, n) => `c${n}`);
  const { scene, report } = await rolledBack(t, {
    old: `CREATE TABLE wide(id INTEGER PRIMARY KEY, ${columns.join(', ')}, gone); INSERT INTO wide(id, c0, c1499) VALUES (1, 'a', 'z'), (2, 'b', 'y'), (3, 'c', 'x')`,
    upgrade: 'ALTER TABLE wide DROP COLUMN gone; ALTER TABLE wide ADD COLUMN fresh',
    work: `UPDATE wide SET c1400 = 'changed', fresh = 'f' WHERE id = 1; DELETE FROM wide WHERE id = 2; INSERT INTO wide(id, c700) VALUES (9, 'new')`,
  });
  assert.deepEqual(scene.rows('back', 'SELECT id, c0, c700, c1400, c1499 FROM wide'), [
    { id: 1, c0: 'a', c700: null, c1400: 'changed', c1499: 'z' },
    { id: 3, c0: 'c', c700: null, c1400: null, c1499: 'x' },
    { id: 9, c0: null, c700: 'new', c1400: null, c1499: null },
  ]);
  assert.deepEqual(report.outcome.parked, [{ what: 'wide.fresh', count: 1, why: 'blind' }]);
});

test('triggers of the user are there and did not fire; views of the old shape are there and work', async (t) => {
  const { scene } = await rolledBack(t, {
    old: `CREATE TABLE list(id INTEGER PRIMARY KEY, v, w); CREATE TABLE log(id INTEGER PRIMARY KEY, what); INSERT INTO list VALUES (1, 'a', 'w'), (2, 'b', 'w'), (3, 'c', 'w');
      CREATE TRIGGER noted AFTER UPDATE ON list BEGIN INSERT INTO log(what) VALUES ('update'); END;
      CREATE TRIGGER guarded BEFORE INSERT ON list BEGIN SELECT RAISE(ABORT, 'no'); END;
      CREATE TRIGGER wiped AFTER DELETE ON list BEGIN DELETE FROM log; END;
      CREATE VIEW shown AS SELECT list.id, log.what FROM list LEFT JOIN log ON log.id = list.id;
      CREATE TRIGGER through INSTEAD OF UPDATE ON shown BEGIN UPDATE list SET v = NEW.what WHERE id = OLD.id; END;
      INSERT INTO log VALUES (1, 'kept')`,
    upgrade: `DROP TRIGGER noted; DROP TRIGGER guarded; DROP TRIGGER wiped; DROP VIEW shown; ALTER TABLE list ADD COLUMN fresh`,
    work: `UPDATE list SET v = 'x' WHERE id = 1; DELETE FROM list WHERE id = 2; INSERT INTO list(id, v) VALUES (4, 'new')`,
  });
  assert.deepEqual(scene.list('back', 'SELECT what FROM log'), ['kept']);
  assert.deepEqual(scene.list('back', 'SELECT id FROM shown ORDER BY id'), [1, 3, 4]);
  await scene.state('used', `UPDATE list SET v = 'y' WHERE id = 1`, 'back');
  assert.deepEqual(scene.list('used', 'SELECT what FROM log'), ['kept', 'update']);
});

test("tables that were made at run time are the user's", async (t) => {
  const scene = openScene(t);
  await scene.state('before', 'CREATE TABLE list(id INTEGER PRIMARY KEY, v)');
  await scene.state('after', 'ALTER TABLE list ADD COLUMN fresh', 'before');
  await scene.state(
    'now',
    `CREATE TABLE own(a, b UNIQUE); CREATE INDEX own_a ON own(a); INSERT INTO own VALUES (1, 2), (1, 3)`,
    'after',
  );
  const report = await scene.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.rows('back', 'SELECT * FROM own'), scene.rows('now', 'SELECT * FROM own'));
  assert.deepEqual(
    scene.list('back', `SELECT count(*) FROM sqlite_schema WHERE name = 'own_a'`),
    [1],
  );
});

test('a virtual table whose content can be made anew is accepted', async (t) => {
  const scene = openScene(t, { rebuild: { found: `INSERT INTO found(found) VALUES ('rebuild')` } });
  await scene.state(
    'before',
    `CREATE TABLE list(id INTEGER PRIMARY KEY, title TEXT, w); INSERT INTO list VALUES (1, 'one', 'w');
    CREATE VIRTUAL TABLE found USING fts5(title, content='list', content_rowid='id'); INSERT INTO found(found) VALUES ('rebuild')`,
  );
  await scene.state('after', 'ALTER TABLE list ADD COLUMN fresh', 'before');
  await scene.state(
    'now',
    `UPDATE list SET title = 'other'; INSERT INTO list(id, title) VALUES (2, 'second')`,
    'after',
  );
  const report = await scene.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(
    scene.list('back', `SELECT rowid FROM found WHERE found MATCH 'other OR second'`),
    [1, 2],
  );
  assert.deepEqual(scene.list('back', `SELECT rowid FROM found WHERE found MATCH 'one'`), []);
});

for (const mode of ['wal', 'delete', 'truncate', 'persist']) {
  test(`databases in journal mode ${mode} stay in it, with what their log holds`, async (t) => {
    const scene = openScene(t);
    await scene.state(
      'before',
      `PRAGMA journal_mode = ${mode}; PRAGMA page_size = 1024; CREATE TABLE list(id INTEGER PRIMARY KEY, v, w); INSERT INTO list VALUES (1, 'a', 'w')`,
    );
    await scene.state(
      'after',
      `PRAGMA journal_mode = ${mode}; ALTER TABLE list ADD COLUMN fresh`,
      'before',
    );
    await scene.state('now', `PRAGMA journal_mode = ${mode}; UPDATE list SET v = 'b'`, 'after');
    await scene.merge(['before', 'after', 'now'], 'back');
    assert.deepEqual(scene.list('back', 'SELECT v FROM list'), ['b']);
    const kept = mode === 'wal' ? 'wal' : 'delete';
    assert.deepEqual(scene.list('back', 'PRAGMA journal_mode'), [kept]);
  });
}

test('rows without a key that only the new release has are parked as often as they came or went', async (t) => {
  const { scene, report } = await rolledBack(t, {
    old: 'CREATE TABLE list(id INTEGER PRIMARY KEY, v)',
    upgrade: `CREATE TABLE bag(a, b); INSERT INTO bag VALUES (1, 1), (1, 1), (2, 2)`,
    work: `INSERT INTO bag VALUES (1, 1), (1, 1), (3, 3); DELETE FROM bag WHERE a = 2`,
  });
  assert.deepEqual(report.outcome.parked, [{ what: 'bag', count: 3, why: 'blind' }]);
  const parked = scene.rows(
    'back.parked',
    `SELECT act, detail, a FROM "blind rows:bag" ORDER BY a`,
  );
  assert.deepEqual(parked, [
    { act: 'insert', detail: 'times 2', a: 1 },
    { act: 'delete', detail: 'times 1', a: 2 },
    { act: 'insert', detail: 'times 1', a: 3 },
  ]);
});
