#!/usr/bin/env node
import process from 'node:process';
import type { Surroundings } from './cli/context.ts';
import { packageVersion } from './host/node-package.ts';

const argv = process.argv.slice(2);
const isVersionAsked = argv.length === 1 && ['--version', '-V'].includes(argv[0] ?? '');

// What scripts ask before anything else is answered before anything else is loaded.
if (isVersionAsked) process.stdout.write(`${packageVersion()}\n`);
else process.exitCode = await run();

async function run(): Promise<number> {
  const { runProgram } = await import('./cli/program.ts');
  return runProgram(argv, { streams: process, open });
}

/** The machine, opened once a command runs: `--version` and `--help` do without. */
async function open(): Promise<Surroundings> {
  const [{ homeFolder, nodeHost }, { platforms }] = await Promise.all([
    import('./host/node.ts'),
    import('./manifest/system.ts'),
  ]);
  const platform = platforms.find((each) => each === process.platform);
  if (platform === undefined) {
    process.stderr.write(`backstep: ${process.platform} is not supported\n`);
    process.exit(3);
  }
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => controller.abort());
  }
  return {
    host: nodeHost(),
    system: { platform, home: homeFolder(), env: process.env },
    streams: process,
    cwd: process.cwd(),
    node: process.execPath,
    isTerminal: process.stdin.isTTY && process.stdout.isTTY,
    signal: controller.signal,
  };
}
