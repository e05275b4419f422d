import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import type { FetchRequest } from '../../1.2.1/platforms/platform.ts';
import { generatedBytes } from '../../media-server/bytes.ts';
import { startMediaServer } from '../../media-server/server.ts';
import type { MediaServer, SeenRequest } from '../../media-server/server.ts';

/** The media server and an empty folder, both gone after the test. */
export interface Scene {
  readonly server: MediaServer;
  readonly folder: string;
  /** Done after the test, the last one first, before the folder and the server go. */
  readonly atEnd: (action: () => unknown) => void;
}

export async function newScene(t: TestContext): Promise<Scene> {
  const server = await startMediaServer();
  const folder = await mkdtemp(join(tmpdir(), 'sdm-'));
  const actions: (() => unknown)[] = [];
  t.after(async () => {
    for (const action of actions.toReversed()) await action();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { server, folder, atEnd: (action) => void actions.push(action) };
}

export interface Generated {
  readonly name: string;
  readonly sizeBytes: number;
  readonly version?: number;
}

/** Compares a file with the generator, byte for byte. */
export async function assertContent(path: string, file: Generated): Promise<void> {
  const bytes = await readFile(path);
  assert.equal(bytes.length, file.sizeBytes, `size of ${path}`);
  const expected = generatedBytes(
    { name: file.name, version: file.version ?? 1 },
    0,
    file.sizeBytes,
  );
  assert.ok(bytes.equals(expected), `${path} has other bytes than ${file.name}`);
}

/** Requests of files, not of pages, that carried a body. */
export function fileGets(server: MediaServer): readonly SeenRequest[] {
  return server
    .requests()
    .filter(({ method, path }) => method === 'GET' && path.startsWith('/file/'));
}

/** A request for a link with the settings that tests want; `over` changes any of it. */
export function requestFor(link: string, over: Partial<FetchRequest> = {}): FetchRequest {
  return {
    link: new URL(link),
    quality: 'best',
    audioOnly: false,
    settings: { endpoint: '', timeoutSeconds: 60 },
    auth: null,
    signal: new AbortController().signal,
    ...over,
  };
}

/** An abort as soon as so many bytes have come. */
export function abortAfter(bytes: number): {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { readonly receivedBytes: number }) => void;
} {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onProgress: ({ receivedBytes }) => {
      if (receivedBytes >= bytes) controller.abort(new Error('aborted by the test'));
    },
  };
}
