import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMediaServer } from '../../media-server/server.ts';
import { password, signedIn } from '../accounts.ts';
import { followStream } from '../event-stream.ts';
import { dataFolder } from '../running.ts';
import { query, withDatabase } from '../stored.ts';

test('downloads are listed with their files, and each writes its own', async (t) => {
  const folder = dataFolder(t);
  const media = await startMediaServer();
  t.after(() => media.close());
  const added = await folder.run('2.1.0', ['user', 'add', 'owner'], { stdin: `${password}\n` });
  assert.equal(added.code, 0, added.stderr);
  withDatabase(folder, (database) =>
    database.exec(
      `INSERT INTO download_history (id, user_id, platform, url, title, quality, status, added_at)
       VALUES (5, 1, 'direct', 'https://example.com/', 'Old', 'best', 'completed', '2024-01-01T00:00:00.000Z'),
         (6, 1, 'direct', 'https://example.com/', 'Bare', 'best', 'failed', '2024-01-02T00:00:00.000Z');
       INSERT INTO download_files VALUES (5, 'old.mp4', 70, 60)`,
    ),
  );
  const server = await folder.start('2.1.0');
  const owner = await signedIn(server, 'owner');
  const stream = await followStream(owner, '/api/progress');
  const link = `${media.origin}/file/new.mp4?size=1000`;
  const { id } = Object((await owner.post('/api/downloads', { links: [link] })).at('accepted.0'));
  await stream.until(({ data }) => Object(data).id === id && Object(data).status === 'completed');
  stream.close();
  const list = await owner.get('/api/downloads?sort=size');
  assert.deepEqual(
    list
      .list('downloads')
      .map((one) => [
        Object(one).title,
        Object(one).fileName,
        Object(one).sizeBytes,
        Object(one).receivedBytes,
      ]),
    [
      ['new', 'new.mp4', 1_000, 1_000],
      ['Old', 'old.mp4', 70, 60],
      ['Bare', null, null, 0],
    ],
  );
  // A row without files, as another program may have added it, gets one when it is taken up again.
  assert.equal((await owner.post('/api/downloads/6/retry')).status, 200);
  assert.deepEqual(query(folder, 'SELECT download_id FROM download_files ORDER BY 1'), [
    { download_id: 5 },
    { download_id: 6 },
    { download_id: id },
  ]);
});
