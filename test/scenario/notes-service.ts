import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { nodeHost } from '../../src/host/node.ts';
import { SmallApplication, sourceMain, type Program } from './small-application.ts';

const points = ['before-stop', 'after-stop', 'before-commit', 'after-commit', 'before-start'];
const laterPoints = ['after-start', 'after-verify', 'after-settle'];

/** Notes over HTTP, so that they can be written to from the first millisecond that a release answers. */
const server = `import { createServer } from 'node:http';
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
const [, script, data, port] = process.argv;
const crash = 'told/crash-' + basename(dirname(realpathSync(script)));
const crashIfTold = () => { if (existsSync(crash)) process.exit(3); };
crashIfTold();
setInterval(crashIfTold, 20);
const db = new DatabaseSync(data + '/notes.db');
db.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 20000');
// The word for a note that is done is another one in each release.
const isNew = db.prepare('PRAGMA table_info(notes)').all().some(({ name }) => name === 'color');
const add = db.prepare('INSERT INTO notes (body, state) VALUES (?, ?)');
createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    if (request.method === 'POST') response.end(String(add.run(body, isNew ? 'completed' : 'done').lastInsertRowid));
    else response.end('ok');
  });
}).listen(Number(port), '127.0.0.1');
`;

/** A hook and a probe in one: waits while told to, fails where told to. */
const told = `import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
const [, , point, release] = process.argv;
const name = point + '-' + basename(release);
const has = (what) => existsSync('told/' + what + '-' + name);
if (has('block')) {
  writeFileSync('told/reached-' + name, '');
  while (has('block')) await wait(20);
}
if (has('fail')) { console.error('told to fail'); process.exit(1); }
`;

const hooks = [...points, ...laterPoints]
  .map((point) => `  ${point}: { run: '{node} told.mjs ${point} {release}', timeout: 10m }`)
  .join('\n');

/** The small application as a service, with hooks and a probe that a test commands. */
export class NotesService extends SmallApplication {
  readonly port: number;

  private constructor(t: TestContext, port: number, command: Program) {
    super(t, command);
    this.port = port;
    const service = `service:
  manager: process
  run: '{node} {release}/server.mjs data {port}'
  port: ${port}
  stopTimeout: 30s
health: { ready: { http: /, command: '{node} told.mjs probe {release}', within: 2m } }
hooks:
${hooks}`;
    const without = this.read('backstep.yaml');
    this.write('backstep.yaml', without.replace('service: { manager: none }', service));
    this.write('told.mjs', told);
    this.write('told/.keep', '');
    for (const version of ['1.0.0', '2.0.0']) {
      this.write(`${version}/server.mjs`, server);
      const added = this.backstep('release', 'add', version, version);
      assert.equal(added.exitCode, 0, added.stderr);
    }
  }

  /** Release 1.0.0 in its place and running. */
  static async start(
    t: TestContext,
    command: Program = [process.execPath, sourceMain],
  ): Promise<NotesService> {
    const app = new NotesService(t, await nodeHost().network.freePort(), command);
    app.must('service', 'start');
    return app;
  }

  readonly blocks = new Set<string>();

  override stop(): void {
    for (const file of this.blocks) rmSync(file, { force: true });
    this.backstep('service', 'stop');
  }

  /** `what` is `before-start-2.0.0`, `probe-1.0.0`, … */
  block(what: string): void {
    const file = this.path(`told/block-${what}`);
    this.blocks.add(file);
    writeFileSync(file, '');
  }

  letGo(what: string): void {
    rmSync(this.path(`told/block-${what}`), { force: true });
  }

  fail(what: string): void {
    writeFileSync(this.path(`told/fail-${what}`), '');
  }

  /** The release ends at once, however often it is started again, until it is mended. */
  async crash(version: string): Promise<void> {
    writeFileSync(this.path(`told/crash-${version}`), '');
    for (let n = 0; n < 6000 && (await this.#answers()); n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(await this.#answers(), false, `${version} goes on`);
  }

  #answers(): Promise<boolean> {
    return fetch(`http://127.0.0.1:${this.port}/`).then(
      () => true,
      () => false,
    );
  }

  mend(what: string): void {
    rmSync(this.path(`told/crash-${what}`), { force: true });
    rmSync(this.path(`told/fail-${what}`), { force: true });
  }

  /** Resolves once the blocked hook or probe waits. */
  async reached(what: string): Promise<void> {
    const file = this.path(`told/reached-${what}`);
    for (let n = 0; n < 6000 && !existsSync(file); n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(existsSync(file), `${what} was not reached`);
    rmSync(file);
  }

  /** Runs one command that must end with 0, and returns its document. */
  must(...argv: string[]): ReturnType<typeof JSON.parse> {
    const { exitCode, stdout, stderr } = this.backstep(...argv, '--json');
    assert.equal(exitCode, 0, `${argv.join(' ')}: ${stdout}${stderr}`);
    return JSON.parse(stdout);
  }

  begin(...argv: string[]): Begun {
    const child = spawn(process.execPath, [sourceMain, ...argv], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    assert.ok(child.stdout !== null && child.stderr !== null);
    const output = Promise.all([text(child.stdout), text(child.stderr)]);
    const ended = once(child, 'close').then(async () => {
      const [stdout, stderr] = await output;
      return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
    });
    return { child, ended };
  }

  /** Writes a note over HTTP; null where nobody answered. */
  async post(body: string): Promise<number | null> {
    const address = `http://127.0.0.1:${this.port}/`;
    return fetch(address, { method: 'POST', body })
      .then(async (answer) => (answer.ok ? Number(await answer.text()) : null))
      .catch(() => null);
  }

  bodies(): string[] {
    return this.rows('SELECT body FROM notes ORDER BY id').map(String);
  }

  /** The state that was live when the run began. */
  safetySnapshot(run: string): string {
    return JSON.parse(this.read(`state/runs/${run}/staged.json`)).now;
  }
}

export interface Begun {
  readonly child: ChildProcess;
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}
