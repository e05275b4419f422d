import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { mediaName } from '../../1.2.1/platforms/direct-name.ts';
import { directPlatform } from '../../1.2.1/platforms/direct.ts';
import { memoPath } from '../../1.2.1/platforms/part.ts';
import { parseLink } from '../../1.2.1/platforms/registry.ts';
import { abortAfter, assertContent, fileGets, newScene, requestFor } from './media.ts';
import type { Scene } from './media.ts';

const direct = directPlatform([5, 10, 20]);
const silent = { onProgress: () => {} };

function partOf(scene: Scene): string {
  return join(scene.folder, '1.part');
}

async function fetched(scene: Scene, path: string): Promise<number> {
  const target = { partPath: partOf(scene), ...silent };
  return (await direct.fetch(requestFor(scene.server.origin + path), target)).sizeBytes;
}

/** Fetches until so many bytes have come, then aborts; returns how many bytes the part holds. */
async function interrupted(scene: Scene, path: string, afterBytes: number): Promise<number> {
  const { signal, onProgress } = abortAfter(afterBytes);
  const request = requestFor(scene.server.origin + path, { signal });
  const target = { partPath: partOf(scene), onProgress };
  await assert.rejects(direct.fetch(request, target), { message: 'aborted by the test' });
  return (await stat(partOf(scene))).size;
}

test('a file is fetched whole, with progress up to its size', async (t) => {
  const scene = await newScene(t);
  const seen: number[] = [];
  const request = requestFor(`${scene.server.origin}/file/a.mp4?size=700001`);
  const target = {
    partPath: partOf(scene),
    onProgress: ({ receivedBytes }: { readonly receivedBytes: number }) =>
      void seen.push(receivedBytes),
  };
  assert.deepEqual(await direct.fetch(request, target), { sizeBytes: 700_001 });
  await assertContent(partOf(scene), { name: 'a.mp4', sizeBytes: 700_001 });
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
  assert.equal(seen.at(-1), 700_001);
});

test('an empty file is a file', async (t) => {
  const scene = await newScene(t);
  assert.equal(await fetched(scene, '/file/a.mp4?size=0'), 0);
  await assertContent(partOf(scene), { name: 'a.mp4', sizeBytes: 0 });
});

test('after an abort only the rest is asked for', async (t) => {
  const scene = await newScene(t);
  const path = '/file/a.mp4?size=900000&rate=4000000';
  const received = await interrupted(scene, path, 300_000);
  assert.ok(received >= 300_000 && received < 900_000);
  assert.equal(await fetched(scene, path), 900_000);
  await assertContent(partOf(scene), { name: 'a.mp4', sizeBytes: 900_000 });
  const last = fileGets(scene.server).at(-1);
  assert.equal(last?.range, `bytes=${received}-`);
  assert.equal(last?.ifRange, '"a.mp4-1-900000"');
  assert.equal(last?.status, 206);
  assert.equal(last?.sentBytes, 900_000 - received);
});

test('a file that changed on the server is fetched afresh', async (t) => {
  const scene = await newScene(t);
  const path = '/file/a.mp4?size=900000&rate=4000000';
  await interrupted(scene, path, 300_000);
  scene.server.controlFile('a.mp4', { version: '2' });
  assert.equal(await fetched(scene, path), 900_000);
  await assertContent(partOf(scene), { name: 'a.mp4', sizeBytes: 900_000, version: 2 });
});

test('a file that became shorter than the part is fetched afresh', async (t) => {
  const scene = await newScene(t);
  const path = '/file/a.mp4?size=900000&rate=4000000&etag=fixed';
  await interrupted(scene, path, 300_000);
  scene.server.controlFile('a.mp4', { size: '1000', rate: '100000000' });
  assert.equal(await fetched(scene, path), 1000);
  await assertContent(partOf(scene), { name: 'a.mp4', sizeBytes: 1000 });
  assert.deepEqual(
    fileGets(scene.server).map(({ status }) => status),
    [200, 416, 200],
  );
});

test('a server that ignores If-Range is not trusted with another size', async (t) => {
  const scene = await newScene(t);
  const path = '/file/a.mp4?size=900000&rate=4000000&etag=fixed';
  await interrupted(scene, path, 300_000);
  scene.server.controlFile('a.mp4', { size: '950000', version: '2', rate: '100000000' });
  assert.equal(await fetched(scene, path), 950_000);
  await assertContent(partOf(scene), { name: 'a.mp4', sizeBytes: 950_000, version: 2 });
});

test('a server without ranges starts afresh', async (t) => {
  const scene = await newScene(t);
  const path = '/file/a.mp4?size=900000&rate=4000000&ranges=no';
  await interrupted(scene, path, 300_000);
  assert.equal(await fetched(scene, path), 900_000);
  await assertContent(partOf(scene), { name: 'a.mp4', sizeBytes: 900_000 });
});

test('without validators, or with a damaged memo, a part is not gone on with', async (t) => {
  const scene = await newScene(t);
  const path = '/file/a.mp4?size=900000&rate=4000000';
  await interrupted(scene, `${path}&etag=none`, 300_000);
  assert.equal(await fetched(scene, `${path}&etag=none`), 900_000);
  assert.equal(fileGets(scene.server).at(-1)?.range, null);

  await writeFile(partOf(scene), 'something else');
  await writeFile(memoPath(partOf(scene)), '{"source":');
  assert.equal(await fetched(scene, path), 900_000);
  await assertContent(partOf(scene), { name: 'a.mp4', sizeBytes: 900_000 });
});

test('a part that is whole already is not fetched again', async (t) => {
  const scene = await newScene(t);
  await fetched(scene, '/file/a.mp4?size=5000');
  const before = scene.server.requests().length;
  assert.equal(await fetched(scene, '/file/a.mp4?size=5000'), 5000);
  assert.equal(scene.server.requests().length, before);
});

test('a connection that keeps breaking goes on until the file is whole', async (t) => {
  const scene = await newScene(t);
  assert.equal(await fetched(scene, '/file/a.mp4?size=900000&fail-after=150000'), 900_000);
  await assertContent(partOf(scene), { name: 'a.mp4', sizeBytes: 900_000 });
  assert.ok(fileGets(scene.server).length >= 6);
});

test('a connection that always breaks at one place ends the attempts', async (t) => {
  const scene = await newScene(t);
  const path = '/file/a.mp4?size=900000&fail-after=150000&ranges=no';
  await assert.rejects(fetched(scene, path), { code: 'network/failed' });
  // One that got somewhere, then one for each wait.
  assert.ok(fileGets(scene.server).length >= 4 && fileGets(scene.server).length <= 8);
});

test('a stalled connection times out and goes on', async (t) => {
  const scene = await newScene(t);
  const settings = { endpoint: '', timeoutSeconds: 0.3 };
  const path = '/file/a.mp4?size=90000&stall-after=20000';
  const target = { partPath: partOf(scene), ...silent };
  scene.server.controlFile('a.mp4', { times: '1' });
  await direct.fetch(requestFor(scene.server.origin + path, { settings }), target);
  await assertContent(partOf(scene), { name: 'a.mp4', sizeBytes: 90_000 });

  for (const sentBytes of [0, 5]) {
    const always = `${scene.server.origin}/file/b.mp4?size=9&ranges=no&stall-after=${sentBytes}`;
    const fetching = direct.fetch(requestFor(always, { settings }), target);
    await assert.rejects(fetching, { code: 'network/timeout' });
  }
});

test('503 is asked again, 404 is not', async (t) => {
  const scene = await newScene(t);
  assert.equal(await fetched(scene, '/file/a.mp4?size=100&status=503&times=2'), 100);
  const before = scene.server.requests().length;
  await assert.rejects(fetched(scene, '/file/b.mp4?status=404'), { code: 'server/refused' });
  assert.equal(scene.server.requests().length, before + 1);
  await assert.rejects(fetched(scene, '/file/c.mp4?status=503'), { code: 'server/busy' });
});

test('a file of unknown length is fetched to its end', async (t) => {
  const scene = await newScene(t);
  assert.equal(await fetched(scene, '/file/a.mp4?size=333333&no-length=yes'), 333_333);
  await assertContent(partOf(scene), { name: 'a.mp4', sizeBytes: 333_333 });
});

test('redirects are followed, up to ten, and never off the web', async (t) => {
  const scene = await newScene(t);
  const to = encodeURIComponent('/file/a.mp4?size=100');
  assert.equal(await fetched(scene, `/redirect?hops=10&to=${to}`), 100);
  await assert.rejects(fetched(scene, `/redirect?hops=11&to=${to}`), { code: 'server/redirects' });
  for (const elsewhere of ['file:///etc/hostname', 'ftp://example.com/a', 'data:,a', 'http://']) {
    const path = `/redirect?to=${encodeURIComponent(elsewhere)}`;
    await assert.rejects(fetched(scene, path), { code: 'link/scheme' }, elsewhere);
  }
});

test('nobody listening is an error that names the host', async (t) => {
  const scene = await newScene(t);
  // A port that no program is ever given, unlike one that a server has just left.
  const request = requestFor('http://127.0.0.1:1/file/a.mp4');
  await assert.rejects(direct.fetch(request, { partPath: partOf(scene), ...silent }), {
    code: 'network/failed',
    message: 'The connection to 127.0.0.1:1 failed (ECONNREFUSED).',
  });
});

test('an abort ends a wait between attempts', async (t) => {
  const scene = await newScene(t);
  const controller = new AbortController();
  const patient = directPlatform([600_000]);
  const request = requestFor(`${scene.server.origin}/file/a.mp4?status=503`, {
    signal: controller.signal,
  });
  const fetching = patient.fetch(request, { partPath: partOf(scene), ...silent });
  while (scene.server.requests().length === 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort();
  await assert.rejects(fetching, { name: 'AbortError' });
});

test('a link is described without fetching it', async (t) => {
  const scene = await newScene(t);
  const path = `/file/x?size=123456&type=video/webm&disposition=${encodeURIComponent('Kỷ niệm.webm')}`;
  assert.deepEqual(await direct.describe(requestFor(scene.server.origin + path)), {
    title: 'Kỷ niệm',
    extension: 'webm',
    uploader: null,
    durationSeconds: null,
    sizeBytes: 123_456,
  });
  assert.equal(fileGets(scene.server).length, 0);
});

test('a link to a web page is refused', async (t) => {
  const scene = await newScene(t);
  const page = requestFor(`${scene.server.origin}/watch?v=abc`);
  await assert.rejects(direct.describe(page), { code: 'link/not-media' });
});

test('the part and its memo are for the owner alone', async (t) => {
  const scene = await newScene(t);
  await fetched(scene, '/file/a.mp4?size=10');
  assert.equal((await stat(partOf(scene))).mode & 0o777, 0o600);
  assert.equal((await stat(memoPath(partOf(scene)))).mode & 0o777, 0o600);
  assert.match(await readFile(memoPath(partOf(scene)), 'utf8'), /"sizeBytes":10/);
});

test('names come from the disposition, the link and the type', () => {
  const named = (link: string, headers: Record<string, string> = {}): string => {
    const { title, extension } = mediaName(new URL(link), headers);
    return `${title}|${extension}`;
  };
  assert.equal(named('https://example.com/a/My%20film.MP4?x=1'), 'My film|mp4');
  assert.equal(
    named('https://example.com/a/film', { 'content-type': 'video/mp4; x=y' }),
    'film|mp4',
  );
  assert.equal(named('https://example.com/'), 'example.com|bin');
  assert.equal(named('https://example.com/100%25%ZZ.mp3'), '100%25%ZZ|mp3');
  assert.equal(
    named('https://example.com/x', { 'content-disposition': 'attachment; filename=plain.mov' }),
    'plain|mov',
  );
  assert.equal(
    named('https://example.com/x', {
      'content-disposition': 'attachment; filename="a \\"b\\".mov"',
    }),
    'a "b"|mov',
  );
});

test('what is no link is refused with its reason', () => {
  for (const [text, code] of [
    ['', 'link/invalid'],
    ['not a link', 'link/invalid'],
    ['youtube.com/watch?v=abc', 'link/invalid'],
    ['https://example.com/a\nhttps://example.com/b', 'link/invalid'],
    ['https://example.com/a\u0000b', 'link/invalid'],
    ['file:///etc/passwd', 'link/scheme'],
    ['javascript:alert(1)', 'link/scheme'],
    ['ftp://example.com/a.mp4', 'link/scheme'],
    ['https://user:secret@example.com/', 'link/credentials'],
    [`https://example.com/${'a'.repeat(2048)}`, 'link/too-long'],
  ] as const) {
    assert.throws(() => parseLink(text), { code }, text);
  }
  assert.equal(parseLink('  HTTPS://Example.COM/a  ').href, 'https://example.com/a');
});
