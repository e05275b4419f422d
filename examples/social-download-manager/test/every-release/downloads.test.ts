import assert from 'node:assert/strict';
import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMediaServer, type MediaServer } from '../../media-server/server.ts';
import { firstAccount, signedIn } from '../accounts.ts';
import type { Answer, Client } from '../client.ts';
import { releases } from '../releases.ts';
import { limitMs } from '../patience.ts';
import { dataFolder, type RunningServer } from '../running.ts';
import { assertContent, fileGets } from '../1.2.1/media.ts';

for (const { version, completed } of releases)
  describe(`release ${version}`, () => {
    /** Asks for the download again and again until it is as wanted. */
    async function until(
      client: Client,
      id: number,
      isReached: (download: Answer) => boolean,
    ): Promise<Answer> {
      for (const start = Date.now(); ; await sleep(20)) {
        const answer = await client.get('/api/downloads/active');
        const index = answer.list('downloads').findIndex((one) => Object(one).id === id);
        if (index !== -1 && isReached(answer)) return answer;
        assert.ok(Date.now() - start < limitMs, `not reached within ${limitMs} ms: ${answer.text}`);
      }
    }

    async function untilStatus(client: Client, id: number, status: string): Promise<Answer> {
      return until(client, id, (answer) =>
        answer
          .list('downloads')
          .some((one) => Object(one).id === id && Object(one).status === status),
      );
    }

    /** When some bytes have come, but not all. */
    async function untilUnderWay(client: Client, id: number): Promise<void> {
      await until(client, id, (answer) =>
        answer
          .list('downloads')
          .some((one) => Object(one).id === id && Object(one).receivedBytes > 0),
      );
    }

    async function add(client: Client, link: string): Promise<number> {
      const answer = await client.post('/api/downloads', { links: [link] });
      assert.equal(answer.status, 202, answer.text);
      assert.deepEqual(answer.at('refused'), []);
      return answer.number('accepted.0.id');
    }

    describe('downloads through the server', () => {
      const folder = dataFolder({ after });
      let media: MediaServer;
      let server: RunningServer;
      let client: Client;

      before(async () => {
        media = await startMediaServer();
        server = await folder.start(version);
        client = await firstAccount(server);
      });
      after(() => media.close());

      const path = (name: string) => join(folder.path, 'downloads', name);

      test('a file is downloaded, counted and handed out', async () => {
        const id = await add(client, `${media.origin}/file/film.mp4?size=100000`);
        await untilStatus(client, id, completed);
        const history = await client.get(`/api/downloads?status=${completed}`);
        assert.equal(history.at('downloads.0.id'), id);
        assert.equal(history.at('downloads.0.sizeBytes'), 100_000);
        assert.equal(history.at('downloads.0.receivedBytes'), 100_000);
        const fileName = history.string('downloads.0.fileName');
        await assertContent(path(fileName), { name: 'film.mp4', sizeBytes: 100_000 });
        const handed = await fetch(`${server.origin}/api/downloads/${id}/file`, {
          headers: { cookie: client.cookies },
        });
        assert.equal((await handed.arrayBuffer()).byteLength, 100_000);
        const { text } = await client.get('/metrics');
        assert.match(
          text,
          new RegExp(
            `^sdm_downloads_finished_total\\{platform="direct",result="${completed}"\\} 1$`,
            'm',
          ),
        );
        assert.match(text, /^sdm_download_bytes_total 100000$/m);
        assert.match(text, new RegExp(`^sdm_downloads\\{status="${completed}"\\} 1$`, 'm'));
      });

      test('cancel keeps the part, resume goes on from it, and each is refused at the wrong time', async () => {
        const release = media.holdFile('slow.mp4');
        const id = await add(client, `${media.origin}/file/slow.mp4?size=400000`);
        await untilUnderWay(client, id);
        assert.equal((await client.post(`/api/downloads/${id}/resume`)).status, 409);
        const cancelled = await client.post(`/api/downloads/${id}/cancel`);
        assert.equal(cancelled.at('status'), 'cancelled');
        release();
        const again = await client.post(`/api/downloads/${id}/cancel`);
        assert.equal(again.status, 409);
        assert.equal(again.at('error.code'), 'download/not-active');
        const seen = fileGets(media).length;
        const resumed = await client.post(`/api/downloads/${id}/resume`);
        assert.equal(resumed.status, 200, resumed.text);
        await untilStatus(client, id, completed);
        const ranges = fileGets(media)
          .slice(seen)
          .map(({ range }) => range);
        assert.match(ranges.join(), /^bytes=[1-9]\d*-$/);
      });

      test('a failure is told, and retry starts afresh', async () => {
        media.controlFile('broken.mp4', { status: '404' });
        const id = await add(client, `${media.origin}/file/broken.mp4?size=1000`);
        await untilStatus(client, id, 'failed');
        const failed = await client.get('/api/downloads?status=failed');
        assert.match(failed.string('downloads.0.error'), /404/);
        media.controlFile('broken.mp4', {});
        const retried = await client.post(`/api/downloads/${id}/retry`);
        assert.equal(retried.status, 200, retried.text);
        await untilStatus(client, id, completed);
      });

      test('a download that is deleted while it runs leaves nothing behind', async () => {
        const entries = readdirSync(path(''), { recursive: true });
        media.holdFile('gone.mp4');
        const id = await add(client, `${media.origin}/file/gone.mp4?size=400000`);
        await untilUnderWay(client, id);
        assert.equal((await client.delete(`/api/downloads/${id}?file=true`)).status, 204);
        assert.equal((await client.get('/api/downloads/active')).text.includes('gone.mp4'), false);
        assert.deepEqual(readdirSync(path(''), { recursive: true }), entries);
      });

      for (const end of ['stop', 'kill'] as const)
        test(`a download that a ${end} has interrupted goes on after the start`, async () => {
          const name = `${end}.mp4`;
          const release = media.holdFile(name);
          const id = await add(client, `${media.origin}/file/${name}?size=600000`);
          await untilUnderWay(client, id);
          await server[end]();
          release();
          const seen = fileGets(media).length;
          server = await folder.start(version);
          client = await signedIn(server, 'owner');
          await untilStatus(client, id, completed);
          const ranges = fileGets(media)
            .slice(seen)
            .map(({ range }) => range);
          assert.match(ranges.join(), /^bytes=[1-9]\d*-$/);
          const history = await client.get(`/api/downloads?search=${name}`);
          const fileName = history.string('downloads.0.fileName');
          await assertContent(path(fileName), { name, sizeBytes: 600_000 });
        });

      test('without the download folder a download fails clearly, and is resumed when it is back', async () => {
        renameSync(path(''), join(folder.path, 'unmounted'));
        const id = await add(client, `${media.origin}/file/late.mp4?size=1000`);
        await untilStatus(client, id, 'failed');
        const failed = await client.get('/api/downloads?search=late.mp4');
        assert.match(failed.string('downloads.0.error'), /^folder\/gone: /);
        assert.equal(readdirSync(folder.path).includes('downloads'), false);
        renameSync(join(folder.path, 'unmounted'), path(''));
        assert.equal((await client.post(`/api/downloads/${id}/resume`)).status, 200);
        await untilStatus(client, id, completed);
      });
    });
  });
