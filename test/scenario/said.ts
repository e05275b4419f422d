/** Runs a command line within this process, as the executable would in a folder. */
import process from 'node:process';
import type { Surroundings } from '../../src/cli/context.ts';
import { runProgram } from '../../src/cli/program.ts';
import { platforms } from '../../src/manifest/system.ts';
import { homeFolder, nodeHost } from '../../src/host/node.ts';

/** What a command printed, and how it ended. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function said(cwd: string, ...argv: readonly string[]): Promise<Ended> {
  return saidOn({}, cwd, argv);
}

/** The same in other surroundings: another host, a signal. */
export async function saidOn(
  other: Partial<Surroundings>,
  cwd: string,
  argv: readonly string[],
): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  const streams = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  };
  const surroundings = {
    host: nodeHost(),
    system: {
      platform: platforms.find((each) => each === process.platform) ?? 'linux',
      home: homeFolder(),
      env: process.env,
    },
    streams,
    cwd,
    node: process.execPath,
    terminal: null,
    signal: new AbortController().signal,
    ...other,
  } as const;
  const exitCode = await runProgram(argv, { streams, open: () => Promise.resolve(surroundings) });
  return { exitCode, stdout, stderr };
}
