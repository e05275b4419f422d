import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { removeTree } from '../../src/host/whole-file.ts';
import { nodeDisk } from '../../src/host/node-disk.ts';
import { said } from './said.ts';
import {
  expectedIn,
  newOnlyIn,
  remove,
  shownIn,
  store,
  storeNewOnly,
  type Download,
  type Side,
} from './split-schema/library.ts';

/** The downloader with its first release, a hundred and twenty downloads, and a model of them. */
class Downloader {
  readonly folder = mkdtempSync(join(tmpdir(), 'split-schema-'));
  readonly file = join(this.folder, 'data/downloads.db');
  readonly downloads = new Map<number, Download>();
  readonly sessions = new Map<number, number[]>();
  readonly colors = new Map<string, string>();
  #lastId = 0;
  #chance = 7;

  constructor(t: TestContext) {
    t.after(() => {
      removeTree(nodeDisk, this.folder);
      rmSync(this.folder, { recursive: true, force: true });
    });
    cpSync(join(import.meta.dirname, 'split-schema'), this.folder, { recursive: true });
    mkdirSync(join(this.folder, 'data'));
    const db = new DatabaseSync(this.file);
    db.exec(readFileSync(join(this.folder, '1.0.0/schema.sql'), 'utf8'));
    db.close();
    for (let n = 0; n < 120; n += 1) this.add('old');
  }

  async backstep(...argv: readonly string[]): Promise<unknown> {
    const { exitCode, stdout, stderr } = await said(this.folder, ...argv, '--json');
    assert.equal(exitCode, 0, `${argv.join(' ')}: ${stdout}${stderr}`);
    return JSON.parse(stdout);
  }

  /** The same numbers at every run of the test. */
  below(limit: number): number {
    this.#chance = (Math.imul(this.#chance, 48_271) >>> 0) % 2_147_483_647;
    return this.#chance % limit;
  }

  pick(): number {
    const ids = [...this.downloads.keys()];
    return ids[this.below(ids.length)] ?? assert.fail('no download is left');
  }

  add(side: Side): void {
    this.#lastId += 1;
    const n = this.#lastId;
    const download: Download = {
      url: `https://example.com/${n}?q=${this.below(9)}`,
      title: `Title ${n} – “ü” 'x'`,
      filepath: `/videos/${n}.mp4`,
      quality: this.below(4) === 0 ? null : '1080p',
      format: 'mp4',
      duration: this.below(5) === 0 ? null : this.below(900),
      filesize: this.below(5) === 0 ? null : 9_007_199_254 + n,
      status: (['Success', 'Failed', 'Pending'] as const)[this.below(3)] ?? 'Success',
      date: `2026-01-${String(1 + this.below(28)).padStart(2, '0')}`,
      platform: ['youtube', 'tiktok', null][this.below(3)] ?? null,
      creator: this.below(3) === 0 ? null : `creator ${this.below(8)}`,
      hashtags: this.tags(),
      extra: { views: this.below(1000), music: { title: 'a', by: ['b'] } },
    };
    this.downloads.set(n, download);
    store(this.file, side, [n, download]);
  }

  tags(): string[] {
    const all = ['music', 'cats', 'news', 'live', `own${this.below(30)}`];
    return all.filter(() => this.below(3) === 0);
  }

  change(side: Side, id: number, change: Partial<Download>): void {
    const download = { ...(this.downloads.get(id) ?? assert.fail()), ...change };
    this.downloads.set(id, download);
    store(this.file, side, [id, download]);
  }

  remove(side: Side, id: number): void {
    this.downloads.delete(id);
    this.sessions.delete(id);
    remove(this.file, side, id);
  }

  /** A person's hour with the release on that side. */
  work(side: Side, round: number): void {
    const name = `${side} ${round}`;
    this.add(side);
    this.add(side);
    this.change(side, this.pick(), { title: `renamed in ${name}` });
    this.change(side, this.pick(), { hashtags: [...this.tags(), `new in ${name}`] });
    this.change(side, this.pick(), { status: 'Failed', filesize: null });
    this.change(side, this.pick(), {
      extra: { views: round, [`key ${name}`]: [1, 'two', { x: true }] },
    });
    this.change(side, this.pick(), { platform: `platform ${side}`, creator: `creator of ${name}` });
    this.remove(side, this.pick());
    if (side === 'new') this.workNewOnly(round);
  }

  workNewOnly(round: number): void {
    const [id, tag] = [this.pick(), ['music', 'cats', 'news'][round % 3] ?? 'live'];
    storeNewOnly(this.file, { session: [id, round] });
    this.sessions.set(id, [...(this.sessions.get(id) ?? []), round]);
    storeNewOnly(this.file, { color: [tag, `#${round}`] });
    this.colors.set(tag, `#${round}`);
  }

  /** What the rollback made is what comes of it again, also after going forth and back. */
  async prove(): Promise<void> {
    const runs = readdirSync(join(this.folder, 'state/runs'));
    const rollback = runs.find((name) => name.startsWith('rollback')) ?? '';
    await this.backstep('prove', rollback);
  }

  /** Everything that was ever done and not taken back is there, and nothing else. */
  requireAll(side: Side, when: string): void {
    assert.deepEqual(shownIn(this.file, side), expectedIn(this.downloads, side), when);
    if (side === 'old') return;
    const sessions = [...this.sessions]
      .sort(([a], [b]) => a - b)
      .flatMap(([id, bytes]) => bytes.map((each) => JSON.stringify([id, each])));
    const colors = [...this.colors]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map((each) => JSON.stringify(each));
    assert.deepEqual(newOnlyIn(this.file), { sessions, colors, miscounted: 0, dangling: 0 }, when);
  }
}

test('a table that the new release splits into seven goes back and forth ten times, and nothing is lost', async (t) => {
  const app = new Downloader(t);
  for (const version of ['1.0.0', '2.0.0']) {
    await app.backstep('release', 'add', version, version);
  }
  await app.backstep('upgrade', '--to', '2.0.0', '--yes');
  app.requireAll('new', 'after the upgrade');
  const [pair = ''] = readdirSync(join(app.folder, 'state/pairs'));
  await app.backstep('reversal', 'check', 'reversals/2.0.0-to-1.0.0.yaml', '--pair', pair);
  for (let round = 1; round <= 10; round += 1) {
    app.work('new', round);
    await app.backstep('rollback', '--yes');
    app.requireAll('old', `back, round ${round}`);
    if (round === 1) await app.prove();
    app.work('old', round);
    await app.backstep('return', '--release-hold', '--yes');
    app.requireAll('new', `forth, round ${round}`);
  }
});
