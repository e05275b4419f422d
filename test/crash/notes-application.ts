import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { realExecutable, type Executable, type Said } from './executable.ts';
import { manifestText, releases, seed, type ManifestWishes } from './notes-releases.ts';
import type { Fate } from './strike.ts';

/**
 * A small application under Backstep, in a folder of its own: notes in a database, settings, attached files, two
 * releases. Its whole folder can be kept and brought back, so that one beginning serves many trials.
 */
export class NotesApplication {
  readonly folder: string;
  readonly port: number | null;
  /** What runs its command lines from now on. */
  executable: Executable;

  constructor(folder: string, wishes: ManifestWishes, executable: Executable = realExecutable) {
    this.executable = executable;
    this.folder = folder;
    this.port = wishes.port;
    this.write('backstep.yaml', manifestText(wishes));
    this.write('data/settings.json', '{\n  "language": "en"\n}\n');
    this.write('data/attachments/one.txt', 'one\n');
    this.write('data/attachments/two.txt', 'two\n');
    mkdirSync(this.path('reversals'));
    this.sql(seed);
    for (const [version, files] of Object.entries(releases)) {
      for (const [name, text] of Object.entries(files)) {
        this.write(`built/${version}/${name}`, text);
      }
    }
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  /** What a user of the running release does, through the database itself. */
  sql(text: string): void {
    const db = new DatabaseSync(this.path('data/notes.db'));
    db.exec(text);
    db.close();
  }

  backstep(argv: readonly string[], fate: Fate = {}): Promise<Said> {
    return this.executable(this.folder, argv, fate);
  }

  /** Runs a command that must end with this exit code. */
  async must(exitCode: number, ...argv: readonly string[]): Promise<Said> {
    const said = await this.backstep(argv);
    assert.equal(said.code, exitCode, `${argv.join(' ')}\n${said.stdout}\n${said.stderr}`);
    return said;
  }

  async addReleases(versions: readonly string[]): Promise<void> {
    for (const version of versions) {
      await this.must(0, 'release', 'add', version, `built/${version}`);
    }
  }

  /** True if the application answers and has made the note durable. */
  async post(body: string): Promise<boolean> {
    if (this.port === null) return false;
    try {
      const answer = await fetch(`http://127.0.0.1:${this.port}/`, { method: 'POST', body });
      return answer.status === 201;
    } catch (error) {
      // Nobody listens, or the server was ended before it answered: not acknowledged.
      assert.ok(error instanceof TypeError);
      return false;
    }
  }

  /** The rows as the running application itself shows them; null where nobody answers. */
  async shown(): Promise<readonly string[] | null> {
    if (this.port === null) return null;
    try {
      const answer = await fetch(`http://127.0.0.1:${this.port}/`);
      const rows: unknown = await answer.json();
      assert.ok(Array.isArray(rows));
      return rows.map((row) => JSON.stringify(row));
    } catch (error) {
      assert.ok(error instanceof TypeError);
      return null;
    }
  }

  /** Bodies of notes that users were told are kept. */
  acknowledged(): readonly string[] {
    const file = this.path('acknowledged');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  }

  keep(template: string): void {
    copyTree(this.folder, template);
  }

  /** The folder itself stays: it may be a mount point. */
  bringBack(template: string): void {
    mkdirSync(this.folder, { recursive: true });
    for (const name of readdirSync(this.folder)) removeTree(this.path(name));
    copyTree(`${template}/.`, this.folder);
  }
}

export function copyTree(from: string, to: string): void {
  const copied = spawnSync('cp', ['-a', '--reflink=auto', from, to], { encoding: 'utf8' });
  assert.equal(copied.status, 0, copied.stderr);
}

/** Releases are kept read-only, which stops everybody but root. */
export function removeTree(folder: string): void {
  if (!existsSync(folder)) return;
  if (process.getuid?.() !== 0) spawnSync('chmod', ['-R', 'u+w', folder]);
  rmSync(folder, { recursive: true, force: true });
}
