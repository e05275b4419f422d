import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser, BrowserLimits, PageMeasure } from './browser.ts';
import { measurePage } from './node-devtools.ts';
import { exitOf } from './node-start.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

const arguments_ = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-extensions',
  '--disable-sync',
  '--remote-debugging-port=0',
];

/** The first Chromium in the search path; null where none is installed. */
export function installedBrowser(searchPath: string): Browser | null {
  const folders = [...searchPath.split(delimiter), '/usr/bin'].filter((folder) => folder !== '');
  for (const name of names) {
    const program = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (program !== undefined)
      return { program, measure: (url, limits) => measure(program, url, limits) };
  }
  return null;
}

async function measure(program: string, url: URL, limits: BrowserLimits): Promise<PageMeasure> {
  const folder = mkdtempSync(join(tmpdir(), 'backstep-browser-'));
  const alarm = AbortSignal.timeout(Math.ceil(limits.limitMs));
  const signal = AbortSignal.any([alarm, limits.signal]);
  // Chromium's own sandbox does not work for root.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(program, [...arguments_, ...asRoot, `--user-data-dir=${folder}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const ended = exitOf(child);
  try {
    const address = await debuggingAddress(child, signal);
    return await measurePage(address, url, signal);
  } catch (error) {
    const why = alarm.aborted ? `not done within ${limits.limitMs} ms` : messageOf(error);
    return { kind: 'failed', why };
  } finally {
    await endAll(child, ended);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** It says on its standard error where it listens. */
async function debuggingAddress(child: ChildProcess, signal: AbortSignal): Promise<string> {
  if (child.stderr === null) throw new TypeError('the browser has no standard error');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr, signal })) {
    const address = /^DevTools listening on (ws:\/\/\S+)$/.exec(line)?.[1];
    if (address !== undefined) {
      child.stderr.resume();
      return address;
    }
    said.push(line);
  }
  signal.throwIfAborted();
  throw new Error(`the browser ended: ${said.at(-1) ?? 'it said nothing'}`);
}

/** The browser has processes of its own; they are one group. */
async function endAll(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ESRCH') throw error;
  }
  await ended;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
