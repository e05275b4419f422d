import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { nodeHost } from '../../src/host/node.ts';
import type { RunReport } from '../../src/switch/report/report.ts';
import { Client } from '../social-download-manager/test/client.ts';
import { copyFolder } from './copies.ts';
import { parseRunReports } from './run-report.ts';

const example = join(import.meta.dirname, '../social-download-manager');
const executable = join(import.meta.dirname, '../../src/main.ts');

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program files of a release, as they were shipped. */
export function programOf(version: string): string {
  return join(example, version);
}

/** Social Download Manager under Backstep: a folder with its manifest, and a free port of its own. */
export class Installation {
  readonly folder: string;
  readonly port: number;

  readonly #signal: AbortSignal;

  private constructor(place: { folder: string; port: number }, signal: AbortSignal) {
    this.folder = place.folder;
    this.port = place.port;
    this.#signal = signal;
  }

  /** Everything as its README would have a person do it; 1.2.1 is in its place, and not started. Nothing begins once the signal is aborted. */
  static async make(folder: string, signal: AbortSignal): Promise<Installation> {
    mkdirSync(join(folder, 'run'), { recursive: true });
    mkdirSync(join(folder, 'run/data'), { mode: 0o700 });
    cpSync(join(example, 'reversals'), join(folder, 'reversals'), { recursive: true });
    const installation = await Installation.#at(folder, signal);
    for (const version of ['1.2.1', '2.0.0']) {
      await installation.must('release', 'add', version, programOf(version));
    }
    return installation;
  }

  /** The same installation once more, in another folder and on another port. Must be stopped. */
  async copyTo(folder: string): Promise<Installation> {
    copyFolder(this.folder, folder);
    return Installation.#at(folder, this.#signal);
  }

  /** Writes the manifest that belongs to this folder. */
  static async #at(folder: string, signal: AbortSignal): Promise<Installation> {
    const port = await nodeHost().network.freePort();
    const manifest = readFileSync(join(example, 'backstep.yaml'), 'utf8');
    const own = manifest.replace(/port: \d+/, `port: ${port}`);
    writeFileSync(join(folder, 'backstep.yaml'), own);
    return new Installation({ folder, port }, signal);
  }

  get data(): string {
    return join(this.folder, 'run/data');
  }

  client(): Client {
    return new Client(`http://127.0.0.1:${this.port}`);
  }

  /** Runs one command of the real executable to its end. */
  async backstep(...args: string[]): Promise<Said> {
    return saidBy(this.begin(...args));
  }

  /** Throws where the demo was interrupted. */
  begin(...args: string[]): ChildProcess {
    this.#signal.throwIfAborted();
    return this.#spawn(args);
  }

  #spawn(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [executable, ...args], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Runs a command without which there would be nothing to show. */
  async must(...args: string[]): Promise<void> {
    const { code, stdout, stderr } = await this.backstep(...args);
    assert.equal(code, 0, `backstep ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
  }

  /** Runs a switch and returns its exit code and its reports; none where it was refused. */
  async switch(
    ...args: string[]
  ): Promise<{ readonly said: Said; readonly reports: readonly RunReport[] }> {
    const said = await this.backstep(...args, '--json');
    return { said, reports: parseRunReports(said.stdout) };
  }

  /** Stops the application, also after an interruption. */
  async close(): Promise<void> {
    await saidBy(this.#spawn(['service', 'stop']));
  }
}

async function saidBy(child: ChildProcess): Promise<Said> {
  assert(child.stdout !== null && child.stderr !== null);
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await closed;
  return { code: child.exitCode, stdout, stderr };
}
