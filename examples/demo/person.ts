import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Client } from '../social-download-manager/test/client.ts';
import type { Holdings, Row } from './holdings.ts';

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

const downloadLimitMs = 30_000;
const pollMs = 40;
const fileBytes = 2_000_000;

/** What only 2.0.0 can hold: a rollback parks it. */
const partsOf2 = (name: string): boolean => /theme/.test(name);

/**
 * Somebody who uses Social Download Manager over HTTP, and remembers what they asked for: that, and
 * nothing that a release has told, is what the answers are compared with.
 */
export class Person implements Credentials {
  readonly name = 'ann';
  readonly password = 'correct horse battery';
  readonly #mediaOrigin: string;
  readonly #rows = new Map<number, Row>();
  readonly #settings = new Map<string, string>();

  constructor(mediaOrigin: string) {
    this.#mediaOrigin = mediaOrigin;
  }

  /** What was asked for so far. */
  wishes(): Holdings {
    return { rows: new Map(this.#rows), settings: new Map(this.#settings) };
  }

  /** The part of it that 1.2.1 has a place for. */
  wishesOf1(): Holdings {
    const settings = [...this.#settings].filter(([name]) => !partsOf2(name));
    return { rows: new Map(this.#rows), settings: new Map(settings) };
  }

  async setUp(client: Client): Promise<void> {
    const { name, password } = this;
    granted(await client.post('/api/setup', { name, password }), 201);
    await this.prefer(client, { language: 'en', compact: false });
    await this.allowAtOnce(client, 3);
  }

  async signIn(client: Client): Promise<void> {
    const { name, password } = this;
    granted(await client.post('/api/login', { name, password }), 200);
  }

  /** Downloads files from the media server, and waits until each has ended. */
  async download(client: Client, titles: readonly string[]): Promise<void> {
    for (const [id, title] of await this.#add(client, titles)) {
      this.#rows.set(id, { title, status: 'done', file: 'whole', isPinned: false });
    }
  }

  /** Tries to download while the release cannot: the history then says so. */
  async downloadInVain(client: Client, title: string): Promise<string> {
    const ids = await this.#add(client, [title]);
    for (const id of ids.keys()) {
      const link = this.#linkOf(title);
      this.#rows.set(id, { title: link, status: 'failed', file: null, isPinned: false });
    }
    const answer = granted(await client.get('/api/downloads?limit=1'), 200);
    return String(answer.at('downloads.0.error'));
  }

  async delete(client: Client, title: string): Promise<void> {
    const id = this.#idOf(title);
    granted(await client.delete(`/api/downloads/${id}`), 204);
    this.#rows.delete(id);
  }

  async retitle(client: Client, title: string, newTitle: string): Promise<void> {
    const id = this.#idOf(title);
    granted(await client.patch(`/api/downloads/${id}`, { title: newTitle }), 200);
    this.#change(id, { title: newTitle });
  }

  async pin(client: Client, title: string): Promise<void> {
    const id = this.#idOf(title);
    const uiState = { pinned: true, expanded: false };
    granted(await client.patch(`/api/downloads/${id}`, { uiState }), 200);
    this.#change(id, { isPinned: true });
  }

  async prefer(
    client: Client,
    { language, compact }: { readonly language: 'en' | 'vi'; readonly compact: boolean },
  ): Promise<void> {
    granted(await client.put('/api/preferences', { language, ui: { compact } }), 200);
    this.#settings.set('language', language).set('compact list', String(compact));
  }

  /** An administrator's setting; it stands in config.json, not in the database. */
  async allowAtOnce(client: Client, maxConcurrentDownloads: number): Promise<void> {
    granted(await client.put('/api/settings', { maxConcurrentDownloads }), 200);
    this.#settings.set('downloads at once', String(maxConcurrentDownloads));
  }

  /** Makes a theme and uses it; 1.2.1 knows of no such thing. */
  async makeTheme(client: Client, name: string): Promise<void> {
    const colors = { background: '#062a3a', text: '#eaf6fb', accent: '#3cc8f4', panel: '#0c3b50' };
    const made = granted(await client.post('/api/themes', { name, colors }), 201);
    granted(await client.put('/api/preferences', { themeId: made.number('theme.id') }), 200);
    this.#settings.set(`theme ${name}`, JSON.stringify(colors)).set('active theme', name);
  }

  async #add(client: Client, titles: readonly string[]): Promise<Map<number, string>> {
    const links = titles.map((title) => this.#linkOf(title));
    const answer = granted(await client.post('/api/downloads', { links }), 202);
    assert.equal(answer.list('accepted').length, titles.length, answer.text);
    await waitForDownloads(client);
    return new Map(titles.map((title, n) => [answer.number(`accepted.${n}.id`), title]));
  }

  #linkOf(title: string): string {
    return `${this.#mediaOrigin}/file/${encodeURIComponent(title)}.mp4?size=${fileBytes}`;
  }

  #idOf(title: string): number {
    const found = [...this.#rows].find(([, row]) => row.title === title);
    assert(found !== undefined, `${title} was never downloaded`);
    return found[0];
  }

  #change(id: number, change: Partial<Row>): void {
    const row = this.#rows.get(id);
    assert(row !== undefined);
    this.#rows.set(id, { ...row, ...change });
  }
}

async function waitForDownloads(client: Client): Promise<void> {
  const deadline = Date.now() + downloadLimitMs;
  while (Date.now() < deadline) {
    const rows = granted(await client.get('/api/downloads?limit=500'), 200).list('downloads');
    if (!rows.some((row) => /^(queued|running|pending|downloading)$/.test(statusOf(row)))) return;
    await sleep(pollMs);
  }
  assert.fail(`the downloads did not end within ${downloadLimitMs / 1000} s`);
}

function statusOf(row: unknown): string {
  return String(Object(row)['status']);
}

function granted(answer: Answer, status: number): Answer {
  assert.equal(answer.status, status, answer.text);
  return answer;
}
