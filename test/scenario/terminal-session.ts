import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { sourceMain } from './small-application.ts';

/** False where the machine has no program that makes a pseudo-terminal. */
export const hasTerminals = spawnSync('script', ['--version']).status === 0;

export interface TerminalOptions {
  readonly cwd: string;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** One command on a real pseudo-terminal: what it shows, and a person's keys. */
export class TerminalSession {
  readonly #child: ChildProcess;
  readonly #closed: Promise<number | null>;
  #shown = '';
  #told: (() => void) | null = null;
  #isClosed = false;

  constructor(argv: readonly string[], { cwd, columns = 100, env = {} }: TerminalOptions) {
    const words = [process.execPath, sourceMain, ...argv].map((word) => `'${word}'`);
    const command = `stty cols ${columns} rows 40; exec ${words.join(' ')}`;
    this.#child = spawn('script', ['-qefc', command, '/dev/null'], {
      cwd,
      env: { ...process.env, TERM: 'xterm', ...env },
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#shown += chunk;
      this.#told?.();
    });
    this.#closed = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        resolve(code);
        this.#isClosed = true;
        this.#told?.();
      });
    });
  }

  /** Everything that was written to the screen so far, without what moves the cursor. */
  get screen(): string {
    return stripVTControlCharacters(this.#shown);
  }

  /** As it was written. */
  get raw(): string {
    return this.#shown;
  }

  /** Waits until the screen has shown this; fails where the command ends before. */
  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.screen)) {
      assert.ok(!this.#isClosed, `it ended without ${pattern}:\n${this.screen}`);
      await new Promise<void>((resolve) => (this.#told = resolve));
    }
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** The exit code of the command. */
  async end(): Promise<number | null> {
    return this.#closed;
  }
}

export const keys = { enter: '\r', down: '\u001b[B', controlC: '\u0003', yes: 'y' } as const;
