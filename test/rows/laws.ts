/** The laws of the merge as properties of random databases, upgrades and edits. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Disk } from '../../src/host/disk.ts';
import { nodeDisk } from '../../src/host/node-disk.ts';
import { Database } from '../../src/sqlite/database.ts';
import { mergeDatabases, type MergeReport } from '../../src/law/rows/merge.ts';
import type { Direction, Lenses } from '../../src/law/rows/view.ts';
import { fc } from '../chance.ts';

const oldShape = `
  CREATE TABLE parent(id INTEGER PRIMARY KEY AUTOINCREMENT, name UNIQUE, word TEXT, extra);
  CREATE TABLE child(id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent(id), value, doc TEXT, old_only DEFAULT 'd');
  CREATE TABLE pairs(a, b COLLATE NOCASE, v, CHECK (v IS NOT 13), PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE TABLE loose(k TEXT PRIMARY KEY NOT NULL, v, g AS (v || '!') STORED);
  CREATE TABLE bag(a, b);
  CREATE INDEX loose_v ON loose(v) WHERE v IS NOT NULL;
  CREATE VIEW names AS SELECT parent.name, child.value FROM parent JOIN child ON child.parent_id = parent.id;
  CREATE TRIGGER stray AFTER UPDATE ON child BEGIN DELETE FROM pairs; END;
`;
/** The upgrade: a word changes, a column comes, one goes, default rows are added. */
const upgrade = `
  DROP TRIGGER stray;
  UPDATE parent SET word = 'completed' WHERE word = 'done';
  ALTER TABLE parent ADD COLUMN fresh;
  UPDATE parent SET fresh = 'made by the upgrade';
  INSERT INTO parent(id, name, word) VALUES (900, 'default row', 'completed');
  ALTER TABLE child DROP COLUMN old_only;
  ALTER TABLE pairs ADD COLUMN w;
  CREATE TABLE settings(k TEXT PRIMARY KEY, v);
  INSERT INTO settings VALUES ('mode', 'new');
`;
const lenses: Lenses = { parent: { map: { word: { completed: 'done' } } } };

const values = [
  'NULL',
  '0',
  '1',
  '1.0',
  "'1'",
  "'01'",
  "'1e3'",
  '0.1',
  '9007199254740993',
  '-9223372036854775808',
  "''",
  "x''",
  "x'00ff'",
  "'a' || char(0) || 'b'",
  "cast(x'c328' as text)",
  "'Bob'",
  "'bob'",
  '1e300',
  `'{"a": 1,"b":{"c":1.0}}'`,
  `'{"a":2,"b":{"c":1}}'`,
  `'{}'`,
  `'[1,2]'`,
  "'done'",
  "'failed'",
] as const;
const value = fc.constantFrom(...values);
const id = fc.integer({ min: 1, max: 9 });
const key = fc.constantFrom('1', '2', "'x'", "'X'", '1.5', "x'61'");

const edit = fc.oneof(
  fc
    .tuple(id, value, value)
    .map(
      ([n, a, b]) =>
        `INSERT INTO parent(id, name, extra, word) VALUES (${n}, ${a}, ${b}, 'failed')`,
    ),
  fc.tuple(value, value).map(([a, b]) => `INSERT INTO parent(name, extra) VALUES (${a}, ${b})`),
  fc.tuple(id, value).map(([n, a]) => `UPDATE parent SET name = ${a} WHERE id = ${n}`),
  fc.tuple(id, value).map(([n, a]) => `UPDATE parent SET extra = ${a} WHERE id = ${n}`),
  fc.tuple(id).map(([n]) => `DELETE FROM parent WHERE id = ${n}`),
  fc.constant(`UPDATE parent SET name = 'renamed default' WHERE id = 900`),
  fc
    .tuple(id, value, value)
    .map(([n, a, b]) => `INSERT INTO child(parent_id, value, doc) VALUES (${n}, ${a}, ${b})`),
  fc
    .tuple(value)
    .map(([a]) => `INSERT INTO child(parent_id, value) SELECT max(id), ${a} FROM parent`),
  fc.tuple(id, value).map(([n, a]) => `UPDATE child SET value = ${a} WHERE id = ${n}`),
  fc.tuple(id, value).map(([n, a]) => `UPDATE child SET doc = ${a} WHERE id = ${n}`),
  fc.tuple(id, id).map(([n, m]) => `UPDATE child SET parent_id = ${m} WHERE id = ${n}`),
  fc.tuple(id).map(([n]) => `DELETE FROM child WHERE id = ${n}`),
  fc
    .tuple(key, key, value)
    .map(([a, b, v]) => `INSERT INTO pairs(a, b, v) VALUES (${a}, ${b}, ${v})`),
  fc.tuple(key, value).map(([a, v]) => `UPDATE pairs SET v = ${v} WHERE a = ${a}`),
  fc.tuple(key).map(([a]) => `DELETE FROM pairs WHERE a = ${a}`),
  fc.tuple(key, value).map(([a, v]) => `INSERT INTO loose(k, v) VALUES (${a}, ${v})`),
  fc.tuple(key, value).map(([a, v]) => `UPDATE loose SET v = ${v} WHERE k = ${a}`),
  fc.tuple(key, value).map(([a, b]) => `INSERT INTO bag VALUES (${a}, ${b}), (${a}, ${b})`),
  fc
    .tuple(value)
    .map(([b]) => `DELETE FROM bag WHERE rowid = (SELECT rowid FROM bag WHERE b IS ${b} LIMIT 1)`),
);
const edits = fc.array(edit, { maxLength: 12 });
const upgradedEdit = fc.oneof(
  { weight: 5, arbitrary: edit },
  {
    weight: 1,
    arbitrary: fc
      .tuple(id, value)
      .map(([n, a]) => `UPDATE parent SET fresh = ${a} WHERE id = ${n}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      `UPDATE settings SET v = 'mine'`,
      `INSERT INTO settings VALUES ('own', 1)`,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(id).map(([n]) => `UPDATE parent SET word = 'completed' WHERE id = ${n}`),
  },
);

/** A random pair and what users did before and after it. */
export const random = {
  oldShape,
  upgrade,
  lenses,
  old: edits,
  since: fc.array(upgradedEdit, { maxLength: 12 }),
} as const;

/** Whether rows are compared by the pages that hold them or by their values: the outcome is the same. */
const ways = fc.constantFrom<Disk | undefined>(nodeDisk, undefined);

class World {
  readonly #folder = mkdtempSync(join(tmpdir(), 'backstep-laws-'));

  file(name: string): string {
    return join(this.#folder, name);
  }

  /** Statements that a constraint refuses are left out, as an application would see them fail. */
  async state(name: string, from: string | null, statements: readonly string[]): Promise<void> {
    if (from !== null) {
      const source = Database.open(this.file(from), { readOnly: true });
      await source.copyTo(this.file(name));
      source.close();
    }
    using db = Database.open(this.file(name));
    db.exec('PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF');
    for (const statement of statements) if (db.compiles(statement)) this.#try(db, statement);
  }

  #try(db: Database, statement: string): void {
    try {
      db.exec(statement);
    } catch (error) {
      if (!(error instanceof Error && /constraint/.test(error.message))) throw error;
    }
  }

  async merge(
    states: readonly [string, string, string],
    name: string,
    { direction, disk }: { readonly direction: Direction; readonly disk: Disk | undefined },
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
      {
        direction,
        lenses,
        decisions: [],
        identity: {},
        carryLimits: {},
        bookkeeping: [],
        rebuild: {},
        ...(disk === undefined ? {} : { disk }),
      },
    );
  }

  /** Every cell with its type and bytes, as text; nothing passes through a JavaScript number. */
  dump(name: string): Record<string, string[]> {
    using db = Database.open(this.file(name), { readOnly: true });
    const tables = db.texts(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`);
    const dump: Record<string, string[]> = {
      schema: db.texts(
        `SELECT type || name || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name`,
      ),
    };
    for (const table of tables) {
      const columns = db.texts('SELECT name FROM pragma_table_xinfo(?)', table);
      const cells = columns.map(
        (c) =>
          `typeof("${c}") || ' ' || CASE typeof("${c}") WHEN 'real' THEN printf('%!.17g', "${c}") WHEN 'integer' THEN "${c}" ELSE hex("${c}") END`,
      );
      dump[table] = db.texts(
        `SELECT ${cells.join(` || ' | ' || `)} AS row FROM "${table}" ORDER BY row`,
      );
    }
    return dump;
  }

  /** Cells of a column that only the new shape has, changed or new since the upgrade. */
  changedCells(column: string): number {
    using db = Database.open(this.file('now'), { readOnly: true });
    db.attach('after', this.file('after'), { readOnly: true });
    return db.count(`SELECT count(*) FROM main.parent AS l LEFT JOIN after.parent AS o ON o.id = l.id
      WHERE l."${column}" IS NOT o."${column}" OR typeof(l."${column}") <> typeof(o."${column}")`);
  }

  /** How many cells of it a merge parked. */
  parkedCells(name: string, column: string): number {
    using db = Database.open(this.file(`${name}.parked`), { readOnly: true });
    return db.count('SELECT count(*) FROM "blind cells:parent" WHERE "column" = ?', column);
  }

  dangling(name: string): unknown[] {
    using db = Database.open(this.file(name), { readOnly: true });
    return db.all('PRAGMA foreign_key_check');
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

async function inWorld(work: (world: World) => Promise<void>): Promise<void> {
  const world = new World();
  try {
    await work(world);
  } finally {
    world.close();
  }
}

/** Back with no change since the upgrade gives exactly what was before. */
export const unchanged = fc.asyncProperty(ways, edits, (disk, old) =>
  inWorld(async (world) => {
    await world.state('before', null, [oldShape, ...old]);
    await world.state('after', 'before', [upgrade]);
    const states = ['before', 'after', 'after'] as const;
    const report = await world.merge(states, 'back', { direction: 'back', disk });
    assert.deepEqual(world.dump('back'), world.dump('before'));
    assert.deepEqual(report.outcome.parked, []);
  }),
);

/** Every changed cell is carried or parked, and back and forth again gives exactly what there is now. */
export const complete = fc.asyncProperty(
  ways,
  edits,
  fc.array(upgradedEdit, { maxLength: 12 }),
  (disk, old, since) =>
    inWorld(async (world) => {
      await world.state('before', null, [oldShape, ...old]);
      await world.state('after', 'before', [upgrade]);
      await world.state('now', 'after', since);
      const states = ['before', 'after', 'now'] as const;
      const back = await world.merge(states, 'back', { direction: 'back', disk });
      assert.deepEqual(back.discrepancies, []);
      assert.deepEqual(world.dangling('back'), []);
      assert.equal(world.parkedCells('back', 'fresh'), world.changedCells('fresh'));
      const forthStates = ['now', 'back', 'back'] as const;
      const forth = await world.merge(forthStates, 'forth', { direction: 'forth', disk });
      assert.deepEqual(forth.discrepancies, []);
      assert.deepEqual(world.dump('forth'), world.dump('now'));
    }),
);

/** An edit made under the old release survives going forward. */
export const surviving = fc.asyncProperty(
  ways,
  edits,
  fc.tuple(fc.array(upgradedEdit, { maxLength: 8 }), edits),
  (disk, old, [since, later]) =>
    inWorld(async (world) => {
      await world.state('before', null, [oldShape, ...old]);
      await world.state('after', 'before', [upgrade]);
      await world.state('now', 'after', since);
      await world.merge(['before', 'after', 'now'], 'back', { direction: 'back', disk });
      await world.state('later', 'back', ['DROP TRIGGER stray', ...later]);
      const states = ['now', 'back', 'later'] as const;
      const forth = await world.merge(states, 'forth', { direction: 'forth', disk });
      assert.deepEqual(forth.discrepancies, []);
      assert.deepEqual(world.dump('forth')['bag'], world.dump('later')['bag']);
      const [back, edited, result] = ['back', 'later', 'forth'].map(
        (name) => world.dump(name)['pairs'] ?? [],
      );
      const shown = new Set(result?.map((row) => row.slice(0, row.lastIndexOf(' | '))));
      const made = edited?.filter((row) => !back?.includes(row)) ?? [];
      for (const row of made) assert.ok(shown.has(row), `${row} is lost`);
    }),
);

/** Edits of one row that nothing else hangs on. */
const single = fc.oneof(
  fc.tuple(id, value).map(([n, a]) => `UPDATE child SET value = ${a} WHERE id = ${n}`),
  fc.tuple(id).map(([n]) => `DELETE FROM child WHERE id = ${n}`),
  fc.tuple(key, value).map(([a, v]) => `UPDATE loose SET v = ${v} WHERE k IS ${a}`),
  fc.tuple(key).map(([a]) => `DELETE FROM loose WHERE k IS ${a}`),
  fc
    .tuple(key, key, value)
    .map(([a, b, v]) => `UPDATE pairs SET v = ${v} WHERE a IS ${a} AND b IS ${b}`),
);
/** How many columns of a dumped row tell it apart. */
const keyed = { child: 1, loose: 1, pairs: 2 } as const;

/** An edit of one row under the old release never disturbs another row's return; a deleted one stays away. */
export const undisturbed = fc.asyncProperty(
  ways,
  edits,
  fc.tuple(fc.array(upgradedEdit, { maxLength: 12 }), single),
  (disk, old, [since, later]) =>
    inWorld(async (world) => {
      await world.state('before', null, [oldShape, ...old]);
      await world.state('after', 'before', [upgrade]);
      await world.state('now', 'after', since);
      await world.merge(['before', 'after', 'now'], 'back', { direction: 'back', disk });
      await world.state('later', 'back', ['DROP TRIGGER stray', later]);
      const states = ['now', 'back', 'later'] as const;
      const forth = await world.merge(states, 'forth', { direction: 'forth', disk });
      assert.deepEqual(forth.discrepancies, []);
      const [now, back, edited, result] = ['now', 'back', 'later', 'forth'].map((name) =>
        world.dump(name),
      );
      for (const table of ['parent', 'bag', 'settings'])
        assert.deepEqual(result?.[table], now?.[table]);
      for (const [table, width] of Object.entries(keyed)) {
        const keyOf = (row: string): string => row.split(' | ').slice(0, width).join(' | ');
        const [was = [], is = []] = [back, edited].map((dump) => dump?.[table] ?? []);
        const differing = [...was, ...is].filter((row) => !was.includes(row) || !is.includes(row));
        const touched = new Set(differing.map(keyOf));
        const others = (rows: readonly string[] = []): string[] =>
          rows.filter((row) => !touched.has(keyOf(row)));
        assert.deepEqual(others(result?.[table]), others(now?.[table]));
        const gone = [...touched].filter((each) => !is.map(keyOf).includes(each));
        assert.deepEqual(
          result?.[table]?.map(keyOf).filter((row) => gone.includes(row)),
          [],
        );
      }
    }),
);
