/** A compiled reversal run by the `sqlite3` shell, and held against what the law makes of the same states. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { compileReversal, type CompiledReversal } from '../../src/law/compiled/compile.ts';
import type { PairTerms } from '../../src/law/compiled/pair.ts';
import { Database } from '../../src/sqlite/database.ts';
import { readTables, type Table } from '../../src/sqlite/schema.ts';
import type { MergeReport } from '../../src/law/rows/merge.ts';
import type { Scene } from './scene.ts';

/** True, and the test is skipped by name, where there is no shell to run a script. */
export function lacksShell(t: TestContext): boolean {
  if (hasShell()) return false;
  t.skip('sqlite3 is not installed');
  return true;
}

export function hasShell(): boolean {
  return spawnSync('sqlite3', ['-version']).status === 0;
}

export interface ShellRun {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs a script on copies of the scene's `before`, `after` and `now`, in its folder `script`. */
export function runInShell(scene: Scene, script: string): ShellRun {
  const folder = scene.file('script');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [from, to] of [
    ['before', 'before.db'],
    ['before', 'result.db'],
    ['after', 'after.db'],
    ['now', 'now.db'],
  ] as const) {
    copyFileSync(scene.file(from), join(folder, to));
    const log = `${scene.file(from)}-wal`;
    if (existsSync(log)) copyFileSync(log, join(folder, `${to}-wal`));
  }
  const shell = spawnSync('sqlite3', ['-batch', '-bail', '-init', '/dev/null', 'result.db'], {
    cwd: folder,
    input: script,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return { exitCode: shell.status, output: shell.stdout, errors: shell.stderr };
}

export interface Both {
  readonly compiled: CompiledReversal;
  readonly run: ShellRun;
  readonly report: MergeReport;
}

/**
 * Lets the law (`back`) and a compiled script (`script/result.db`) go back from `now`, and holds them together: every
 * cell is the law's or parked by the script, and the two parked the same, but for JSON that the law merges by path.
 */
export async function bothWays(scene: Scene, terms: PairTerms): Promise<Both> {
  const report = await scene.merge(['before', 'after', 'now'], 'back', terms);
  assert.deepEqual(report.discrepancies, []);
  return { report, ...scriptAgrees(scene, terms) };
}

/** The same where the law has gone back already. */
export function scriptAgrees(scene: Scene, terms: PairTerms): Omit<Both, 'report'> {
  const files = { before: scene.file('before'), after: scene.file('after') };
  const compiled = compileReversal({ files, terms });
  const run = runInShell(scene, compiled.script);
  assert.equal(run.exitCode, 0, run.errors);
  const { tables, schema, soundness } = shapeOf(scene, 'script/result.db');
  assert.deepEqual(schema, shapeOf(scene, 'before').schema);
  assert.deepEqual(soundness, ['ok']);
  assert.deepEqual(scene.dangling('script/result.db'), scene.dangling('back'));
  for (const table of tables) {
    const key = terms.lenses[table.name]?.key ?? table.key;
    if (terms.bookkeeping.includes(table.name) || key.length > 0) compareKeyed(scene, table, key);
    else compareLoose(scene, table);
  }
  compareBlind(scene);
  assert.deepEqual(bookkeeping(scene, 'script/result.db'), bookkeeping(scene, 'back'));
  return { compiled, run };
}

interface Shown {
  readonly tables: readonly Table[];
  readonly schema: readonly string[];
  readonly soundness: readonly string[];
}

function shapeOf(scene: Scene, name: string): Shown {
  using db = Database.open(scene.file(name), { readOnly: true });
  return {
    tables: [...readTables(db, 'main').values()].filter(({ kind }) => kind === 'table'),
    schema: db.texts(
      `SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name`,
    ),
    soundness: db.texts('PRAGMA integrity_check'),
  };
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const listed = (names: readonly string[]): string => names.map(quoted).join(', ');

function hasTable(scene: Scene, name: string, table: string): boolean {
  return scene.list(name, `SELECT name FROM sqlite_schema WHERE type = 'table'`).includes(table);
}

/** What is parked of a table: keys of whole rows, and key and column of cells. */
interface Parked {
  readonly rows: ReadonlySet<string>;
  readonly cells: ReadonlySet<string>;
  /** Those of the cells that hold JSON, which the law merges by path and the script does not. */
  readonly documents: ReadonlySet<string>;
}

function parkedOf(scene: Scene, name: string, { table, key }: Keyed): Parked {
  const texts = (kind: string, columns: string, where = '1'): string[] => {
    const from = `${kind}:${table.name}`;
    if (!hasTable(scene, name, from)) return [];
    return scene.texts(name, `SELECT ${columns} FROM ${quoted(from)} WHERE ${where}`);
  };
  const isDocument = `typeof("value") = 'text' AND substr("value", 1, 1) IN ('{', '[')`;
  return {
    rows: new Set([...texts('rows', listed(key)), ...texts('unseen rows', listed(key))]),
    cells: new Set(texts('cells', `${listed(key)}, "column"`)),
    documents: new Set(texts('cells', `${listed(key)}, "column"`, isDocument)),
  };
}

interface Keyed {
  readonly table: Table;
  readonly key: readonly string[];
}

function compareKeyed(scene: Scene, table: Table, key: readonly string[]): void {
  const columns = table.columns.filter((c) => !c.isGenerated).map((c) => c.name);
  const body = columns.filter((column) => !key.includes(column));
  const [law, script] = ['back', 'script/result.db'].map((name) =>
    keyedRows(scene, name, { table, key, body }),
  );
  const parked = parkedOf(scene, 'script/parked.db', { table, key });
  const byLaw = parkedOf(scene, 'back.parked', { table, key });
  for (const id of new Set([...(law?.keys() ?? []), ...(script?.keys() ?? [])])) {
    if (parked.rows.has(id)) continue;
    const [wanted, found] = [law?.get(id), script?.get(id)];
    for (const [n, column] of body.entries()) {
      if (wanted?.[n] === found?.[n] || parked.cells.has(`${id} | ${exact(column)}`)) continue;
      assert.deepEqual(found, wanted, `${table.name}.${column} of ${id}`);
    }
    assert.equal(found === undefined, wanted === undefined, `${table.name} ${id}`);
  }
  for (const id of parked.rows) assert.ok(byLaw.rows.has(id), `${table.name} ${id} is parked`);
  for (const cell of parked.cells) {
    const isExpected = byLaw.cells.has(cell) || parked.documents.has(cell);
    assert.ok(isExpected, `${table.name}: the cell ${cell} is parked`);
  }
  for (const id of byLaw.rows) assert.ok(parked.rows.has(id), `${table.name} ${id} is not parked`);
  for (const cell of byLaw.cells) {
    const id = cell.slice(0, cell.lastIndexOf(' | '));
    const isParked = parked.cells.has(cell) || parked.rows.has(id);
    assert.ok(isParked, `${table.name}: the cell ${cell} is not parked`);
  }
}

/** As the scene writes a text. */
function exact(text: string): string {
  return `text ${Buffer.from(text).toString('hex').toUpperCase()}`;
}

interface KeyedRows extends Keyed {
  readonly body: readonly string[];
}

function keyedRows(
  scene: Scene,
  name: string,
  { table, key, body }: KeyedRows,
): ReadonlyMap<string, readonly string[]> {
  const texts = scene.texts(name, `SELECT ${listed([...key, ...body])} FROM ${quoted(table.name)}`);
  return new Map(
    texts.map((text) => {
      const cells = text.split(' | ');
      return [cells.slice(0, key.length).join(' | '), cells.slice(key.length)];
    }),
  );
}

function compareLoose(scene: Scene, table: Table): void {
  const columns = listed(table.columns.filter((c) => !c.isGenerated).map((c) => c.name));
  const sql = `SELECT ${columns} FROM ${quoted(table.name)}`;
  const [law, script] = ['back', 'script/result.db'].map((name) => scene.texts(name, sql).sort());
  assert.deepEqual(script, law, table.name);
}

/** What no view reads is parked alike. */
function compareBlind(scene: Scene): void {
  const [law, script] = ['back.parked', 'script/parked.db'].map((name) => {
    const dump = scene.dump(name);
    return Object.fromEntries(
      Object.entries(dump).filter(([table, rows]) => table.startsWith('blind') && rows.length > 0),
    );
  });
  assert.deepEqual(script, law);
}

/** Sequences and the version of the schema. */
function bookkeeping(scene: Scene, name: string): unknown {
  const hasSequences = hasTable(scene, name, 'sqlite_sequence');
  return [
    hasSequences ? scene.rows(name, 'SELECT * FROM sqlite_sequence ORDER BY name') : [],
    scene.list(name, 'PRAGMA user_version'),
  ];
}
