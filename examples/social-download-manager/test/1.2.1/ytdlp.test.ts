import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, readFile, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import type { FetchRequest, PlatformSettings } from '../../1.2.1/platforms/platform.ts';
import { platformRegistry } from '../../1.2.1/platforms/registry.ts';
import { tiktok } from '../../1.2.1/platforms/tiktok.ts';
import { youtube } from '../../1.2.1/platforms/youtube.ts';
import { credentialLines } from '../../1.2.1/platforms/ytdlp-arguments.ts';
import { audioFile, mediaOf, videoFile } from '../../media-server/pages.ts';
import { abortAfter, assertContent, fileGets, newScene, requestFor } from './media.ts';
import type { Scene } from './media.ts';

const isInstalled = spawnSync('yt-dlp', ['--version']).status === 0;

/** A scene with settings that lead to its media server; null when yt-dlp is missing, and the test is skipped. */
async function ytdlpScene(
  t: TestContext,
): Promise<(Scene & { settings: PlatformSettings }) | null> {
  if (!isInstalled) {
    t.skip('yt-dlp is not installed');
    return null;
  }
  const scene = await newScene(t);
  return {
    ...scene,
    settings: { endpoint: scene.server.origin, program: 'yt-dlp', timeoutSeconds: 60 },
  };
}

function partOf(scene: Scene): string {
  return join(scene.folder, '7.part');
}

async function fetched(scene: Scene, request: FetchRequest): Promise<number> {
  const target = { partPath: partOf(scene), onProgress: () => {} };
  return (await youtube.fetch(request, target)).sizeBytes;
}

const watchLink = 'https://youtu.be/harbour-001';
const videoId = 'harbour-001';

test('links are recognised whatever their host looks like', () => {
  const named = (link: string): string | undefined =>
    platformRegistry.recognise(new URL(link))?.name;
  for (const link of [
    'https://www.youtube.com/watch?v=abc',
    'http://YouTube.com./watch?v=abc&list=x',
    'https://m.youtube.com/watch?v=abc',
    'https://music.youtube.com/watch?v=abc',
    'https://youtu.be/abc?t=3',
    'https://WWW.YOUTUBE.COM:443/shorts/abc',
  ]) {
    assert.equal(named(link), 'youtube', link);
  }
  for (const link of [
    'https://www.tiktok.com/@cook/video/123',
    'https://vm.tiktok.com/ZMabc/',
    'https://TikTok.com/@cook/video/123?lang=en',
  ]) {
    assert.equal(named(link), 'tiktok', link);
  }
  for (const link of [
    'https://notyoutube.com/watch?v=a',
    'https://youtube.com.example.com/a.mp4',
  ]) {
    assert.equal(named(link), 'direct', link);
  }
});

test('every spelling of a link asks the endpoint for the one page', async (t) => {
  const scene = await ytdlpScene(t);
  if (scene === null) return;
  const { settings, server } = scene;
  for (const [platform, link, page] of [
    [youtube, 'https://m.youtube.com/watch?app=m&v=abc&list=PL1', '/watch?v=abc'],
    [youtube, 'https://www.youtube.com/shorts/abc?x=1', '/watch?v=abc'],
    [tiktok, 'https://www.tiktok.com/@cook.1/video/77?lang=en', '/@cook.1/video/77'],
    [tiktok, 'https://vm.tiktok.com/ZMabc/', '/ZMabc'],
  ] as const) {
    await platform.describe(requestFor(link, { settings }));
    assert.equal(server.requests().at(-1)?.path, page, link);
  }
});

test('a link of the site that names no video is refused', async () => {
  for (const link of [
    'https://www.youtube.com/',
    'https://youtu.be/',
    'https://youtube.com/@user',
  ]) {
    await assert.rejects(youtube.describe(requestFor(link)), { code: 'link/no-video' }, link);
  }
  const profile = requestFor('https://www.tiktok.com/@cook');
  await assert.rejects(tiktok.describe(profile), { code: 'link/no-video' });
});

test('a video is described', async (t) => {
  const scene = await ytdlpScene(t);
  if (scene === null) return;
  scene.server.controlMedia('77', { title: 'Phở & "bún" 🍜' });
  const { settings } = scene;
  const link = 'https://www.tiktok.com/@cook/video/77';
  assert.deepEqual(await tiktok.describe(requestFor(link, { settings })), {
    title: 'Phở & "bún" 🍜',
    uploader: 'cook',
    durationSeconds: null,
    sizeBytes: null,
    extension: 'mp4',
  });
});

test('the quality chooses the file', async (t) => {
  const scene = await ytdlpScene(t);
  if (scene === null) return;
  const { settings, server } = scene;
  server.controlMedia(videoId, { heights: '1440,700,480', size: '40000' });
  const media = mediaOf(videoId, { heights: '1440,700,480', size: '40000' });
  await fetched(scene, requestFor(watchLink, { settings, quality: '720' }));
  await assertContent(partOf(scene), videoFile(media, 700));
  await fetched(scene, requestFor(watchLink, { settings, audioOnly: true }));
  await assertContent(partOf(scene), audioFile(media));
  await assert.rejects(youtube.describe(requestFor(watchLink, { settings, quality: '360' })), {
    code: 'platform/no-format',
    message: 'The site offers no single file of at most 360 lines. It has 1440, 700, 480.',
  });
});

test('an aborted download leaves no process, and later only the rest is asked for', async (t) => {
  const scene = await ytdlpScene(t);
  if (scene === null) return;
  const { settings, server } = scene;
  const words = { size: '2000000', rate: '1000000' };
  server.controlMedia(videoId, words);
  const { signal, onProgress } = abortAfter(500_000);
  const request = requestFor(watchLink, { settings, signal });
  const target = { partPath: partOf(scene), onProgress };
  await assert.rejects(youtube.fetch(request, target), { message: 'aborted by the test' });
  assert.deepEqual(processesIn(scene.folder), []);

  const received = (await stat(partOf(scene))).size;
  assert.ok(received > 0 && received < 2_000_000);
  assert.equal(await fetched(scene, requestFor(watchLink, { settings })), 2_000_000);
  await assertContent(partOf(scene), videoFile(mediaOf(videoId, words), 1080));
  assert.equal(fileGets(server).at(-1)?.sentBytes, 2_000_000 - received);
  assert.deepEqual((await readdir(scene.folder)).sort(), ['7.part', '7.part.json']);
});

test('a file that changed on the site, or cannot be told apart, is fetched afresh', async (t) => {
  const scene = await ytdlpScene(t);
  if (scene === null) return;
  const { settings, server } = scene;
  server.controlMedia(videoId, { size: '200000' });
  const file = videoFile(mediaOf(videoId, { size: '200000' }), 1080);
  await fetched(scene, requestFor(watchLink, { settings }));
  for (const [version, etag] of [
    [2, '"other"'],
    [3, 'none'],
    [4, 'none'],
  ] as const) {
    server.controlFile(file.name, { version: String(version), etag });
    await truncate(partOf(scene), 50_000);
    await fetched(scene, requestFor(watchLink, { settings }));
    await assertContent(partOf(scene), { ...file, version });
    assert.equal(fileGets(server).at(-1)?.range, null);
  }
});

test('a crash between the whole file and its naming costs nothing', async (t) => {
  const scene = await ytdlpScene(t);
  if (scene === null) return;
  await writeFile(join(scene.folder, '7'), 'whole');
  const { settings } = scene;
  assert.equal(await fetched(scene, requestFor(watchLink, { settings })), 5);
  assert.equal(await readFile(partOf(scene), 'utf8'), 'whole');
});

test('what yt-dlp could not do is told in its own words', async (t) => {
  const scene = await ytdlpScene(t);
  if (scene === null) return;
  const endpoint = `${scene.server.origin}/nowhere.html`;
  const request = requestFor(watchLink, { settings: { ...scene.settings, endpoint } });
  await assert.rejects(youtube.describe(request), {
    code: 'platform/failed',
    message: /^youtube: .*HTTP Error 404/,
  });
  const broken = requestFor(watchLink, { settings: { ...scene.settings, endpoint: 'nowhere' } });
  await assert.rejects(youtube.describe(broken), { code: 'platform/endpoint' });
});

test('a missing program is named, with how to install it', async () => {
  const settings = { endpoint: '', program: 'yt-dlp-that-is-missing', timeoutSeconds: 5 };
  await assert.rejects(youtube.describe(requestFor(watchLink, { settings })), {
    code: 'platform/program-missing',
    message: /yt-dlp-that-is-missing.*apt install yt-dlp/,
  });
  const check = await youtube.check(settings);
  assert.equal(check.status, 'unavailable');
  assert.match(check.detail, /yt-dlp-that-is-missing/);
});

test('the check tells the version of the program', async (t) => {
  const scene = await ytdlpScene(t);
  if (scene === null) return;
  const check = await youtube.check(scene.settings);
  assert.equal(check.status, 'ok');
  assert.match(check.detail, /^yt-dlp \d{4}\.\d\d/);
});

test('credentials reach yt-dlp, but neither its command line nor a file', async (t) => {
  const scene = await ytdlpScene(t);
  if (scene === null) return;
  const program = join(scene.folder, 'recording-yt-dlp');
  const seen = join(scene.folder, 'seen');
  // Writes down what it was given, and lets the real program say what it understood.
  await writeFile(
    program,
    `#!/bin/sh\nprintf '%s\\n' "$@" >> '${seen}.arguments'\ncat > '${seen}.input'\n` +
      `exec yt-dlp "$@" < '${seen}.input'\n`,
  );
  await chmod(program, 0o700);
  const auth = { username: "o'neil", password: `p"w$d #\\ '1` };
  const settings = { ...scene.settings, program };
  await fetched(scene, requestFor(watchLink, { settings, auth }));
  const given = await readFile(`${seen}.arguments`, 'utf8');
  assert.ok(!given.includes(auth.username) && !given.includes('p"w'));
  assert.equal(await readFile(`${seen}.input`, 'utf8'), credentialLines(auth));
  assert.deepEqual(shellWords(credentialLines(auth)), [
    '--username',
    auth.username,
    '--password',
    auth.password,
  ]);
});

/** As yt-dlp reads its configuration. */
function shellWords(text: string): unknown {
  const program =
    'import json, shlex, sys; print(json.dumps(shlex.split(sys.stdin.read(), comments=True)))';
  return JSON.parse(execFileSync('python3', ['-c', program], { input: text, encoding: 'utf8' }));
}

/** Process ids whose working folder is the given one. */
function processesIn(folder: string): readonly string[] {
  const found = spawnSync('find', ['/proc', '-maxdepth', '2', '-name', 'cwd', '-lname', folder]);
  return found.stdout.toString().split('\n').filter(Boolean);
}
