import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMediaServer } from '../../media-server/server.ts';
import { firstAccount } from '../accounts.ts';
import type { Answer, Client } from '../client.ts';
import { dataFolder } from '../running.ts';
import { limitMs } from '../patience.ts';
import { query, withDatabase } from '../stored.ts';

const names = ['answer_time', 'download_speed', 'memory', 'processor', 'requests'];

async function until(client: Client, isReached: (answer: Answer) => boolean): Promise<Answer> {
  for (const start = Date.now(); ; await sleep(50)) {
    const answer = await client.get('/api/performance');
    if (isReached(answer)) return answer;
    assert.ok(Date.now() - start < limitMs, `not reached within ${limitMs} ms: ${answer.text}`);
  }
}

test('figures are taken at the start and from then on, and the old ones are removed', async (t) => {
  const folder = dataFolder(t);
  assert.equal((await folder.run('2.0.0', ['migrate'])).code, 0);
  writeFileSync(join(folder.path, 'performance_settings.json'), '{"sampleSeconds":1,"keepDays":3}');
  withDatabase(folder, (database) => {
    const insert = database.prepare(
      `INSERT INTO v2_performance_metrics (measured_at, name, value, unit) VALUES (?, 'memory', 1, 'bytes')`,
    );
    for (const days of [2, 4])
      insert.run(new Date(Date.now() - days * 24 * 60 * 60 * 1_000).toISOString());
  });
  const server = await folder.start('2.0.0');
  const admin = await firstAccount(server);
  // The first is taken before anybody could ask; any later one may have fallen into a second without requests.
  const answer = await until(
    admin,
    (one) =>
      one.list('metrics.0.samples').length > 2 &&
      one.list('metrics.4.samples').some((sample) => Object(sample).value > 0),
  );
  assert.equal(answer.at('sampleSeconds'), 1);
  assert.deepEqual(
    answer.list('metrics').map((_, index) => answer.at(`metrics.${index}.name`)),
    names,
  );
  assert.equal(answer.at('metrics.2.unit'), 'bytes');
  assert.equal(answer.at('metrics.2.samples.0.value'), 1);
  assert.ok(answer.number('metrics.2.samples.1.value') > 10_000_000);
  const [old] = query(
    folder,
    'SELECT count(*) AS total FROM v2_performance_metrics WHERE value = 1',
  );
  assert.deepEqual(old, { total: 1 });
  assert.equal((await server.client().get('/api/performance')).status, 401);
});

test('the speed of a download is told while it runs', async (t) => {
  const media = await startMediaServer();
  t.after(() => media.close());
  const folder = dataFolder(t);
  assert.equal((await folder.run('2.0.0', ['migrate'])).code, 0);
  writeFileSync(join(folder.path, 'performance_settings.json'), '{"sampleSeconds":1,"keepDays":3}');
  const server = await folder.start('2.0.0');
  const admin = await firstAccount(server);
  await admin.post('/api/downloads', {
    links: [`${media.origin}/file/slow.mp4?size=50000000&rate=200000`],
  });
  const isTold = (answer: Answer): boolean =>
    answer.list('metrics').some((_, index) => {
      const samples = answer.list(`metrics.${index}.samples`).length;
      const isSpeed = answer.at(`metrics.${index}.name`) === 'download_speed';
      return isSpeed && answer.number(`metrics.${index}.samples.${samples - 1}.value`) > 0;
    });
  await until(admin, isTold);
  assert.equal((await admin.get('/api/downloads/active')).at('downloads.0.status'), 'downloading');
});

test('figures can be switched off', async (t) => {
  const folder = dataFolder(t);
  writeFileSync(
    join(folder.path, 'config.json'),
    '{"version":"2.0.0","features":{"performanceMetrics":false}}',
  );
  const server = await folder.start('2.0.0');
  const admin = await firstAccount(server);
  assert.deepEqual((await admin.get('/api/performance')).at('metrics'), []);
});
