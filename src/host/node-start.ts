import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { BackstepError } from '../fault/backstep-error.ts';
import { errnoOf } from './node-fault.ts';
import type { Command, Exit } from './processes.ts';

/** Resolves once the program runs. */
export function startProcess(
  command: Command,
  options: { readonly detached: boolean; readonly stdio: StdioOptions },
): Promise<ChildProcess> {
  const [program, ...args] = command.argv;
  const { promise, resolve, reject } = Promise.withResolvers<ChildProcess>();
  const { cwd, env, user } = command;
  const child = spawn(program, args, { ...options, cwd, env: env ?? process.env, ...user });
  child.once('spawn', () => resolve(child));
  child.once('error', (error) => reject(startFault(`start ${JSON.stringify(program)}`, error)));
  return promise;
}

export function exitOf(child: ChildProcess): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>();
  child.once('exit', (code, signal) => resolve({ code, signal }));
  return promise;
}

function startFault(act: string, cause: unknown): unknown {
  const errno = errnoOf(cause);
  if (errno === null) return cause;
  const message = `${act}: ${errno}`;
  if (errno === 'ENOENT') {
    const hint = 'install the program, or correct its path (or the working folder) in the manifest';
    return new BackstepError('process/missing', { message, hint, cause });
  }
  if (errno === 'EACCES' || errno === 'EPERM') {
    const hint = 'run as root, or as the user that owns the process';
    return new BackstepError('process/refused', { message, hint, cause });
  }
  const hint = 'look the name of the error up in errno(3)';
  return new BackstepError('process/failed', { message, hint, cause });
}

/** False if nobody has that pid, or nobody is in that group (a negative pid). */
export function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false;
    throw startFault(`signal ${pid}`, error);
  }
}
