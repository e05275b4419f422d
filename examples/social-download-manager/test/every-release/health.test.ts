import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { firstAccount } from '../accounts.ts';
import { releases } from '../releases.ts';
import { dataFolder } from '../running.ts';

for (const { version, completed } of releases)
  describe(`release ${version}`, () => {
    test('/healthz looks at the database, the folder, the platforms and the settings', async (t) => {
      const folder = dataFolder(t);
      writeFileSync(
        join(folder.path, 'platform_settings.json'),
        '{"youtube":{"program":"no-such-program"}}',
      );
      const server = await folder.start(version);
      const health = await server.client().get('/healthz');
      assert.equal(health.status, 200);
      assert.equal(health.at('status'), 'degraded');
      assert.equal(health.at('version'), version);
      assert.equal(health.at('checks.database.status'), 'ok');
      assert.equal(health.at('checks.folder.status'), 'ok');
      assert.equal(health.at('checks.settings.status'), 'ok');
      assert.equal(health.at('checks.platforms.direct.status'), 'ok');
      assert.equal(health.at('checks.platforms.youtube.status'), 'unavailable');
      assert.match(health.string('checks.platforms.youtube.detail'), /no-such-program/);
      assert.equal(typeof health.number('checks.database.ms'), 'number');

      const admin = await firstAccount(server);
      await admin.put('/api/platforms/youtube', { isEnabled: false });
      const later = await server.client().get('/healthz');
      assert.equal(later.at('checks.platforms.youtube.status'), 'disabled');
    });

    test('a download folder that is gone fails the health check and is said on the page, until it is back', async (t) => {
      const folder = dataFolder(t);
      const server = await folder.start(version);
      const client = server.client();
      renameSync(join(folder.path, 'downloads'), join(folder.path, 'elsewhere'));
      const health = await client.get('/healthz');
      assert.equal(health.status, 503);
      assert.equal(health.at('status'), 'failing');
      assert.equal(health.at('checks.folder.detail'), 'is gone');
      const notice = { code: 'folder/missing', message: 'The download folder is gone.' };
      assert.deepEqual((await client.get('/api/session')).at('notices'), [notice]);
      await server.stop();

      const next = await folder.start(version);
      assert.equal((await next.client().get('/healthz')).status, 503);
      renameSync(join(folder.path, 'elsewhere'), join(folder.path, 'downloads'));
      assert.equal((await next.client().get('/healthz')).status, 200);
      rmSync(join(folder.path, 'downloads'), { recursive: true });
      writeFileSync(join(folder.path, 'downloads'), '');
      assert.equal(
        (await next.client().get('/healthz')).at('checks.folder.detail'),
        'is not a folder',
      );
    });

    test('an administrator moves the download folder to one that is there', async (t) => {
      const folder = dataFolder(t);
      const server = await folder.start(version);
      const admin = await firstAccount(server);
      const elsewhere = join(folder.path, 'other disk');
      const refused = await admin.put('/api/settings', { downloadFolder: elsewhere });
      assert.equal(refused.at('error.code'), 'folder/missing');
      mkdirSync(elsewhere);
      const put = await admin.put('/api/settings', { downloadFolder: elsewhere });
      assert.equal(put.at('downloadFolder'), elsewhere);
      rmSync(join(folder.path, 'downloads'), { recursive: true });
      assert.equal((await admin.get('/healthz')).status, 200);
    });

    test('/metrics counts requests by route, in the words of Prometheus', async (t) => {
      const server = await dataFolder(t).start(version);
      const admin = await firstAccount(server);
      await admin.get('/api/downloads/1/file');
      await admin.get('/api/downloads/2/file');
      await admin.get('/no/such/path');
      const metrics = await server.client().get('/metrics');
      assert.equal(metrics.status, 200);
      assert.match(metrics.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
      const file = 'route="/api/downloads/:id/file",method="GET",status="404"';
      for (const line of [
        '# TYPE sdm_http_requests_total counter',
        `sdm_http_requests_total{${file}} 2`,
        'sdm_http_requests_total{route="none",method="GET",status="404"} 1',
        '# TYPE sdm_http_request_seconds histogram',
        `sdm_http_request_seconds_bucket{${file},le="+Inf"} 2`,
        `sdm_http_request_seconds_count{${file}} 2`,
        `sdm_downloads{status="${completed}"} 0`,
        `sdm_build_info{version="${version}"} 1`,
      ])
        assert.equal(metrics.text.split('\n').includes(line), true, line);
      const shape =
        /^(?:# TYPE \w+ (?:counter|gauge|histogram)|\w+(?:\{(?:\w+="[^"]*",?)+\})? [\d.e+-]+)$/;
      const strange = metrics.text
        .trimEnd()
        .split('\n')
        .filter((line) => !shape.test(line));
      assert.deepEqual(strange, []);
      for (const name of ['resident_memory_bytes', 'cpu_seconds_total', 'start_time_seconds'])
        assert.match(metrics.text, new RegExp(`^process_${name} \\d`, 'm'));
    });
  });
