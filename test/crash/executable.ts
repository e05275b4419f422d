import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { strikeVariable, traceVariable, type Fate } from './strike.ts';

/** What `backstep` runs. */
export const mainFile = join(import.meta.dirname, '../../src/main.ts');
const preload = join(import.meta.dirname, 'strike-preload.ts');

export interface Said {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line to its end, whatever befalls it. */
export type Executable = (cwd: string, argv: readonly string[], fate: Fate) => Promise<Said>;

/** The real executable, in a process of its own, which SIGKILL ends. */
export const realExecutable: Executable = async (cwd, argv, { strike, trace }) => {
  const child = spawn(process.execPath, ['--import', preload, mainFile, ...argv], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: join(tmpdir(), 'backstep-crash-compiled'),
      ...(strike === undefined ? {} : { [strikeVariable]: JSON.stringify(strike) }),
      ...(trace === undefined ? {} : { [traceVariable]: trace }),
    },
  });
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
};
