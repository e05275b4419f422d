import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';

const main = join(import.meta.dirname, '../../src/main.ts');

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A temporary folder in which the real executable is called. */
export class Desk {
  readonly folder: string;

  constructor(t: TestContext) {
    this.folder = mkdtempSync(join(tmpdir(), 'merge-'));
    t.after(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  backstep(...argv: string[]): Ended {
    return this.backstepAs({}, ...argv);
  }

  backstepAs(account: { uid?: number; gid?: number }, ...argv: string[]): Ended {
    const ended = spawnSync(process.execPath, [main, ...argv], {
      ...account,
      cwd: this.folder,
      encoding: 'utf8',
    });
    return { exitCode: ended.status, stdout: ended.stdout, stderr: ended.stderr };
  }

  start(...argv: string[]): ChildProcess {
    return spawn(process.execPath, [main, ...argv], { cwd: this.folder, stdio: 'ignore' });
  }

  database(name: string, sql: string): void {
    const db = new DatabaseSync(this.path(name));
    db.exec(sql);
    db.close();
  }

  rows(name: string, sql: string): unknown[] {
    const db = new DatabaseSync(this.path(name), { readOnly: true });
    try {
      return db
        .prepare(sql)
        .all()
        .map((row) => Object.values(row));
    } finally {
      db.close();
    }
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(this.path(name), content);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** Every name in the folder, with the bytes and times of some files: nothing else may change. */
  names(): string[] {
    return readdirSync(this.folder).sort();
  }

  fingerprint(...names: string[]): string {
    return names
      .map((name) => {
        const { mtimeNs } = statSync(this.path(name), { bigint: true });
        return `${name} ${mtimeNs} ${readFileSync(this.path(name)).toString('base64')}`;
      })
      .join('\n');
  }
}

/** Forty downloads; the upgrade renames the words of `status` and adds a column. */
export function makeDownloads(desk: Desk): void {
  const made = `
    CREATE TABLE downloads (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, status TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
    INSERT INTO downloads SELECT i, 'title ' || i, CASE i % 2 WHEN 1 THEN 'done' ELSE 'queued' END FROM n;`;
  const upgraded = `
    UPDATE downloads SET status = CASE status WHEN 'done' THEN 'completed' ELSE 'pending' END;
    ALTER TABLE downloads ADD COLUMN component TEXT;`;
  const used = `
    INSERT INTO downloads (title, status, component) VALUES ('new', 'completed', 'list');
    UPDATE downloads SET title = 'renamed' WHERE id = 3;
    UPDATE downloads SET status = 'completed' WHERE id = 4;
    DELETE FROM downloads WHERE id = 5;`;
  desk.database('before.db', made);
  desk.database('after.db', made + upgraded);
  desk.database('now.db', made + upgraded + used);
}

export const states = ['before.db', 'after.db', 'now.db'];
