import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';

export const sourceMain = join(import.meta.dirname, '../../src/main.ts');

/** A program and its first arguments. */
export type Program = readonly [string, ...string[]];

const manifest = `app: notes
state: state
paths: { data: data }
releases: { root: releases, layout: symlink }
service: { manager: none }
migrate: { run: '{node} {release}/migrate.mjs {data}' }
assets:
  settings: { kind: json, root: '{data}', files: [settings.json] }
  notes: { kind: sqlite, path: '{data}/notes.db' }
reversals: reversals
`;

const migration = `import { DatabaseSync } from 'node:sqlite';
import { readFileSync, writeFileSync } from 'node:fs';
const data = process.argv[2];
const db = new DatabaseSync(data + '/notes.db');
db.exec("ALTER TABLE notes ADD COLUMN color TEXT; UPDATE notes SET state = 'completed' WHERE state = 'done'");
db.close();
const settings = JSON.parse(readFileSync(data + '/settings.json', 'utf8'));
writeFileSync(data + '/settings.json', JSON.stringify({ ...settings, format: 2 }, null, 2) + '\\n');
`;

const seed = `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, state TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
INSERT INTO notes SELECT i, 'note ' || i, 'done' FROM n;`;

/** An application without a service: a database, a settings file, and two releases. */
export class SmallApplication {
  readonly folder: string;
  readonly #command: Program;

  constructor(t: TestContext, command: Program = [process.execPath, sourceMain]) {
    this.#command = command;
    this.folder = mkdtempSync(join(tmpdir(), 'small-application-'));
    t.after(() => {
      this.stop();
      spawnSync('chmod', ['-R', 'u+w', this.folder]);
      rmSync(this.folder, { recursive: true, force: true });
    });
    this.write('backstep.yaml', manifest);
    this.write('1.0.0/migrate.mjs', '');
    this.write('2.0.0/migrate.mjs', migration);
    this.write('data/settings.json', '{\n  "language": "en"\n}\n');
    this.sql(seed);
  }

  /** Ends what runs of it, before its folder goes. */
  stop(): void {}

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  sql(text: string): void {
    const db = new DatabaseSync(this.path('data/notes.db'));
    db.exec(text);
    db.close();
  }

  rows(text: string, file = 'data/notes.db'): unknown[] {
    const db = new DatabaseSync(this.path(file), { readOnly: true });
    try {
      return db
        .prepare(text)
        .all()
        .map((row) => Object.values(row));
    } finally {
      db.close();
    }
  }

  backstep(...argv: string[]): { exitCode: number | null; stdout: string; stderr: string } {
    const [program, ...first] = this.#command;
    const ended = spawnSync(program, [...first, ...argv], { cwd: this.folder, encoding: 'utf8' });
    return { exitCode: ended.status, stdout: ended.stdout, stderr: ended.stderr };
  }
}
