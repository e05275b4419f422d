import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  startMediaServer,
  type MediaServer,
} from '../../examples/social-download-manager/media-server/server.ts';
import type { Client } from '../../examples/social-download-manager/test/client.ts';
import { Managed } from './managed.ts';
import { NotesService } from './notes-service.ts';
import { setUp } from './people.ts';

const limits = { timeout: 900_000 };

/** Writes all the time, whoever answers, and remembers what was acknowledged. */
class Hammer {
  readonly acknowledged: string[] = [];
  readonly #pauseMs: number;
  readonly #done: Promise<void>;
  readonly #stop = new AbortController();

  /** `write` says whether this text was acknowledged. */
  constructor(name: string, write: (text: string) => Promise<boolean>, pauseMs: number) {
    this.#pauseMs = pauseMs;
    this.#done = this.#run(name, write);
  }

  async #run(name: string, write: (text: string) => Promise<boolean>): Promise<void> {
    for (let n = 1; !this.#stop.signal.aborted; n += 1) {
      const text = `${name} ${n}`;
      const isKept = await write(text);
      if (isKept) this.acknowledged.push(text);
      // Where nobody answers it asks again at once, so that it is there in the first millisecond.
      await new Promise((resolve) => setTimeout(resolve, isKept ? this.#pauseMs : 2));
    }
  }

  /** Resolves once so many more writes were acknowledged. */
  async more(count: number): Promise<void> {
    const wanted = this.acknowledged.length + count;
    for (let n = 0; n < 20_000 && this.acknowledged.length < wanted; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.ok(this.acknowledged.length >= wanted, 'nobody acknowledges the writes');
  }

  async stop(): Promise<readonly string[]> {
    this.#stop.abort();
    await this.#done;
    return this.acknowledged;
  }
}

function hammering(
  t: TestContext,
  name: string,
  { write, pauseMs }: { write: (text: string) => Promise<boolean>; pauseMs: number },
): Hammer {
  const hammer = new Hammer(name, write, pauseMs);
  t.after(async () => {
    await hammer.stop();
  });
  return hammer;
}

function requireAll(found: readonly string[], acknowledged: readonly string[]): void {
  const known = new Set(found);
  const lost = acknowledged.filter((text) => !known.has(text));
  assert.deepEqual(lost, [], `${lost.length} of ${acknowledged.length} acknowledged writes`);
}

async function ended(begun: ReturnType<NotesService['begin']>, result: string): Promise<void> {
  const { code, stdout, stderr } = await begun.ended;
  assert.equal(code, 0, stdout + stderr);
  assert.equal(JSON.parse(stdout).result, result);
}

test(
  'notes written all the time, through upgrade, rollback and return, are all there',
  limits,
  async (t) => {
    const app = await NotesService.start(t);
    const hammer = hammering(t, 'hammered', {
      write: async (text) => (await app.post(text)) !== null,
      pauseMs: 5,
    });
    await hammer.more(20);
    await ended(app.begin('upgrade', '--to', '2.0.0', '--yes', '--json'), 'upgraded');
    await hammer.more(20);
    requireAll(app.bodies(), [...hammer.acknowledged]);
    await ended(app.begin('rollback', '--yes', '--json'), 'rolled-back');
    await hammer.more(20);
    requireAll(app.bodies(), [...hammer.acknowledged]);
    await ended(app.begin('return', '--release-hold', '--yes', '--json'), 'returned');
    await hammer.more(20);
    const acknowledged = await hammer.stop();
    requireAll(app.bodies(), acknowledged);
    assert.equal(app.bodies().length, new Set(app.bodies()).size, 'no note is there twice');
  },
);

test(
  'Social Download Manager: what it acknowledges while it is switched is kept',
  limits,
  async (t) => {
    const media = await startMediaServer();
    t.after(() => media.close());
    const managed = await Managed.install(t, ['1.2.1', '2.0.0']);
    await managed.document('service', 'start');
    const client = managed.client();
    await setUp(client);
    const queue = async (text: string): Promise<boolean> => {
      const links = [`${media.origin}/file/${text.replace(' ', '-')}.mp4?size=10`];
      return client.post('/api/downloads', { links }).then(
        ({ status }) => status === 202,
        () => false,
      );
    };
    const hammer = hammering(t, 'clip', { write: queue, pauseMs: 250 });
    for (const command of [
      ['upgrade', '--to', '2.0.0', '--yes'],
      ['rollback', '--yes'],
      ['return', '--release-hold', '--yes'],
    ]) {
      await hammer.more(5);
      await managed.document(...command);
    }
    await hammer.more(5);
    const acknowledged = await hammer.stop();
    requireAll(
      await linksIn(client),
      acknowledged.map((text) => linkOf(media, text)),
    );
  },
);

/** The links of the whole history, which is told by pages of 500 at most. */
async function linksIn(client: Client): Promise<readonly string[]> {
  const links: string[] = [];
  for (let total = 1; links.length < total;) {
    const page = await client.get(`/api/downloads?sort=oldest&limit=500&offset=${links.length}`);
    total = page.number('total');
    for (const row of page.list('downloads')) {
      assert(typeof row === 'object' && row !== null && 'url' in row);
      links.push(String(row.url));
    }
  }
  return links;
}

function linkOf(media: MediaServer, text: string): string {
  return `${media.origin}/file/${text.replace(' ', '-')}.mp4?size=10`;
}
