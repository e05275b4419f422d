import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { newEngineScene, until, untilStatus, untilUnderWay } from './engine-scene.ts';
import { assertContent, fileGets } from './media.ts';

test('a queued link becomes a finished file', async (t) => {
  const scene = await newEngineScene(t);
  const id = scene.records.add(scene.link('/file/Old%20tram.mp4?size=300000'));
  scene.engine().enqueue(id);
  const row = await untilStatus(scene.records, id, 'done');
  assert.deepEqual(
    { ...row, addedAt: '', finishedAt: '' },
    {
      ...row,
      title: 'Old tram',
      fileName: 'Old tram.mp4',
      sizeBytes: 300_000,
      receivedBytes: 300_000,
      error: null,
      addedAt: '',
      finishedAt: '',
    },
  );
  await assertContent(join(scene.root, 'Old tram.mp4'), {
    name: 'Old tram.mp4',
    sizeBytes: 300_000,
  });
  assert.equal((await stat(join(scene.root, 'Old tram.mp4'))).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(join(scene.root, '.parts')), []);
  assert.deepEqual(scene.results, ['direct done 300000']);
});

test('so many run at once, in the order they came', async (t) => {
  const scene = await newEngineScene(t);
  const ids = [1, 2, 3, 4, 5].map((n) =>
    scene.records.add(scene.link(`/file/${n}.mp4?size=200000&rate=1000000`)),
  );
  let most = 0;
  const running = (): number =>
    ids.filter((id) => scene.records.row(id).status === 'running').length;
  const engine = scene.engine({
    maxConcurrent: () => 2,
    onChange: () => {
      most = Math.max(most, running());
    },
  });
  for (const id of ids) engine.enqueue(id);
  for (const id of ids) await untilStatus(scene.records, id, 'done');
  assert.equal(most, 2);
  const begun = scene.records.changes.filter(({ change }) => change.status === 'running');
  assert.deepEqual(
    begun.map(({ id }) => id),
    ids,
  );
});

test('a cancelled download keeps its part, and resume asks for the rest alone', async (t) => {
  const scene = await newEngineScene(t);
  const id = scene.records.add(scene.link('/file/a.mp4?size=900000'));
  const release = scene.server.holdFile('a.mp4');
  const engine = scene.engine();
  engine.enqueue(id);
  await untilUnderWay(engine, id);
  engine.cancel(id);
  release();
  assert.equal(scene.records.row(id).status, 'cancelled');
  assert.throws(() => engine.cancel(id), { code: 'download/not-active' });
  engine.resume(id);
  assert.throws(() => engine.resume(id), { code: 'download/not-stopped' });
  await untilStatus(scene.records, id, 'done');
  await assertContent(join(scene.root, 'a.mp4'), { name: 'a.mp4', sizeBytes: 900_000 });
  const [first, second] = fileGets(scene.server);
  const kept = Number(/\d+/.exec(second?.range ?? '')?.[0]);
  assert.ok(kept > 0 && kept <= (first?.sentBytes ?? 0));
  assert.equal(second?.sentBytes, 900_000 - kept);
  assert.equal(engine.bytesPerSecond(id), 0);
});

test('retry starts afresh', async (t) => {
  const scene = await newEngineScene(t);
  const id = scene.records.add(scene.link('/file/a.mp4?size=900000'));
  const release = scene.server.holdFile('a.mp4');
  const engine = scene.engine();
  engine.enqueue(id);
  await untilUnderWay(engine, id);
  engine.cancel(id);
  release();
  await until(() => scene.results.length === 1, 'the end of the first run');
  assert.ok(scene.records.row(id).receivedBytes > 0);
  engine.retry(id);
  await untilStatus(scene.records, id, 'done');
  assert.deepEqual(
    fileGets(scene.server).map(({ range }) => range),
    [null, null],
  );
  await assertContent(join(scene.root, 'a.mp4'), { name: 'a.mp4', sizeBytes: 900_000 });
});

test('the bytes of a run are those that came in it', async (t) => {
  const scene = await newEngineScene(t);
  const engine = scene.engine();
  for (const [name, ranges] of [
    ['a.mp4', 'yes'],
    ['b.mp4', 'no'],
  ] as const) {
    const id = scene.records.add(scene.link(`/file/${name}?size=900000&ranges=${ranges}`));
    const release = scene.server.holdFile(name);
    engine.enqueue(id);
    await untilUnderWay(engine, id);
    const runs = scene.results.length;
    engine.cancel(id);
    release();
    await until(() => scene.results.length > runs, 'the end of the first run');
    const kept = scene.records.row(id).receivedBytes;
    assert.ok(kept > 0);
    assert.equal(scene.results.at(-1), `direct cancelled ${kept}`);
    engine.resume(id);
    await untilStatus(scene.records, id, 'done');
    assert.equal(
      scene.results.at(-1),
      `direct done ${ranges === 'yes' ? 900_000 - kept : 900_000}`,
    );
  }
});

test('a waiting download is cancelled without a request', async (t) => {
  const scene = await newEngineScene(t);
  const first = scene.records.add(scene.link('/file/a.mp4?size=200000&rate=1000000'));
  const second = scene.records.add(scene.link('/file/b.mp4'));
  const engine = scene.engine({ maxConcurrent: () => 1 });
  engine.enqueue(first);
  engine.enqueue(second);
  engine.cancel(second);
  await untilStatus(scene.records, first, 'done');
  assert.equal(scene.records.row(second).status, 'cancelled');
  assert.ok(scene.server.requests().every(({ path }) => !path.includes('b.mp4')));
  assert.throws(() => engine.cancel(99), { code: 'download/unknown' });
});

test('a stop in the middle leaves rows running, and the next engine goes on with them', async (t) => {
  const scene = await newEngineScene(t);
  const ids = ['a', 'b'].map((name) =>
    scene.records.add(scene.link(`/file/${name}.mp4?size=900000`)),
  );
  const release = scene.server.holdFile('a.mp4');
  const first = scene.engine({ maxConcurrent: () => 1 });
  first.start();
  await untilUnderWay(first, 1);
  await first.close();
  release();
  assert.deepEqual(
    ids.map((id) => scene.records.row(id).status),
    ['running', 'queued'],
  );
  assert.ok(scene.records.row(1).receivedBytes > 0);
  assert.deepEqual(scene.results, []);
  const before = fileGets(scene.server).length;

  scene.engine().start();
  for (const id of ids) await untilStatus(scene.records, id, 'done');
  for (const name of ['a.mp4', 'b.mp4']) {
    await assertContent(join(scene.root, name), { name, sizeBytes: 900_000 });
  }
  const rest = fileGets(scene.server)
    .slice(before)
    .find(({ path }) => path.includes('a.mp4'));
  const kept = Number(/\d+/.exec(rest?.range ?? '')?.[0]);
  assert.ok(kept > 0);
  assert.equal(rest?.sentBytes, 900_000 - kept);
});

test('progress goes to the history far less often than bytes come', async (t) => {
  const scene = await newEngineScene(t);
  const id = scene.records.add(scene.link('/file/a.mp4?size=30000000'));
  scene.engine().enqueue(id);
  await untilStatus(scene.records, id, 'done');
  const writes = scene.records.changes.filter(({ change }) => change.receivedBytes !== undefined);
  assert.ok(writes.length < 100, `${writes.length} writes for 458 chunks`);
});

test('two files of one name live side by side, and none is overwritten', async (t) => {
  const scene = await newEngineScene(t);
  await writeFile(join(scene.root, 'a.mp4'), 'somebody else');
  const ids = [1000, 2000].map((size) => scene.records.add(scene.link(`/file/a.mp4?size=${size}`)));
  const engine = scene.engine({ maxConcurrent: () => 1 });
  for (const id of ids) engine.enqueue(id);
  for (const id of ids) await untilStatus(scene.records, id, 'done');
  assert.equal(await readFile(join(scene.root, 'a.mp4'), 'utf8'), 'somebody else');
  await assertContent(join(scene.root, 'a (2).mp4'), { name: 'a.mp4', sizeBytes: 1000 });
  await assertContent(join(scene.root, 'a (3).mp4'), { name: 'a.mp4', sizeBytes: 2000 });
  assert.equal(scene.records.row(2).fileName, 'a (3).mp4');
});

test('titles with slashes, NUL, emoji and 300 characters become safe names', async (t) => {
  const scene = await newEngineScene(t);
  const engine = scene.engine();
  for (const [title, name] of [
    ['../../up/and\u0000away', '_.._up_and_away.mp4'],
    ['Phở 🍜 👨‍👩‍👧‍👦', 'Phở 🍜 👨‍👩‍👧‍👦.mp4'],
    ['ờ'.repeat(300), `${'ờ'.repeat(65)}.mp4`],
  ] as const) {
    scene.server.controlFile('x.mp4', { size: '500', disposition: `${title}.mp4` });
    const id = scene.records.add(scene.link('/file/x.mp4'));
    engine.enqueue(id);
    assert.equal((await untilStatus(scene.records, id, 'done')).fileName, name);
    await assertContent(join(scene.root, name), { name: 'x.mp4', sizeBytes: 500 });
  }
  assert.deepEqual(await readdir(scene.folder), ['downloads']);
});

test('a title that the user typed names the file', async (t) => {
  const scene = await newEngineScene(t);
  const id = scene.records.add(scene.link('/file/a.mp4?size=500'), { title: 'Holiday' });
  scene.engine().enqueue(id);
  const row = await untilStatus(scene.records, id, 'done');
  assert.deepEqual([row.title, row.fileName], ['Holiday', 'Holiday.mp4']);
});

test('a folder preference is made inside the download folder, and may not leave it', async (t) => {
  const scene = await newEngineScene(t);
  const download = async (folder: string): Promise<string> => {
    const id = scene.records.add(scene.link('/file/a.mp4?size=500'));
    scene.engine({ place: () => ({ root: scene.root, folder }) }).enqueue(id);
    await until(() => scene.records.row(id).finishedAt !== null, 'the end');
    return scene.records.row(id).fileName ?? scene.records.row(id).error ?? '';
  };
  assert.equal(await download('clips/new'), 'clips/new/a.mp4');
  await assertContent(join(scene.root, 'clips/new/a.mp4'), { name: 'a.mp4', sizeBytes: 500 });
  assert.match(await download('../clips'), /^folder\/outside: /);
  await mkdir(join(scene.folder, 'elsewhere'));
  await symlink(join(scene.folder, 'elsewhere'), join(scene.root, 'sly'));
  assert.match(await download('sly/deep'), /^folder\/outside: /);
  assert.deepEqual(await readdir(join(scene.folder, 'elsewhere')), []);
});

test('a gone download folder fails the download, is never made again, and resume goes on', async (t) => {
  const scene = await newEngineScene(t);
  const id = scene.records.add(scene.link('/file/a.mp4?size=400000'));
  const release = scene.server.holdFile('a.mp4');
  const engine = scene.engine();
  const away = `${scene.root}-away`;
  engine.enqueue(id);
  await untilUnderWay(engine, id);
  await rename(scene.root, away);
  release();
  const row = await untilStatus(scene.records, id, 'failed');
  assert.match(row.error ?? '', /^folder\/gone: .*downloads/);
  engine.resume(id);
  await untilStatus(scene.records, id, 'failed');
  assert.deepEqual(await readdir(scene.folder), ['downloads-away']);

  await rename(away, scene.root);
  engine.resume(id);
  await untilStatus(scene.records, id, 'done');
  await assertContent(join(scene.root, 'a.mp4'), { name: 'a.mp4', sizeBytes: 400_000 });
  // Everything had come before the folder was missed.
  assert.equal(fileGets(scene.server).length, 1);
});

test('a failed download tells its code, and can be resumed', async (t) => {
  const scene = await newEngineScene(t);
  const engine = scene.engine();
  const id = scene.records.add(scene.link('/file/a.mp4?size=100&status=503&times=4'));
  engine.enqueue(id);
  const row = await untilStatus(scene.records, id, 'failed');
  assert.match(row.error ?? '', /^server\/busy: 127\.0\.0\.1:\d+ answered 503/);
  assert.ok(row.finishedAt);
  assert.equal(scene.events.at(-1)?.fields['code'], 'server/busy');
  engine.resume(id);
  assert.equal((await untilStatus(scene.records, id, 'done')).error, null);
  assert.deepEqual(scene.results, ['direct failed 0', 'direct done 100']);
});

test('a disabled or unknown platform fails without a request', async (t) => {
  const scene = await newEngineScene(t);
  const engine = scene.engine({ isEnabled: (platform) => platform !== 'direct' });
  for (const platform of ['direct', 'forgotten']) {
    const id = scene.records.add(scene.link('/file/a.mp4'), { platform });
    engine.enqueue(id);
    assert.match(
      (await untilStatus(scene.records, id, 'failed')).error ?? '',
      /^platform\/disabled/,
    );
  }
  assert.equal(scene.server.requests().length, 0);
});

test('remove ends a running download and leaves nothing of it', async (t) => {
  const scene = await newEngineScene(t);
  const id = scene.records.add(scene.link('/file/a.mp4?size=900000'));
  scene.server.holdFile('a.mp4');
  const engine = scene.engine();
  engine.enqueue(id);
  await untilUnderWay(engine, id);
  await engine.remove(id, { withFile: false });
  assert.equal(scene.events.at(-1)?.event, 'download.stopped');
  assert.deepEqual(await readdir(join(scene.root, '.parts')), []);
  assert.deepEqual(await readdir(scene.root), ['.parts']);
});

test('remove takes the file only when asked to', async (t) => {
  const scene = await newEngineScene(t);
  const engine = scene.engine();
  for (const withFile of [false, true]) {
    const id = scene.records.add(scene.link('/file/a.mp4?size=500'));
    engine.enqueue(id);
    const { fileName } = await untilStatus(scene.records, id, 'done');
    await engine.remove(id, { withFile });
    const files = await readdir(scene.root);
    assert.equal(files.includes(String(fileName)), !withFile);
    await rm(join(scene.root, 'a.mp4'), { force: true });
  }
});

test('a crash around the final rename costs no second download', async (t) => {
  const scene = await newEngineScene(t);
  const link = scene.link('/file/a.mp4?size=500');
  const crashed = {
    status: 'running',
    fileName: 'a.mp4',
    sizeBytes: 500,
    receivedBytes: 500,
  } as const;
  const id = scene.records.add(link);
  scene.engine().enqueue(id);
  await untilStatus(scene.records, id, 'done');
  const [path, part] = [join(scene.root, 'a.mp4'), join(scene.root, '.parts', `${id}.part`)];

  // After the rename, before the history knew.
  scene.records.change(id, { ...crashed, finishedAt: null });
  scene.engine().start();
  await untilStatus(scene.records, id, 'done');
  assert.equal(fileGets(scene.server).length, 1);

  // The name was reserved, and the part not renamed yet.
  await rename(path, part);
  await writeFile(path, '');
  await writeFile(
    `${part}.json`,
    JSON.stringify({ source: link, etag: '"a.mp4-1-500"', lastModified: null, sizeBytes: 500 }),
  );
  scene.records.change(id, { ...crashed, finishedAt: null });
  scene.engine().start();
  assert.equal((await untilStatus(scene.records, id, 'done')).fileName, 'a.mp4');
  assert.equal(fileGets(scene.server).length, 1);
  await assertContent(path, { name: 'a.mp4', sizeBytes: 500 });
});

test('a history that cannot be written does not bring the engine down', async (t) => {
  const scene = await newEngineScene(t);
  const id = scene.records.add(scene.link('/file/a.mp4?size=500'));
  const second = scene.records.add(scene.link('/file/b.mp4?size=500'));
  let isFull = true;
  const records = {
    find: (row: number) => scene.records.find(row),
    unfinished: () => scene.records.unfinished(),
    change: (row: number, change: object) => {
      if (isFull && row === id && 'title' in change) throw new Error('database or disk is full');
      if (
        isFull &&
        row === id &&
        'error' in change &&
        'finishedAt' in change &&
        'fileName' in change
      ) {
        throw new Error('database or disk is full');
      }
      scene.records.change(row, change);
    },
  };
  const engine = scene.engine({ records, maxConcurrent: () => 1 });
  engine.enqueue(id);
  engine.enqueue(second);
  await untilStatus(scene.records, second, 'done');
  assert.equal(scene.records.row(id).status, 'running');
  assert.ok(scene.events.some(({ event }) => event === 'download.unrecorded'));
  isFull = false;
  engine.cancel(id);
  engine.resume(id);
  await untilStatus(scene.records, id, 'done');
});
