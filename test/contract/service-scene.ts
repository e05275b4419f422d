import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Host } from '../../src/host/host.ts';
import { nodeHost } from '../../src/host/node.ts';
import { openService } from '../../src/service/kinds.ts';
import type { ProcessDefinition } from '../../src/service/process/definition.ts';
import { latestRecord, type RunRecord } from '../../src/service/process/record.ts';
import type { Service, ServiceSurroundings } from '../../src/service/service.ts';

/** One application of a test: a temporary folder, a script, and the service that runs it. */
export interface Scene {
  readonly host: Host;
  readonly root: string;
  /** The service's private folder. */
  readonly folder: string;
  readonly definition: ProcessDefinition;
  readonly surroundings: ServiceSurroundings;
  readonly service: Service;
  readonly path: (name: string) => string;
  /** Waits for a file that the application writes, and returns its text. */
  readonly text: (name: string) => Promise<string>;
  readonly record: () => RunRecord;
}

/** Runs `script` (a module of Node) under the `process` manager; all that it started ends with the test. */
export function scene(
  t: TestContext,
  script: string,
  change: Partial<ProcessDefinition> = {},
): Scene {
  const host = nodeHost();
  const root = mkdtempSync(join(tmpdir(), 'backstep-service-'));
  const path = (name: string) => join(root, name);
  const folder = join(root, 'state', 'service');
  writeFileSync(path('app.mjs'), script);
  const definition: ProcessDefinition = {
    manager: 'process',
    run: [process.execPath, path('app.mjs')],
    env: { ROOT: root },
    cwd: root,
    stopTimeoutMs: 5000,
    restart: { limit: 3, firstWaitMs: 20, longestWaitMs: 100, soundAfterMs: 60_000 },
    logBytes: 1_000_000,
    ...change,
  };
  const surroundings = { host, folder, releaseFolders: [], environment: process.env };
  const service = openService(definition, surroundings);
  t.after(async () => {
    const brisk = { ...definition, stopTimeoutMs: 50 };
    await openService(brisk, surroundings).stop();
    rmSync(root, { recursive: true });
  });
  return {
    host,
    root,
    folder,
    definition,
    surroundings,
    service,
    path,
    text: (name) => eventually(() => readIfThere(path(name))),
    record: () => {
      const record = latestRecord(host, folder);
      if (record === null) throw new Error('the service was never started');
      return record;
    },
  };
}

/** Asks again and again until there is an answer. The test's own time limit ends it otherwise. */
export async function eventually<Value>(
  look: () => Value | null | undefined | false | Promise<Value | null | undefined | false>,
): Promise<Value> {
  const { clock } = nodeHost();
  for (let tries = 0; tries < 15_000; tries += 1) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    await clock.sleep(20);
  }
  throw new Error(`it never came true: ${look.toString()}`);
}

/** Whole, as the scripts of the tests write a file in one go and end it with a newline. */
function readIfThere(path: string): string | null {
  try {
    const text = readFileSync(path, 'utf8');
    return text.endsWith('\n') ? text.trim() : null;
  } catch {
    return null;
  }
}

/** Lives until it is ended; says so in `ready`. */
export const quietApp = `
import { writeFileSync } from 'node:fs';
writeFileSync(process.env.ROOT + '/ready', process.pid + '\\n');
setInterval(() => undefined, 1000);
`;

/** As `quietApp`, but does not care for SIGTERM. */
export const stubbornApp = `process.on('SIGTERM', () => undefined);\n${quietApp}`;

/** Answers on a free port, which it writes to `port`; ends cleanly on SIGTERM. */
export const answeringApp = `
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
const server = createServer((_request, response) => response.end('pid ' + process.pid));
server.listen(0, '127.0.0.1', () => {
  writeFileSync(process.env.ROOT + '/port', server.address().port + '\\n');
});
process.on('SIGTERM', () => process.exit(0));
`;
