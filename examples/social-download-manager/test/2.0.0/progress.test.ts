import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startMediaServer, type MediaServer } from '../../media-server/server.ts';
import { addMember, firstAccount } from '../accounts.ts';
import type { Client } from '../client.ts';
import { followStream, type StreamedEvent } from '../event-stream.ts';
import { dataFolder, type RunningServer } from '../running.ts';

const statusIs =
  (id: number, status: string) =>
  ({ data }: StreamedEvent): boolean =>
    Object(data).id === id && Object(data).status === status;

describe('the stream of progress', () => {
  const folder = dataFolder({ after });
  let media: MediaServer;
  let server: RunningServer;
  let admin: Client;

  before(async () => {
    media = await startMediaServer();
    server = await folder.start('2.0.0');
    admin = await firstAccount(server);
  });
  after(() => media.close());

  async function add(client: Client, file: string): Promise<number> {
    const answer = await client.post('/api/downloads', { links: [`${media.origin}/file/${file}`] });
    return answer.number('accepted.0.id');
  }

  test('tells every change of a download, from the link to the finished file', async () => {
    const stream = await followStream(admin, '/api/progress');
    assert.equal(stream.status, 200);
    assert.equal(stream.type, 'text/event-stream; charset=utf-8');
    const id = await add(admin, 'film.mp4?size=600000&rate=200000');
    await stream.until(
      ({ data }) => Object(data).status === 'downloading' && Object(data).receivedBytes > 0,
    );
    const last = await stream.until(statusIs(id, 'completed'));
    stream.close();
    assert.deepEqual(last, {
      name: 'progress',
      data: {
        id,
        status: 'completed',
        receivedBytes: 600_000,
        sizeBytes: 600_000,
        bytesPerSecond: Object(last.data).bytesPerSecond,
      },
    });
    const statuses = stream.seen.map(({ data }) => Object(data).status);
    assert.deepEqual([...new Set(statuses)], ['pending', 'downloading', 'completed']);
    assert.ok(stream.seen.some(({ data }) => Object(data).bytesPerSecond > 0));
  });

  test('begins with where things stand, and tells what is removed', async () => {
    const id = await add(admin, 'slow.mp4?size=600000&rate=50000');
    const stream = await followStream(admin, '/api/progress');
    await stream.until(({ data }) => Object(data).id === id);
    assert.equal((await admin.delete(`/api/downloads/${id}?file=true`)).status, 204);
    const removed = await stream.until(({ name }) => name === 'removed');
    assert.deepEqual(removed.data, { id });
    stream.close();
  });

  test('tells nothing of somebody else’s downloads', async () => {
    const member = await addMember(server, admin, 'member');
    const stream = await followStream(member, '/api/progress');
    const others = await add(admin, 'others.mp4?size=1000');
    const own = await add(member, 'own.mp4?size=1000');
    await stream.until(statusIs(own, 'completed'));
    stream.close();
    assert.deepEqual(
      stream.seen.filter(({ data }) => Object(data).id === others),
      [],
    );
  });

  test('is closed to whoever is not signed in', async () => {
    assert.equal((await server.client().get('/api/progress')).status, 401);
  });

  test('ends when the server stops, which does not wait for it', async () => {
    const other = await dataFolder({ after }).start('2.0.0');
    const stream = await followStream(await firstAccount(other), '/api/progress');
    assert.deepEqual(await other.stop(), { code: 0, signal: null });
    await stream.ended;
  });

  test('is switched off in config.json', async () => {
    await server.stop();
    const path = join(folder.path, 'config.json');
    const config = JSON.parse(readFileSync(path, 'utf8'));
    config.features.progressStream = false;
    writeFileSync(path, JSON.stringify(config));
    server = await folder.start('2.0.0');
    const client = server.client();
    await client.post('/api/login', { name: 'owner', password: 'correct horse battery' });
    assert.equal((await client.get('/api/session')).at('features.progressStream'), false);
    assert.equal((await client.get('/api/progress')).at('error.code'), 'feature/off');
  });
});
