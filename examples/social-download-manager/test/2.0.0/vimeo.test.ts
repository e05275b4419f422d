import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { vimeo } from '../../2.0.0/platforms/vimeo.ts';
import { platformRegistry } from '../../2.0.0/platforms/registry.ts';
import { mediaOf, videoFile } from '../../media-server/pages.ts';
import { startMediaServer } from '../../media-server/server.ts';
import { assertContent } from '../1.2.1/media.ts';
import { firstAccount } from '../accounts.ts';
import { followStream } from '../event-stream.ts';
import { dataFolder } from '../running.ts';

const hasYtdlp = spawnSync('yt-dlp', ['--version']).status === 0;

test('links of Vimeo are recognised by their hosts', () => {
  for (const [link, platform] of [
    ['https://vimeo.com/76979871', 'vimeo'],
    ['https://www.vimeo.com/76979871', 'vimeo'],
    ['https://player.vimeo.com/video/76979871', 'vimeo'],
    ['https://vimeo.com.example.com/76979871', 'direct'],
    ['https://notvimeo.com/1', 'direct'],
  ] as const)
    assert.equal(platformRegistry.recognise(new URL(link))?.name, platform, link);
});

test('a video of Vimeo is downloaded through yt-dlp, from every kind of link', async (t) => {
  if (!hasYtdlp) return t.skip('yt-dlp is not installed');
  const folder = dataFolder(t);
  const media = await startMediaServer();
  t.after(() => media.close());
  media.controlMedia('76979871', { title: 'The new player', size: '300000' });
  writeFileSync(
    join(folder.path, 'platform_settings.json'),
    JSON.stringify({ vimeo: { endpoint: media.origin } }),
  );
  const server = await folder.start('2.0.0');
  const admin = await firstAccount(server);
  const stream = await followStream(admin, '/api/progress');
  const links = [
    'https://vimeo.com/76979871?share=copy#t=0',
    'https://vimeo.com/channels/staffpicks/76979871',
    'https://vimeo.com/groups/name/videos/76979871',
    'https://player.vimeo.com/video/76979871',
  ];
  const added = await admin.post('/api/downloads', { links, quality: '720' });
  const expected = videoFile(mediaOf('76979871', { size: '300000' }), 720);
  for (const [index] of links.entries()) {
    assert.equal(added.at(`accepted.${index}.platform`), 'vimeo');
    const id = added.number(`accepted.${index}.id`);
    const end = await stream.until(
      ({ data }) => Object(data).id === id && /^(completed|failed)$/.test(Object(data).status),
    );
    assert.equal(Object(end.data).status, 'completed');
  }
  stream.close();
  const history = await admin.get('/api/downloads?sort=oldest');
  assert.equal(history.at('downloads.0.title'), 'The new player');
  await assertContent(
    join(folder.path, 'downloads', history.string('downloads.0.fileName')),
    expected,
  );
  const pages = new Set(media.requests().map(({ path }) => path.split('?')[0]));
  assert.deepEqual(
    Array.from(pages, String).toSorted((a, b) => a.localeCompare(b)),
    ['/76979871', `/file/${expected.name}`],
  );
});

test('a link of Vimeo that names no video is told so', async () => {
  const request = {
    link: new URL('https://vimeo.com/blog'),
    quality: 'best',
    audioOnly: false,
    settings: { endpoint: '', program: 'true', timeoutSeconds: 5 },
    auth: null,
    signal: new AbortController().signal,
  } as const;
  await assert.rejects(vimeo.describe(request), { code: 'link/no-video' });
});
