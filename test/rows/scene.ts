/** Databases of one test, in a folder that goes with it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { nodeDisk } from '../../src/host/node-disk.ts';
import { Database, isConstraintError, type Row } from '../../src/sqlite/database.ts';
import { quoteName } from '../../src/sqlite/names.ts';
import { mergeDatabases, type MergeReport } from '../../src/law/rows/merge.ts';
import type { MergeTerms } from '../../src/law/rows/terms.ts';
import { hasShell, scriptAgrees } from './compiled.ts';

export const plainTerms: MergeTerms = {
  direction: 'back',
  lenses: {},
  decisions: [],
  identity: {},
  carryLimits: {},
  bookkeeping: [],
  rebuild: {},
  disk: nodeDisk,
};

/** Base, origin, latest by the names of their files. */
export type StateNames = readonly [base: string, origin: string, latest: string];

export class Scene {
  readonly #folder = mkdtempSync(join(tmpdir(), 'backstep-rows-'));
  readonly #terms: Partial<MergeTerms>;

  constructor(terms: Partial<MergeTerms>) {
    this.#terms = terms;
  }

  file(name: string): string {
    return join(this.#folder, name);
  }

  /** Makes a database, or a copy of another one, and runs `sql` on it with foreign keys enforced. */
  async state(name: string, sql: string, from?: string): Promise<void> {
    if (from !== undefined) {
      using source = Database.open(this.file(from), { readOnly: true });
      await source.copyTo(this.file(name));
    }
    using db = Database.open(this.file(name));
    db.exec('PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON');
    db.exec(sql);
  }

  /** Runs statements as an application would: one that a constraint refuses is left out. */
  attempt(name: string, statements: readonly string[]): void {
    using db = Database.open(this.file(name));
    db.exec('PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON');
    for (const statement of statements) {
      try {
        db.exec(statement);
      } catch (error) {
        if (!isConstraintError(error)) throw error;
      }
    }
  }

  async merge(
    [base, origin, latest]: StateNames,
    name: string,
    terms: Partial<MergeTerms> = {},
  ): Promise<MergeReport> {
    return mergeDatabases(
      {
        base: this.file(base),
        origin: this.file(origin),
        latest: this.file(latest),
        result: this.file(name),
        parked: this.file(`${name}.parked`),
        scratch: this.file(`${name}.scratch`),
      },
      { ...plainTerms, ...this.#terms, ...terms },
    );
  }

  rows(name: string, sql: string): Row[] {
    using db = Database.open(this.file(name), { readOnly: true });
    return db.all(sql).map((row) => ({ ...row }));
  }

  /** The first column of each row. */
  list(name: string, sql: string): Row[string][] {
    return this.rows(name, sql).map((row) => Object.values(row)[0] ?? null);
  }

  /** Rows as exact text: type and bytes of each cell. */
  texts(name: string, sql: string): string[] {
    using db = Database.open(this.file(name), { readOnly: true });
    return db.texts(`SELECT ${exactRow(db.columnsOf(sql))} FROM (${sql})`);
  }

  /** The schema, and every cell with its type and bytes; nothing passes through a JavaScript number. */
  dump(name: string): Record<string, string[]> {
    using db = Database.open(this.file(name), { readOnly: true });
    const schema = db.texts(
      `SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY type, name`,
    );
    const names = db.texts(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`);
    return Object.fromEntries([
      ['schema', schema],
      ...names.map((table) => [table, rowTexts(db, table)]),
    ]);
  }

  dangling(name: string): Row[] {
    return this.rows(name, 'PRAGMA foreign_key_check');
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

export function openScene(t: TestContext, terms: Partial<MergeTerms> = {}): Scene {
  const scene = new Scene(terms);
  t.after(() => scene.close());
  return scene;
}

function rowTexts(db: Database, table: string): string[] {
  const columns = db.texts(`SELECT name FROM pragma_table_xinfo(?)`, table);
  return db.texts(`SELECT ${exactRow(columns)} AS row FROM ${quoteName(table)} ORDER BY row`);
}

function exactRow(columns: readonly string[]): string {
  const cells = columns.map((column) => {
    const name = quoteName(column);
    return `typeof(${name}) || ' ' || CASE typeof(${name}) WHEN 'real' THEN printf('%!.17g', ${name})
      WHEN 'integer' THEN ${name} ELSE hex(${name}) END`;
  });
  return `concat_ws(' | ', ${cells.slice(0, 100).join(', ')})`;
}

/** A pair, what users did since, and the way back: states `before`, `after`, `now`, `back`. */
export interface Case {
  readonly old: string;
  readonly upgrade: string;
  readonly work: string;
  readonly terms?: Partial<MergeTerms>;
}

/**
 * Rolls a case back; nothing may be in neither list, and no reference may dangle. The pair's compiled script goes back
 * alike, where there is a shell to run it.
 */
export async function rolledBack(
  t: TestContext,
  { old, upgrade, work, terms = {} }: Case,
): Promise<{ readonly scene: Scene; readonly report: MergeReport }> {
  const scene = openScene(t, terms);
  await scene.state('before', old);
  await scene.state('after', upgrade, 'before');
  await scene.state('now', work, 'after');
  const report = await scene.merge(['before', 'after', 'now'], 'back');
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.dangling('back'), []);
  assert.deepEqual(scene.dump('back')['schema'], scene.dump('before')['schema']);
  if (hasShell()) scriptAgrees(scene, { ...plainTerms, ...terms });
  return { scene, report };
}

/** Going forth again with nothing done in between gives exactly what there was. */
export async function comesBack(scene: Scene): Promise<void> {
  const report = await scene.merge(['now', 'back', 'back'], 'forth', { direction: 'forth' });
  assert.deepEqual(report.discrepancies, []);
  assert.deepEqual(scene.dump('forth'), scene.dump('now'));
}
