import process from 'node:process';
import { Dead, Machine } from '../../sim/machine.ts';
import { runProgram } from '../../src/cli/program.ts';
import { nodeHost } from '../../src/host/node.ts';
import type { Executable } from './executable.ts';
import { observerOf } from './strike.ts';

const machine = new Machine(nodeHost());

/**
 * The same program in this process, on a host that is dead from the moment of the strike on: no clean-up acts any
 * more, and its lock is a dead process's. Many times faster than a process for each run.
 */
export const inProcess: Executable = async (cwd, argv, fate) => {
  const life = machine.live((die) => observerOf(fate, die));
  const said = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof said) => ({
    write: (text: string): void => {
      said[name] += text;
    },
  });
  const surroundings = {
    host: life.host,
    system: { platform: 'linux' as const, home: '/', env: process.env },
    streams: { stdout: stream('stdout'), stderr: stream('stderr') },
    cwd,
    node: process.execPath,
    terminal: null,
    signal: new AbortController().signal,
  };
  try {
    const { streams } = surroundings;
    const open = () => Promise.resolve(surroundings);
    const code = await runProgram(argv, { streams, open });
    return life.isDead()
      ? { ...said, code: null, signal: 'SIGKILL' }
      : { ...said, code, signal: null };
  } catch (error) {
    if (!(error instanceof Dead)) throw error;
    return { ...said, code: null, signal: 'SIGKILL' };
  } finally {
    life.end();
  }
};
