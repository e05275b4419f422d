import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { errnoOf } from './node-fault.ts';
import { exitOf, kill, startProcess } from './node-start.ts';
import type { Command, Finished, RunLimits } from './processes.ts';

const defaultOutputBytes = 1_048_576;
const defaultGraceMs = 2_000;

/**
 * Runs a program in a session of its own. At its end by itself: its exit and what it and its descendants
 * wrote until the last of them closed the pipes. At the limit, or when aborted: SIGTERM to the group, then
 * SIGKILL, and what was written so far; a descendant that left the group is not waited for.
 */
export async function run(command: Command, limits: RunLimits): Promise<Finished> {
  const child = await startProcess(command, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = exitOf(child);
  const stdout = collect(child.stdout, limits.outputBytes ?? defaultOutputBytes);
  const stderr = collect(child.stderr, limits.outputBytes ?? defaultOutputBytes);
  feed(child, limits.input ?? new Uint8Array());
  const end = endAtLimit(child, limits);
  const [exit] = await Promise.all([exited, stdout.closed, stderr.closed]);
  return { ...exit, ended: end.settle(), stdout: stdout.text(), stderr: stderr.text() };
}

/** A program need not read its input to the end. */
function feed(child: ChildProcess, input: Uint8Array): void {
  child.stdin?.on('error', (error) => {
    if (errnoOf(error) !== 'EPIPE' && errnoOf(error) !== 'ECONNRESET') throw error;
  });
  child.stdin?.end(input);
}

function collect(stream: Readable | null, keepBytes: number) {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const kept: Buffer[] = [];
  let room = keepBytes;
  stream?.on('data', (chunk: Buffer) => {
    kept.push(chunk.subarray(0, room));
    room -= Math.min(room, chunk.length);
  });
  stream?.once('close', () => resolve());
  return { closed, text: () => Buffer.concat(kept).toString('utf8') };
}

/** Arms limit and abort; `settle` disarms them and says why the run ended. */
function endAtLimit(child: ChildProcess, limits: RunLimits): { settle(): Finished['ended'] } {
  const groupId = child.pid ?? 0;
  let ended: Finished['ended'] = 'by-itself';
  let grace: NodeJS.Timeout | undefined;
  const end = (why: Finished['ended']): void => {
    if (ended !== 'by-itself') return;
    ended = why;
    kill(-groupId, 'SIGTERM');
    grace = setTimeout(force, limits.graceMs ?? defaultGraceMs);
  };
  const force = (): void => {
    kill(-groupId, 'SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const abort = (): void => end('aborted');
  const alarm = setTimeout(() => end('limit'), limits.limitMs);
  limits.abort?.addEventListener('abort', abort);
  if (limits.abort?.aborted) abort();
  return {
    settle() {
      clearTimeout(alarm);
      clearTimeout(grace);
      limits.abort?.removeEventListener('abort', abort);
      if (ended !== 'by-itself') force();
      return ended;
    },
  };
}
