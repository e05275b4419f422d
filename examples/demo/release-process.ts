import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../social-download-manager/test/client.ts';
import { programOf } from './installation.ts';

const stopLimitMs = 15_000;

/** A release that runs from a folder of program files, without Backstep. */
export interface RunningRelease {
  readonly kind: 'listening';
  readonly client: Client;
  readonly pid: number;
  /** SIGTERM by its id, SIGKILL when that has had no effect for a while; resolves when it has ended. */
  stop(): Promise<void>;
}

/** A release that ended instead of listening. */
export interface EndedRelease {
  readonly kind: 'ended';
  readonly code: number | null;
  readonly stderr: string;
}

/** `node PROGRAM/server.ts --data DATA --port 0`, until it listens or has ended. */
export async function startRelease(
  program: string,
  data: string,
  more: readonly string[] = [],
): Promise<RunningRelease | EndedRelease> {
  const args = [join(program, 'server.ts'), '--data', data, '--port', '0', ...more];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const stderr = text(child.stderr);
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = Object(JSON.parse(line));
    if (entry['event'] !== 'listening') continue;
    child.stdout.resume();
    const client = new Client(`http://127.0.0.1:${entry['port']}`);
    return { kind: 'listening', client, pid: child.pid ?? 0, stop: () => stop(child) };
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return { kind: 'ended', code: child.exitCode, stderr: await stderr };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const controller = new AbortController();
  const limit = sleep(stopLimitMs, null, { signal: controller.signal }).then(
    () => child.kill('SIGKILL'),
    () => false,
  );
  await ended;
  controller.abort();
  await limit;
}

/** Adds an API token to the data of a stopped application, and returns it. */
export async function addToken(version: string, data: string): Promise<string> {
  const args = [join(programOf(version), 'server.ts'), 'token', 'add', 'demo', '--data', data];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return (await text(child.stdout)).trim();
}
