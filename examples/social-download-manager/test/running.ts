import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { Client } from './client.ts';

/** How long a release may take to say `listening`, and to end after SIGTERM before it is killed. */
const startLimitMs = 120_000;
const stopLimitMs = 60_000;

/** A test's context, or `{ after }` of node:test for what a whole file shares. */
export interface Scope {
  after(clean: () => void | Promise<void>): void;
}

export interface StartOptions {
  /** More arguments behind `--data DIR --port 0`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where the release's folder is, when it is not the one beside this folder. */
  readonly releaseFolder?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunResult extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

export type LogLine = Readonly<Record<string, unknown>>;

/** A temporary data folder; when the scope ends its servers are ended and it is removed. */
export function dataFolder(scope: Scope): DataFolder {
  const folder = new DataFolder(mkdtempSync(join(tmpdir(), 'sdm-test-')));
  scope.after(() => folder.close());
  return folder;
}

export class DataFolder {
  readonly path: string;
  readonly #servers: RunningServer[] = [];

  constructor(path: string) {
    this.path = path;
  }

  /** Starts `node <release>/server.ts --data <path> --port 0` and waits for its `listening` line. */
  async start(release: string, options: StartOptions = {}): Promise<RunningServer> {
    const args = ['--data', this.path, '--port', '0', ...(options.args ?? [])];
    const server = new RunningServer(spawnRelease(release, args, options));
    this.#servers.push(server);
    await server.listening();
    return server;
  }

  /** Runs one of the release's commands (`['migrate']`) on this folder to its end. */
  async run(
    release: string,
    command: readonly string[],
    options: StartOptions & { readonly stdin?: string } = {},
  ): Promise<RunResult> {
    const args = [...command, '--data', this.path, ...(options.args ?? [])];
    return runToEnd(spawnRelease(release, args, options), options.stdin ?? '');
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.kill()));
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A release that runs as a child process. */
export class RunningServer {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Exit>;
  readonly #lines: LogLine[] = [];
  #stderr = '';
  #port = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = endOf(child);
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stderr += chunk;
    });
  }

  get pid(): number {
    assert(this.#child.pid !== undefined, 'the child process has an id');
    return this.#child.pid;
  }

  get port(): number {
    return this.#port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The log so far, one object a line. */
  get log(): readonly LogLine[] {
    return this.#lines;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** A new client with an empty cookie jar. */
  client(): Client {
    return new Client(this.origin);
  }

  /** Resolves when the child has ended, however it ended. */
  ended(): Promise<Exit> {
    return this.#ended;
  }

  /** SIGTERM, and SIGKILL when that has had no effect for a minute. */
  async stop(): Promise<Exit> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopLimitMs);
    return this.#ended.finally(() => clearTimeout(timer));
  }

  /** SIGKILL: what a crash leaves. */
  async kill(): Promise<Exit> {
    this.#child.kill('SIGKILL');
    return this.#ended;
  }

  async listening(): Promise<void> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), startLimitMs);
    try {
      await Promise.race([this.#firstListening(), this.#endedEarly()]);
    } finally {
      clearTimeout(timer);
    }
  }

  #firstListening(): Promise<void> {
    const { stdout } = this.#child;
    assert(stdout !== null, 'standard output is a pipe');
    return new Promise((resolve) => {
      createInterface({ input: stdout }).on('line', (line) => {
        const entry = logLine(line);
        this.#lines.push(entry);
        if (entry['event'] !== 'listening') return;
        this.#port = Number(entry['port']);
        resolve();
      });
    });
  }

  async #endedEarly(): Promise<never> {
    const exit = await this.#ended;
    throw new Error(`ended before it listened: ${JSON.stringify(exit)}\n${this.#stderr}`);
  }
}

/**
 * A port for a server that is stopped and started again: none that a system gives to whoever asks for any port, so that
 * nobody else has it in between. Each process begins at a place of its own.
 */
export async function lastingPort(): Promise<number> {
  for (let n = 0; n < 1_000; n += 1) {
    const port = 20_000 + ((process.pid * 16 + n) % 10_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
  return assert.fail('no port is free');
}

function spawnRelease(
  release: string,
  args: readonly string[],
  options: StartOptions,
): ChildProcess {
  const folder = options.releaseFolder ?? join(import.meta.dirname, '..', release);
  return spawn(process.execPath, [join(folder, 'server.ts'), ...args], {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function runToEnd(child: ChildProcess, stdin: string): Promise<RunResult> {
  assert(child.stdin !== null && child.stdout !== null && child.stderr !== null);
  const ended = endOf(child);
  // A program that refuses its arguments ends without reading its input.
  child.stdin.on('error', () => undefined).end(stdin);
  const [stdout, stderr, exit] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { ...exit, stdout, stderr };
}

/** Waits for the end of the pipes too: the last lines of the log are read after the end of the process. */
async function endOf(child: ChildProcess): Promise<Exit> {
  await once(child, 'close');
  return { code: child.exitCode, signal: child.signalCode };
}

function logLine(line: string): LogLine {
  const value: unknown = JSON.parse(line);
  assert(typeof value === 'object' && value !== null, `a log line is an object: ${line}`);
  return { ...value };
}
