import process from 'node:process';
import { Dead, Machine } from '../../sim/machine.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { Host } from '../../src/host/host.ts';
import { nodeHost } from '../../src/host/node.ts';
import type { Executable, Said } from './executable.ts';
import { observerOf, type Fate } from './strike.ts';

/**
 * The same program in this process, on a host that is dead from the moment of the strike on: no clean-up acts any
 * more, and its lock is a dead process's. Many times faster than a process for each run.
 */
export const inProcess: Executable = inProcessOn(nodeHost());

/** The same on a host that is not as it should be. */
export function inProcessOn(host: Host): Executable {
  const machine = new Machine(host);
  return (cwd, argv, fate) => liveOn(machine, { cwd, argv, fate });
}

interface CommandLine {
  readonly cwd: string;
  readonly argv: readonly string[];
  readonly fate: Fate;
}

async function liveOn(machine: Machine, { cwd, argv, fate }: CommandLine): Promise<Said> {
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
}
