import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

import { PlatformError } from './platform.ts';

/** Between the polite and the final signal to a program that is to end. */
const killAfterMs = 3_000;
const keptErrorLines = 50;

export interface ProgramRun {
  /** Found on the PATH, or a path. */
  readonly program: string;
  readonly arguments: readonly string[];
  readonly folder?: string;
  /** Given on its standard input. */
  readonly input?: string;
  readonly signal: AbortSignal;
  onLine(line: string): void;
}

export interface ProgramEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  /** The last lines of its standard error. */
  readonly errorLines: readonly string[];
}

/**
 * Runs a program to its end, in a process group of its own. An abort ends the whole group (SIGTERM, then
 * SIGKILL), and the promise rejects with the signal's reason only when the program is gone. When this server
 * is killed, the program's next line meets a closed pipe and ends it. Throws PlatformError `platform/program-missing`.
 */
export async function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  run.signal.throwIfAborted();
  const child = spawn(run.program, run.arguments, {
    cwd: run.folder,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONIOENCODING: 'utf-8', PYTHONUNBUFFERED: '1' },
  });
  const errorLines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => run.onLine(line));
  createInterface({ input: child.stderr }).on('line', (line) => {
    errorLines.push(line);
    if (errorLines.length > keptErrorLines) errorLines.shift();
  });
  // A program that ends without reading its input is told by its exit code, not by the broken pipe.
  child.stdin.on('error', () => {});
  child.stdin.end(run.input ?? '');
  const stopListening = endOnAbort(child, run.signal);
  try {
    const exitCode = await exitOf(child, run.program);
    run.signal.throwIfAborted();
    return { exitCode, errorLines };
  } finally {
    stopListening();
  }
}

function exitOf(child: ChildProcess, program: string): Promise<number | null> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', (cause) => {
    const message =
      `The program ${program} cannot be started. Install it (Debian, Ubuntu: 'apt install yt-dlp'; ` +
      `elsewhere: 'pipx install yt-dlp'), or give its path in platform_settings.json.`;
    reject(new PlatformError('platform/program-missing', message, { cause }));
  });
  child.once('close', (exitCode) => resolve(exitCode));
  return promise;
}

function endOnAbort(child: ChildProcess, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    signalGroup(child, 'SIGTERM');
    timer = setTimeout(() => signalGroup(child, 'SIGKILL'), killAfterMs);
  };
  signal.addEventListener('abort', end, { once: true });
  return () => {
    signal.removeEventListener('abort', end);
    clearTimeout(timer);
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!isGone) throw error;
  }
}
