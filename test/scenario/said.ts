/** Runs a command line within this process, as the executable would in a folder. */
import process from 'node:process';
import { runProgram } from '../../src/cli/program.ts';
import type { Host } from '../../src/host/host.ts';
import { homeFolder, nodeHost } from '../../src/host/node.ts';

/** What a command printed, and how it ended. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function said(cwd: string, ...argv: readonly string[]): Promise<Ended> {
  return saidOn(nodeHost(), cwd, argv);
}

/** The same on another host. */
export async function saidOn(host: Host, cwd: string, argv: readonly string[]): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  const streams = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  };
  const surroundings = {
    host,
    system: { platform: 'linux', home: homeFolder(), env: process.env },
    streams,
    cwd,
    node: process.execPath,
    terminal: null,
    signal: new AbortController().signal,
  } as const;
  const exitCode = await runProgram(argv, { streams, open: () => Promise.resolve(surroundings) });
  return { exitCode, stdout, stderr };
}
