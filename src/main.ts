#!/usr/bin/env node
import { homedir } from 'node:os';
import process from 'node:process';
import { nodeHost } from './host/node.ts';
import { platforms } from './manifest/system.ts';
import { runProgram } from './cli/program.ts';

const platform = platforms.find((each) => each === process.platform);
if (platform === undefined) {
  process.stderr.write(`backstep: ${process.platform} is not supported\n`);
  process.exit(3);
}
const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => controller.abort());

process.exitCode = await runProgram(process.argv.slice(2), {
  host: nodeHost(),
  system: { platform, home: homedir(), env: process.env },
  streams: process,
  cwd: process.cwd(),
  node: process.execPath,
  isTerminal: process.stdin.isTTY && process.stdout.isTTY,
  signal: controller.signal,
});
