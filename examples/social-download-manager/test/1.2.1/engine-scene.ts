import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import type { Download, DownloadChange, Status } from '../../1.2.1/downloads/download.ts';
import { DownloadEngine } from '../../1.2.1/downloads/engine.ts';
import type { DownloadRecords } from '../../1.2.1/downloads/records.ts';
import type { EngineParts } from '../../1.2.1/downloads/run.ts';
import { directPlatform } from '../../1.2.1/platforms/direct.ts';
import { parseLink, registryOf } from '../../1.2.1/platforms/registry.ts';
import { tiktok } from '../../1.2.1/platforms/tiktok.ts';
import { youtube } from '../../1.2.1/platforms/youtube.ts';
import { limitMs } from '../patience.ts';
import { newScene } from './media.ts';
import type { Scene } from './media.ts';

/** A history in memory. */
export class MemoryRecords implements DownloadRecords {
  /** Every change that was made, in order. */
  readonly changes: { readonly id: number; readonly change: DownloadChange }[] = [];
  readonly #rows = new Map<number, Download>();

  find(id: number): Download | null {
    return this.#rows.get(id) ?? null;
  }

  change(id: number, change: DownloadChange): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.changes.push({ id, change });
    this.#rows.set(id, { ...row, ...change });
  }

  unfinished(): readonly Download[] {
    const isOpen = (row: Download): boolean => row.status === 'queued' || row.status === 'running';
    return [...this.#rows.values()].filter(isOpen).sort((a, b) => a.id - b.id);
  }

  delete(id: number): void {
    this.#rows.delete(id);
  }

  row(id: number): Download {
    const row = this.find(id);
    assert.ok(row, `row ${id}`);
    return row;
  }

  /** Adds a queued row, as the history does, and returns its id. */
  add(link: string, over: Partial<Download> = {}): number {
    const id = this.#rows.size + 1;
    this.#rows.set(id, {
      id,
      userId: 1,
      platform: registry.recognise(parseLink(link))?.name ?? 'direct',
      url: link,
      title: link,
      uploader: null,
      quality: 'best',
      audioOnly: false,
      status: 'queued',
      fileName: null,
      sizeBytes: null,
      receivedBytes: 0,
      durationSeconds: null,
      error: null,
      addedAt: new Date().toISOString(),
      finishedAt: null,
      uiState: null,
      ...over,
    });
    return id;
  }
}

/** As in the product, but for shorter waits between attempts. */
const registry = registryOf([youtube, tiktok, directPlatform([10, 20, 40])]);

export interface EngineScene extends Scene {
  readonly records: MemoryRecords;
  /** The download folder. */
  readonly root: string;
  readonly results: string[];
  readonly events: { readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[];
  /** A new engine on the same history and folder; closed after the test. */
  engine(over?: Partial<EngineParts>): DownloadEngine;
  link(path: string): string;
}

export async function newEngineScene(t: TestContext): Promise<EngineScene> {
  const scene = await newScene(t);
  const root = join(scene.folder, 'downloads');
  await mkdir(root);
  const [records, results] = [new MemoryRecords(), [] as string[]];
  const events: EngineScene['events'] = [];
  const parts: EngineParts = {
    records,
    registry,
    place: () => ({ root, folder: '' }),
    settingsOf: (platform) => ({
      endpoint: platform === 'direct' ? '' : scene.server.origin,
      program: 'yt-dlp',
      timeoutSeconds: 60,
    }),
    authOf: () => null,
    isEnabled: () => true,
    maxConcurrent: () => 3,
    log: (event, fields) => void events.push({ event, fields }),
    onFinished: (platform, result, bytes) => void results.push(`${platform} ${result} ${bytes}`),
  };
  const engine = (over: Partial<EngineParts> = {}): DownloadEngine => {
    const made = new DownloadEngine({ ...parts, ...over });
    scene.atEnd(() => made.close());
    return made;
  };
  const link = (path: string): string => scene.server.origin + path;
  return { ...scene, records, root, results, events, engine, link };
}

/** Waits for a fact; the limit only keeps a broken test from hanging. */
export async function until(fact: () => boolean, what: string): Promise<void> {
  const limit = Date.now() + limitMs;
  while (!fact()) {
    assert.ok(Date.now() < limit, `waited for: ${what}`);
    await wait(5);
  }
}

/** Waits until a row has the status, and fails with the row's error when it ended otherwise. */
export async function untilStatus(
  records: MemoryRecords,
  id: number,
  status: Status,
): Promise<Download> {
  await until(() => {
    const row = records.row(id);
    const isEnded = row.finishedAt !== null && row.status !== status;
    assert.ok(!isEnded, `row ${id} is ${row.status}: ${row.error}`);
    return row.status === status;
  }, `row ${id} to be ${status}`);
  return records.row(id);
}

/** Waits until bytes of a download's run are in its part. */
export async function untilUnderWay(engine: DownloadEngine, id: number): Promise<void> {
  await until(() => engine.bytesPerSecond(id) > 0, `the first bytes of ${id}`);
}
