import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { besideWritten, entryLines } from './proposal.ts';
import { pairedDocument, proposalsFor } from './propose.ts';

const group = 'users/*.json';
const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

interface Upgraded {
  readonly before: unknown;
  readonly after: unknown;
  readonly written?: Readonly<Record<string, unknown>>;
}

async function propose(...upgraded: readonly Upgraded[]): ReturnType<typeof proposalsFor> {
  const documents = upgraded.flatMap(({ before, after, written = {} }, n) => {
    const states = { before: bytes(before), after: bytes(after) };
    return pairedDocument(`users/${n}.json`, states, written) ?? [];
  });
  return proposalsFor(group, documents);
}

/** Proven lines, and guesses with a question mark, of the first document. */
async function linesOf(...upgraded: readonly Upgraded[]): Promise<string[]> {
  const proposals = await propose(...upgraded);
  return proposals.flatMap(({ documents, isProven }) =>
    entryLines(documents['users/0.json'] ?? {}).map((line) => `${isProven ? '' : '? '}${line}`),
  );
}

const folder = '/home/kim/Downloads';

describe('what a pair of documents proposes', () => {
  it('takes a telling value that left one place and stands at one other for moved', async () => {
    const upgraded = { before: { download_folder: folder }, after: { downloads: { folder } } };
    assert.deepEqual(await linesOf(upgraded), ['download_folder: downloads.folder']);
    const [proposal] = await propose(upgraded);
    assert.equal(proposal?.place, 'users/0.json#download_folder');
    assert.equal(
      proposal.evidence,
      'downloads.folder holds what download_folder held, and no other place does',
    );
  });

  it('takes nothing from short values, though the names are alike', async () => {
    for (const value of [
      1,
      true,
      30,
      1080,
      'dark',
      '',
      null,
      'en-US',
      'automatic',
      'application/json',
      100000,
      86400000,
      1073741824,
      2147483647,
      4294967295,
      65537,
      9999999999,
    ]) {
      const lines = await linesOf({
        before: { max_size: value },
        after: { limits: { maxSize: value } },
      });
      assert.deepEqual(
        lines.filter((line) => !line.startsWith('? ')),
        [],
        JSON.stringify(value),
      );
    }
  });

  it('asks more of a value where the names tell nothing', async () => {
    const moved = (value: string): Upgraded => ({ before: { folder: value }, after: { x: value } });
    assert.deepEqual(await linesOf(moved('https://api.example.com/v1')), ['? folder: x']);
    assert.deepEqual(await linesOf(moved('6f1c2b9e-58d4-4b7a-9c03-d2e8a417f650')), ['folder: x']);
  });

  it('takes nothing where another place holds the same, on either side', async () => {
    const moved = { download_folder: folder };
    for (const upgraded of [
      { before: moved, after: { downloads: { folder }, other: folder } },
      { before: { ...moved, other: folder }, after: { downloads: { folder } } },
      { before: { ...moved, kept: folder }, after: { downloads: { folder }, kept: folder } },
    ]) {
      const lines = await linesOf(upgraded);
      assert.deepEqual(lines, ['? download_folder: downloads.folder'], JSON.stringify(upgraded));
    }
  });

  it('takes a place that is still there for itself, whatever holds its former value', async () => {
    const before = { folder, last_folder: '/home/kim/Desktop' };
    const after = { folder: '/home/kim/New', last_folder: '/home/kim/Desktop', previous: folder };
    assert.deepEqual(await linesOf({ before, after }), []);
  });

  it('moves a whole object by one line, and one that was added to member by member', async () => {
    const server = { host: 'downloads.example.com', port: 8443, secure: true };
    const whole = { before: { server }, after: { network: { server } } };
    assert.deepEqual(await linesOf(whole), ['server: network.server']);
    const more = { before: { server }, after: { network: { server: { ...server, retries: 3 } } } };
    assert.deepEqual(await linesOf(more), [
      'server.host: network.server.host',
      'server.port: network.server.port',
      'server.secure: network.server.secure',
    ]);
  });

  it('follows a value into an object of its own name', async () => {
    const upgraded = { before: { folder }, after: { folder: { path: folder, watch: true } } };
    assert.deepEqual(await linesOf(upgraded), ['folder: folder.path']);
  });

  it('takes short values that follow each other through several documents, and no constant', async () => {
    const moved = (theme: string): Upgraded => ({
      before: { theme },
      after: { ui: { theme: { mode: theme } } },
    });
    const varied = ['dark', 'light', 'dark', 'sepia'].map(moved);
    assert.deepEqual(await linesOf(...varied), ['theme: ui.theme.mode']);
    const [proposal] = await propose(...varied);
    assert.equal(proposal?.place, 'users/*.json#theme');
    assert.equal(proposal.places.length, 4);
    assert.match(proposal.evidence, /in 4 of 4 documents/);
    const constant = ['dark', 'dark', 'dark', 'dark'].map(moved);
    assert.deepEqual(await linesOf(...constant), ['? theme: ui.theme.mode']);
    const broken = { before: { theme: 'dark' }, after: { ui: { theme: { mode: 'light' } } } };
    assert.deepEqual(await linesOf(...varied, broken), []);
    const kept = { before: { theme: 'dark' }, after: { theme: 'dark' } };
    assert.deepEqual(await linesOf(...varied, kept), []);
  });

  it('takes words that stand for others in two places, and guesses where it saw them once', async () => {
    const renamed = (state: string, latest: string): Upgraded => ({
      before: { state },
      after: { state: latest },
    });
    const done = renamed('done', 'completed');
    const map = 'state: { map: { completed: done } }';
    assert.deepEqual(await linesOf(done, done), [map]);
    assert.deepEqual(await linesOf(done), [`? ${map}`]);
    assert.deepEqual(await linesOf(done, renamed('failed', 'failed'), done), [
      'state: { map: { completed: done, failed: failed } }',
    ]);
    const swapped = [done, done, renamed('completed', 'done')];
    assert.ok((await linesOf(...swapped)).every((line) => line.startsWith('? ')));
    assert.deepEqual(await linesOf(done, renamed('done', 'ended')), []);
    assert.deepEqual(await linesOf(renamed('1.2.1', '2.0.0'), renamed('1.2.1', '2.0.0')), []);
  });

  it('leaves alone what a reversal file speaks of', async () => {
    const written = { download_folder: 'downloads.other' };
    const before = { download_folder: folder };
    const after = { downloads: { folder, other: '/' } };
    assert.deepEqual(await linesOf({ before, after, written }), []);
    const taken = { download_folder: 'downloads.folder', state: 'job.state' };
    assert.deepEqual(besideWritten(written, taken), { state: 'job.state' });
    assert.deepEqual(besideWritten({ job: 'work' }, taken), {
      download_folder: 'downloads.folder',
      state: 'job.state',
    });
    assert.deepEqual(besideWritten({ other: 'job' }, taken), {
      download_folder: 'downloads.folder',
    });
  });
});
