import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { chmod, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';

import { audioFile, mediaOf, videoFile } from '../../media-server/pages.ts';
import { newEngineScene, until, untilStatus, untilUnderWay } from './engine-scene.ts';
import type { EngineScene } from './engine-scene.ts';
import { assertContent, fileGets } from './media.ts';

const hasYtdlp = spawnSync('yt-dlp', ['--version']).status === 0;

/** Puts a small file system in the place of the download folder; false, and skipped, where that is forbidden. */
function mountSmallDisk(t: TestContext, { root, atEnd }: EngineScene): boolean {
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root]);
  if (mount.status !== 0) {
    t.skip('mounting a small disk needs root');
    return false;
  }
  atEnd(() => execFileSync('umount', [root]));
  return true;
}

async function withYtdlp(t: TestContext): Promise<EngineScene | null> {
  if (hasYtdlp) return newEngineScene(t);
  t.skip('yt-dlp is not installed');
  return null;
}

test('a full disk fails the download, keeps the part, and resume goes on', async (t) => {
  const scene = await newEngineScene(t);
  if (!mountSmallDisk(t, scene)) return;
  const id = scene.records.add(scene.link('/file/a.mp4?size=3000000'));
  const engine = scene.engine();
  engine.enqueue(id);
  const row = await untilStatus(scene.records, id, 'failed');
  assert.match(row.error ?? '', /^disk\/full: /);
  assert.equal(scene.events.at(-1)?.fields['code'], 'disk/full');

  execFileSync('mount', ['-o', 'remount,size=8m', scene.root]);
  engine.resume(id);
  await untilStatus(scene.records, id, 'done');
  await assertContent(join(scene.root, 'a.mp4'), { name: 'a.mp4', sizeBytes: 3_000_000 });
  const last = fileGets(scene.server).at(-1);
  const kept = Number(/\d+/.exec(last?.range ?? '')?.[0]);
  assert.ok(kept > 500_000);
  assert.equal(last?.sentBytes, 3_000_000 - kept);
});

test('a full disk is told apart when yt-dlp meets it', async (t) => {
  const scene = await withYtdlp(t);
  if (scene === null || !mountSmallDisk(t, scene)) return;
  scene.server.controlMedia('tram', { size: '3000000' });
  const id = scene.records.add('https://youtu.be/tram');
  const engine = scene.engine();
  engine.enqueue(id);
  const row = await untilStatus(scene.records, id, 'failed');
  assert.match(row.error ?? '', /^disk\/full: /);

  execFileSync('mount', ['-o', 'remount,size=8m', scene.root]);
  engine.resume(id);
  const { fileName } = await untilStatus(scene.records, id, 'done');
  const file = videoFile(mediaOf('tram', { size: '3000000' }), 1080);
  await assertContent(join(scene.root, String(fileName)), file);
});

test('a video and its sound are downloaded through yt-dlp', async (t) => {
  const scene = await withYtdlp(t);
  if (scene === null) return;
  const media = mediaOf('tram', {});
  const engine = scene.engine();
  const ids = [
    scene.records.add('https://www.youtube.com/watch?v=tram', { quality: '360' }),
    scene.records.add('https://www.tiktok.com/@cook/video/tram', { audioOnly: true }),
  ];
  for (const id of ids) engine.enqueue(id);
  const rows = [];
  for (const id of ids) rows.push(await untilStatus(scene.records, id, 'done'));
  assert.deepEqual(
    rows.map(({ title, uploader, fileName }) => ({ title, uploader, fileName })),
    [
      { title: media.title, uploader: null, fileName: `${media.title}.mp4` },
      { title: media.title, uploader: 'cook', fileName: `${media.title}.m4a` },
    ],
  );
  await assertContent(join(scene.root, `${media.title}.mp4`), videoFile(media, 360));
  await assertContent(join(scene.root, `${media.title}.m4a`), audioFile(media));
  assert.deepEqual(scene.results.sort(), [
    `tiktok done ${audioFile(media).sizeBytes}`,
    `youtube done ${videoFile(media, 360).sizeBytes}`,
  ]);
});

test('yt-dlp is gone after a cancel and after a stop, and its download goes on', async (t) => {
  const scene = await withYtdlp(t);
  if (scene === null) return;
  const words = { size: '3000000', rate: '200000' };
  scene.server.controlMedia('tram', words);
  const id = scene.records.add('https://youtu.be/tram');
  const engine = scene.engine();
  engine.enqueue(id);
  // What it tells of may still be in its memory, and would be lost with it.
  await until(() => bytesIn(scene.root) > 0, 'the first bytes on the disk');
  engine.cancel(id);
  await until(() => scene.results.length === 1, 'the end of the run');
  assert.deepEqual(programsIn(scene.root), []);

  const removed = scene.records.add('https://youtu.be/tram', { audioOnly: true });
  const release = scene.server.holdFile(audioFile(mediaOf('tram', words)).name);
  engine.enqueue(removed);
  await untilUnderWay(engine, removed);
  await engine.remove(removed, { withFile: false });
  release();
  scene.records.delete(removed);
  assert.deepEqual(programsIn(scene.root), []);

  engine.resume(id);
  await untilUnderWay(engine, id);
  await engine.close();
  assert.deepEqual(programsIn(scene.root), []);
  assert.equal(scene.records.row(id).status, 'running');

  const { name } = videoFile(mediaOf('tram', words), 1080);
  scene.server.controlFile(name, { rate: '100000000' });
  scene.engine().start();
  const { fileName } = await untilStatus(scene.records, id, 'done');
  await assertContent(join(scene.root, String(fileName)), videoFile(mediaOf('tram', words), 1080));
  assert.deepEqual(await readdir(join(scene.root, '.parts')), []);
  const videos = fileGets(scene.server).filter(({ path }) => path.includes('1080p'));
  assert.deepEqual(
    videos.map(({ status }) => status),
    [200, 206, 206],
  );
});

test('a download through a missing yt-dlp fails with how to install it', async (t) => {
  const scene = await newEngineScene(t);
  const id = scene.records.add('https://youtu.be/tram');
  const settings = { endpoint: scene.server.origin, program: 'no-such-yt-dlp', timeoutSeconds: 5 };
  scene.engine({ settingsOf: () => settings }).enqueue(id);
  const row = await untilStatus(scene.records, id, 'failed');
  assert.match(row.error ?? '', /^platform\/program-missing: .*no-such-yt-dlp.*apt install/);
});

test('a program that ignores the polite signal is killed with its children', async (t) => {
  const scene = await newEngineScene(t);
  const program = join(scene.folder, 'stubborn');
  const pids = join(scene.folder, 'pids');
  await writeFile(
    program,
    `#!/bin/sh\ntrap '' TERM\nsleep 600 &\necho "$$ $!" > '${pids}.new'\nmv '${pids}.new' '${pids}'\nwait\n`,
  );
  await chmod(program, 0o700);
  const settings = { endpoint: scene.server.origin, program, timeoutSeconds: 5 };
  const engine = scene.engine({ settingsOf: () => settings });
  const id = scene.records.add('https://youtu.be/tram');
  engine.enqueue(id);
  await until(() => existsSync(pids), 'the program to start');
  await engine.remove(id, { withFile: false });
  for (const pid of (await readFile(pids, 'utf8')).trim().split(' ')) {
    // One that has ended may stay listed as a zombie until the machine's first process reaps it.
    const state = spawnSync('ps', ['-o', 'stat=', '-p', pid]).stdout.toString().trim();
    assert.match(state, /^Z|^$/, `process ${pid} is ${state}`);
  }
});

/** The size of the parts that lie there. */
function bytesIn(root: string): number {
  const folder = join(root, '.parts');
  if (!existsSync(folder)) return 0;
  return readdirSync(folder)
    .filter((name) => name.endsWith('.part'))
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}

/** Processes that work in the folder of the parts. */
function programsIn(root: string): readonly string[] {
  const folder = join(root, '.parts');
  const found = spawnSync('find', ['/proc', '-maxdepth', '2', '-name', 'cwd', '-lname', folder]);
  return found.stdout.toString().split('\n').filter(Boolean);
}
