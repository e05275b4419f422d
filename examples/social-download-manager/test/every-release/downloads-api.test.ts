import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { addMember, firstAccount } from '../accounts.ts';
import type { Answer, Client } from '../client.ts';
import { releases } from '../releases.ts';
import { dataFolder, type RunningServer } from '../running.ts';

for (const { version, completed, hasFilesTable } of releases)
  describe(`release ${version}`, () => {
    const owner = 1;

    interface FinishedRow {
      readonly userId?: number;
      readonly title: string;
      readonly fileName?: string | null;
      readonly sizeBytes?: number | null;
      readonly status?: string;
      readonly quality?: string;
      readonly addedAt?: string;
    }

    describe('the history', () => {
      const folder = dataFolder({ after });
      let server: RunningServer;
      let admin: Client;
      let member: Client;

      before(async () => {
        server = await folder.start(version);
        admin = await firstAccount(server);
        member = await addMember(server, admin, 'member');
      });

      /** Adds a row as a finished download leaves it, and returns its id. */
      function addRow({ fileName = null, sizeBytes = null, ...row }: FinishedRow): number {
        const database = new DatabaseSync(join(folder.path, 'sdm.db'));
        const { lastInsertRowid: id } = database
          .prepare(
            `INSERT INTO download_history (user_id, platform, url, title, quality, status, added_at)
             VALUES (:userId, 'direct', 'https://example.com/media', :title, :quality, :status, :addedAt)`,
          )
          .run({
            userId: owner,
            status: completed,
            quality: 'best',
            addedAt: '2026-01-01T00:00:00.000Z',
            ...row,
          });
        const file = hasFilesTable
          ? 'INSERT INTO download_files (download_id, file_name, size_bytes) VALUES (:id, :fileName, :sizeBytes)'
          : 'UPDATE download_history SET file_name = :fileName, size_bytes = :sizeBytes WHERE id = :id';
        database.prepare(file).run({ id, fileName, sizeBytes });
        database.close();
        return Number(id);
      }

      function titles(answer: Answer): readonly unknown[] {
        assert.equal(answer.status, 200, answer.text);
        return answer.list('downloads').map((_, index) => answer.at(`downloads.${index}.title`));
      }

      test('search, sort, status and pages', async () => {
        addRow({ title: 'Banana 100%', sizeBytes: 10, addedAt: '2026-01-01T00:00:00.000Z' });
        addRow({ title: 'apple_pie', sizeBytes: 30, addedAt: '2026-01-03T00:00:00.000Z' });
        addRow({ title: 'Tiếng VIỆT', sizeBytes: 20, addedAt: '2026-01-02T00:00:00.000Z' });
        addRow({
          title: 'cancelled one',
          status: 'cancelled',
          addedAt: '2026-01-04T00:00:00.000Z',
        });
        const get = (query: string) => admin.get(`/api/downloads?${query}`);
        const newest = ['cancelled one', 'apple_pie', 'Tiếng VIỆT', 'Banana 100%'];
        assert.deepEqual(titles(await get('')), newest);
        assert.deepEqual(titles(await get('sort=oldest')), newest.toReversed());
        assert.deepEqual(titles(await get('sort=title')), [
          'apple_pie',
          'Banana 100%',
          'cancelled one',
          'Tiếng VIỆT',
        ]);
        assert.deepEqual(titles(await get('sort=size')), [
          'apple_pie',
          'Tiếng VIỆT',
          'Banana 100%',
          'cancelled one',
        ]);
        assert.deepEqual(titles(await get('status=cancelled')), ['cancelled one']);
        assert.deepEqual(titles(await get('limit=2&offset=1')), ['apple_pie', 'Tiếng VIỆT']);
        assert.equal((await get('limit=2&offset=1')).at('total'), 4);
        for (const [search, found] of [
          ['APPLE', ['apple_pie']],
          ['%25', ['Banana 100%']],
          ['_', ['apple_pie']],
          [encodeURIComponent('việt'), ['Tiếng VIỆT']],
          [encodeURIComponent('việt'.normalize('NFD')), ['Tiếng VIỆT']],
          ['example.com%2Fmedia', newest],
          ["'%20OR%201=1%20--", []],
        ] as const)
          assert.deepEqual(titles(await get(`search=${search}`)), found, search);
        for (const wrong of [
          'sort=best',
          'status=lost',
          'limit=0',
          'limit=x',
          'offset=-1',
          'limit=501',
        ])
          assert.equal((await get(wrong)).status, 400, wrong);
      });

      test('a download is renamed and its row’s state is kept', async () => {
        const id = addRow({ title: 'before', fileName: 'before.mp4' });
        const uiState = { pinned: true, expanded: false };
        const changed = await admin.patch(`/api/downloads/${id}`, { title: 'A/B 🎬', uiState });
        assert.equal(changed.at('title'), 'A/B 🎬');
        assert.deepEqual(changed.at('uiState'), uiState);
        assert.equal(changed.at('fileName'), 'before.mp4');
        assert.equal(changed.at('userId'), undefined);
        const cleared = await admin.patch(`/api/downloads/${id}`, { uiState: null });
        assert.equal(cleared.at('uiState'), null);
        assert.equal(cleared.at('title'), 'A/B 🎬');
        for (const wrong of [
          { title: '' },
          { title: 'n'.repeat(501) },
          { title: 'nul\u0000' },
          { title: 'half \ud83c' },
          { uiState: { pinned: 1 } },
        ])
          assert.equal((await admin.patch(`/api/downloads/${id}`, wrong)).status, 400);
        assert.equal(
          (await admin.patch(`/api/downloads/${id}`, { title: 'n'.repeat(300) })).status,
          200,
        );
      });

      test('somebody else’s download is as unknown as none', async () => {
        const id = addRow({ title: 'the owner’s', fileName: 'own.mp4' });
        assert.equal((await member.get('/api/downloads')).at('total'), 0);
        const answers = await Promise.all([
          member.patch(`/api/downloads/${id}`, { title: 'mine' }),
          member.delete(`/api/downloads/${id}`),
          member.get(`/api/downloads/${id}/file`),
          member.post(`/api/downloads/${id}/cancel`),
          member.post(`/api/downloads/${id}/resume`),
          member.post(`/api/downloads/${id}/retry`),
          admin.patch('/api/downloads/999999', { title: 'none' }),
        ]);
        assert.deepEqual(
          answers.map((answer) => [answer.status, answer.at('error.code')]),
          answers.map(() => [404, 'download/unknown']),
        );
      });

      test('a finished file is sent whole and in ranges, under its own name', async () => {
        const name = 'Tiếng "Việt" 100% 🎬.mp4';
        mkdirSync(join(folder.path, 'downloads/music'));
        writeFileSync(join(folder.path, 'downloads/music', name), '0123456789');
        const id = addRow({ title: 'film', fileName: `music/${name}` });
        const get = (headers: Record<string, string> = {}) =>
          admin.get(`/api/downloads/${id}/file`, {
            headers: { cookie: admin.cookies, ...headers },
          });
        const whole = await get();
        assert.equal(whole.status, 200);
        assert.equal(whole.text, '0123456789');
        assert.equal(whole.headers.get('content-type'), 'video/mp4');
        assert.equal(
          whole.headers.get('content-disposition'),
          `attachment; filename="Tieng _Viet_ 100_ _.mp4"; filename*=UTF-8''Ti%E1%BA%BFng%20%22Vi%E1%BB%87t%22%20100%25%20%F0%9F%8E%AC.mp4`,
        );
        const etag = whole.headers.get('etag') ?? '';
        for (const [headers, status, body, contentRange] of [
          [{ range: 'bytes=2-4' }, 206, '234', 'bytes 2-4/10'],
          [{ range: 'bytes=8-' }, 206, '89', 'bytes 8-9/10'],
          [{ range: 'bytes=-3' }, 206, '789', 'bytes 7-9/10'],
          [{ range: 'bytes=0-99' }, 206, '0123456789', 'bytes 0-9/10'],
          [{ range: 'bytes=10-' }, 416, '', 'bytes */10'],
          [{ range: 'bytes=4-2' }, 200, '0123456789', null],
          [{ range: 'lines=1-2' }, 200, '0123456789', null],
          [{ range: 'bytes=2-4', 'if-range': etag }, 206, '234', 'bytes 2-4/10'],
          [{ range: 'bytes=2-4', 'if-range': '"other"' }, 200, '0123456789', null],
        ] as const) {
          const answer = await get(headers);
          const seen = [answer.status, answer.text, answer.headers.get('content-range')];
          assert.deepEqual(seen, [status, body, contentRange], JSON.stringify(headers));
        }
      });

      test('what is not a finished file in the download folder is not sent', async () => {
        symlinkSync('/etc', join(folder.path, 'downloads/link'));
        for (const [fileName, status] of [
          ['gone.mp4', 404],
          ['../config.json', 404],
          [join(folder.path, 'config.json'), 404],
          ['link/hostname', 404],
          ['', 404],
        ] as const) {
          const id = addRow({ title: 'file', fileName });
          const answer = await admin.get(`/api/downloads/${id}/file`);
          assert.equal(answer.status, status, fileName);
          assert.equal(answer.at('error.code'), 'file/missing');
        }
        const unfinished = addRow({ title: 'failed', status: 'failed', fileName: 'gone.mp4' });
        const answer = await admin.get(`/api/downloads/${unfinished}/file`);
        assert.equal(answer.at('error.code'), 'file/unfinished');
      });

      test('an error that nobody expected is answered with an id, under which the log has its stack', async () => {
        const id = addRow({ title: 'odd', quality: 'unheard of' });
        const answer = await admin.get('/api/downloads?search=odd');
        assert.equal(answer.status, 500);
        assert.equal(answer.at('error.code'), 'server/failure');
        const failed = server.log.filter(({ event }) => event === 'request-failed');
        assert.equal(failed.length, 1);
        assert.ok(answer.string('error.message').includes(String(failed[0]?.['id'])));
        assert.match(String(failed[0]?.['stack']), /ShapeError: quality: .*\n +at /);
        const database = new DatabaseSync(join(folder.path, 'sdm.db'));
        database.prepare('DELETE FROM download_history WHERE id = ?').run(id);
        database.close();
        assert.equal((await admin.get('/api/downloads')).status, 200);
      });

      test('a download is deleted with its file or without it', async () => {
        const place = join(folder.path, 'downloads/deleted');
        mkdirSync(place);
        for (const name of ['with.mp4', 'without.mp4']) writeFileSync(join(place, name), 'x');
        const withFile = addRow({ title: 'with', fileName: 'deleted/with.mp4' });
        const without = addRow({ title: 'without', fileName: 'deleted/without.mp4' });
        assert.equal((await admin.delete(`/api/downloads/${withFile}?file=true`)).status, 204);
        assert.equal((await admin.delete(`/api/downloads/${without}`)).status, 204);
        assert.deepEqual(readdirSync(place), ['without.mp4']);
        assert.equal((await admin.delete(`/api/downloads/${without}`)).status, 404);
        rmSync(place, { recursive: true });
      });

      test('links that are none are refused one by one, with a code each', async () => {
        await admin.put('/api/platforms/tiktok', { isEnabled: false });
        const links = {
          'not a link': 'link/invalid',
          'https://example.com/a\u0000b': 'link/invalid',
          '': 'link/invalid',
          'file:///etc/passwd': 'link/scheme',
          'javascript:alert(1)': 'link/scheme',
          'https://user:secret@example.com/a.mp4': 'link/credentials',
          [`https://example.com/${'a'.repeat(2_048)}`]: 'link/too-long',
          'https://www.tiktok.com/@somebody/video/7000000000000000001': 'platform/disabled',
        };
        const answer = await member.post('/api/downloads', { links: Object.keys(links) });
        assert.equal(answer.status, 202);
        assert.deepEqual(answer.at('accepted'), []);
        assert.deepEqual(
          answer.list('refused').map((_, index) => answer.at(`refused.${index}.code`)),
          Object.values(links),
        );
        assert.equal((await member.get('/api/downloads')).at('total'), 0);
        for (const body of [{}, { links: [] }, { links: [1] }, { links: ['x'], quality: '4k' }])
          assert.equal((await member.post('/api/downloads', body)).status, 400);
      });
    });
  });
