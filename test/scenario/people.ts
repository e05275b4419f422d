import assert from 'node:assert/strict';
import type { Client } from '../../examples/social-download-manager/test/client.ts';

/** Titles and states by id, oldest first, as a release itself tells them over HTTP. */
export async function historyOf(client: Client): Promise<string[]> {
  const answer = await client.get('/api/downloads?sort=oldest&limit=500');
  assert.equal(answer.status, 200, answer.text);
  return answer.list('downloads').map((row) => {
    assert(typeof row === 'object' && row !== null);
    const { id, title, status, uiState } = { id: 0, title: '', status: '', uiState: null, ...row };
    return `${id} ${title} ${status} ${JSON.stringify(uiState)}`;
  });
}

const wordsUnderWay = new Set(['queued', 'running', 'pending', 'downloading']);

/** Downloads direct links and waits until all have ended. */
export async function download(client: Client, links: readonly string[]): Promise<void> {
  const answer = await client.post('/api/downloads', { links });
  assert.equal(answer.status, 202, answer.text);
  const deadline = Date.now() + 300_000;
  while (Date.now() < deadline) {
    const rows = (await client.get('/api/downloads?limit=500')).list('downloads');
    const isBusy = rows.some(
      (row) =>
        typeof row === 'object' &&
        row !== null &&
        'status' in row &&
        wordsUnderWay.has(String(row.status)),
    );
    if (!isBusy) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  assert.fail('the downloads did not end');
}

/** The first account, signed in. */
export async function setUp(client: Client): Promise<void> {
  const answer = await client.post('/api/setup', { name: 'ann', password: 'correct horse' });
  assert.equal(answer.status, 201, answer.text);
}

/** Signs in on a client that may have been signed out. */
export async function signIn(client: Client): Promise<void> {
  const answer = await client.post('/api/login', { name: 'ann', password: 'correct horse' });
  assert.equal(answer.status, 200, answer.text);
}
