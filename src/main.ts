#!/usr/bin/env node
import process from 'node:process';
import type { Surroundings } from './cli/context.ts';
import { keepCompiled } from './host/node-compiled.ts';
import { packageVersion } from './host/node-package.ts';

const argv = process.argv.slice(2);
const isVersionAsked = argv.length === 1 && ['--version', '-V'].includes(argv[0] ?? '');

outliveReaders();
// What scripts ask before anything else is answered before anything else is loaded.
if (isVersionAsked) process.stdout.write(`${packageVersion()}\n`);
else process.exitCode = await run();

async function run(): Promise<number> {
  // The sources themselves change from one start to the next.
  if (import.meta.filename.endsWith('.js')) keepCompiled(process.env);
  const [{ keepMemorySmall }, { runProgram }, { showsUtf8, toAscii }] = await Promise.all([
    import('./host/node-memory.ts'),
    import('./cli/program.ts'),
    import('./cli/terminal/ascii.ts'),
  ]);
  keepMemorySmall();
  if (!showsUtf8(process.env)) translate(toAscii);
  return runProgram(argv, { streams: process, open });
}

/**
 * Whoever read the output may be gone (`backstep history | head -1`, a closed terminal) while a switch is under way:
 * that ends the telling, never the run. Anything else that goes wrong with the output ends with exit code 4.
 */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'EIO') return;
      if (stream === process.stdout) process.stderr.write(`backstep: stdout: ${error.message}\n`);
      process.exitCode = 4;
    });
  }
}

/** Terminals alone: what is read by a program stays UTF-8. */
function translate(toAscii: (text: string) => string): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.isTTY) continue;
    const write = stream.write.bind(stream);
    const value = (chunk: string | Uint8Array): boolean =>
      write(typeof chunk === 'string' ? toAscii(chunk) : chunk);
    Object.defineProperty(stream, 'write', { value });
  }
}

/** The machine, opened once a command runs: `--version` and `--help` do without. */
async function open({ heedsSignals }: { readonly heedsSignals: boolean }): Promise<Surroundings> {
  const [{ homeFolder, nodeHost }, { startCaller }, { platforms }] = await Promise.all([
    import('./host/node.ts'),
    import('./host/node-syscalls.ts'),
    import('./manifest/system.ts'),
  ]);
  const platform = platforms.find((each) => each === process.platform);
  if (platform === undefined) {
    process.stderr.write(`backstep: ${process.platform} is not supported\n`);
    process.exit(3);
  }
  if (heedsSignals) startCaller();
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    if (heedsSignals) process.on(signal, () => controller.abort());
  }
  const { stdin: input, stderr: output } = process;
  return {
    host: nodeHost(),
    system: { platform, home: homeFolder(), env: process.env },
    streams: process,
    cwd: process.cwd(),
    node: process.execPath,
    terminal: input.isTTY && output.isTTY ? { input, output } : null,
    signal: controller.signal,
  };
}
