import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMediaServer, type MediaServer } from '../../media-server/server.ts';
import { assertContent, fileGets } from '../1.2.1/media.ts';
import { limitMs } from '../patience.ts';
import { releases } from '../releases.ts';
import { dataFolder } from '../running.ts';

async function until(isReached: () => boolean, what: string): Promise<void> {
  for (const start = Date.now(); !isReached(); await sleep(5))
    assert.ok(Date.now() - start < limitMs, `not reached within ${limitMs} ms: ${what}`);
}

/** What SQLite says on a full disk. */
class FullDisk extends Error {
  override readonly message = 'database or disk is full';
  readonly errcode = 13;
}

interface Row {
  readonly id: number;
  readonly status: string;
  readonly fileName: string | null;
  readonly error: string | null;
  readonly finishedAt?: string | null;
}

/** A history in memory, on a disk that may be full. */
class Records {
  isFull = false;
  /** Whether it was refused to write that a download has ended. */
  isEndRefused = false;
  readonly rows = new Map<number, Row>();

  find(id: number): Row | null {
    return this.rows.get(id) ?? null;
  }

  change(id: number, change: Partial<Row>): void {
    if (this.isFull) {
      this.isEndRefused ||= typeof change.finishedAt === 'string';
      throw new FullDisk();
    }
    const row = this.rows.get(id);
    if (row !== undefined) this.rows.set(id, { ...row, ...change });
  }

  unfinished(): readonly Row[] {
    return [...this.rows.values()].filter(({ status }) => !status.endsWith('d'));
  }
}

for (const { version, pending, downloading, completed } of releases)
  describe(`release ${version}: a history that cannot be written for a while`, () => {
    async function newScene(t: TestContext) {
      const { DownloadEngine } = await import(`../../${version}/downloads/engine.ts`);
      const { platformRegistry } = await import(`../../${version}/platforms/registry.ts`);
      const folder = dataFolder(t);
      const media = await startMediaServer();
      const records = new Records();
      const [events, results]: [string[], string[]] = [[], []];
      mkdirSync(join(folder.path, 'downloads'));
      const engine = new DownloadEngine({
        records,
        registry: platformRegistry,
        place: () => ({ root: join(folder.path, 'downloads'), folder: '' }),
        settingsOf: () => ({ endpoint: '', timeoutSeconds: 60 }),
        authOf: () => null,
        isEnabled: () => true,
        maxConcurrent: () => 1,
        log: (event: string) => void events.push(event),
        onFinished: (_: string, result: string) => void results.push(result),
      });
      t.after(() => Promise.all([engine.close(), media.close()]));
      return { folder, media, records, engine, events, results };
    }

    function add(records: Records, media: MediaServer, name: string): number {
      const id = records.rows.size + 1;
      records.rows.set(id, {
        id,
        userId: 1,
        platform: 'direct',
        url: `${media.origin}/file/${name}?size=300000`,
        title: '',
        quality: 'best',
        audioOnly: false,
        status: pending,
        fileName: null,
        sizeBytes: null,
        receivedBytes: 0,
        error: null,
      } as Row);
      return id;
    }

    const unhandled: unknown[] = [];
    process.on('unhandledRejection', (error) => unhandled.push(error));

    test('downloads that cannot begin wait, and begin when there is room', async (t) => {
      const { folder, media, records, engine, events } = await newScene(t);
      const ids = [add(records, media, 'a.mp4'), add(records, media, 'b.mp4')];
      records.isFull = true;
      for (const id of ids) engine.enqueue(id);
      await sleep(0);
      assert.deepEqual(events, ['download.unrecorded', 'download.unrecorded']);
      assert.equal(fileGets(media).length, 0);
      records.isFull = false;
      for (const id of ids)
        await until(() => records.find(id)?.status === completed, `${id} is completed`);
      await assertContent(join(folder.path, 'downloads', 'b.mp4'), {
        name: 'b.mp4',
        sizeBytes: 300_000,
      });
      assert.deepEqual(unhandled, []);
    });

    test('the end of a download is written when there is room, and the next one begins', async (t) => {
      const { media, records, engine, events, results } = await newScene(t);
      const ids = [add(records, media, 'a.mp4'), add(records, media, 'b.mp4')];
      const release = media.holdFile('a.mp4');
      for (const id of ids) engine.enqueue(id);
      await until(() => engine.bytesPerSecond(1) > 0, 'the first is under way');
      records.isFull = true;
      release();
      await until(() => records.isEndRefused, 'its end cannot be written');
      assert.ok(events.includes('download.unrecorded'));
      assert.equal(records.find(1)?.status, downloading);
      records.isFull = false;
      await until(() => records.find(1)?.status !== downloading, 'its end is written');
      assert.equal(records.find(1)?.status, 'failed');
      assert.match(records.find(1)?.error ?? '', /^disk\/full: /);
      engine.resume(1);
      for (const id of ids)
        await until(() => records.find(id)?.status === completed, `${id} is completed`);
      assert.deepEqual(results.toSorted(), ['failed', completed, completed].toSorted());
      assert.deepEqual(unhandled, []);
    });

    test('what is cancelled while its end cannot be written stays cancelled', async (t) => {
      const { media, records, engine, results } = await newScene(t);
      const id = add(records, media, 'a.mp4');
      const release = media.holdFile('a.mp4');
      engine.enqueue(id);
      await until(() => engine.bytesPerSecond(id) > 0, 'it is under way');
      records.isFull = true;
      release();
      await until(() => records.isEndRefused, 'its end cannot be written');
      assert.throws(() => engine.cancel(id), { errcode: 13 });
      records.isFull = false;
      engine.cancel(id);
      await until(() => results.length > 0, 'it has ended');
      assert.equal(records.find(id)?.status, 'cancelled');
      assert.deepEqual(results, ['cancelled']);
    });

    test('a cancel that cannot be written leaves the download in the queue', async (t) => {
      const { media, records, engine } = await newScene(t);
      const ids = [add(records, media, 'a.mp4'), add(records, media, 'b.mp4')];
      for (const id of ids) engine.enqueue(id);
      records.isFull = true;
      assert.throws(() => engine.cancel(2), { errcode: 13 });
      records.isFull = false;
      await until(() => records.find(2)?.status === completed, 'the second is completed');
    });

    test('a stop does not wait for room, and the next engine goes on', async (t) => {
      const { media, records, engine } = await newScene(t);
      const id = add(records, media, 'a.mp4');
      const release = media.holdFile('a.mp4');
      engine.enqueue(id);
      await until(() => engine.bytesPerSecond(id) > 0, 'it is under way');
      records.isFull = true;
      release();
      await until(() => records.isEndRefused, 'its end cannot be written');
      await engine.close();
      assert.equal(records.find(id)?.status, downloading);
    });
  });
