import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { firstAccount, signedIn } from '../accounts.ts';
import { releases } from '../releases.ts';
import type { DataFolder } from '../running.ts';
import { fill, smallDisk } from '../small-disk.ts';

for (const { version } of releases)
  describe(`release ${version}`, () => {
    function jsonFiles(folder: DataFolder): readonly string[] {
      return readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.json'),
      );
    }

    test('a full disk is answered clearly, breaks nothing, and is over when there is space again', async (t) => {
      const folder = smallDisk(t, 3);
      if (folder === null) return t.skip('no small file system can be mounted by this user');
      const server = await folder.start(version);
      const admin = await firstAccount(server);
      const before = JSON.stringify((await admin.get('/api/settings')).body);
      const free = fill(folder);

      // What has room in the write-ahead log still succeeds; many changes use that room up.
      const links = Array.from({ length: 500 }, (_, index) => `http://127.0.0.1:9/${index}.mp4`);
      const answers = [];
      for (let attempt = 0; attempt < 20; attempt += 1)
        answers.push(await admin.post('/api/downloads', { links }));
      const refused = answers.filter(({ status }) => status !== 202);
      assert.notEqual(refused.length, 0);
      for (const answer of refused) {
        assert.equal(answer.status, 507, answer.text);
        assert.equal(answer.at('error.code'), 'disk/full');
      }
      const settings = await admin.put('/api/settings', { theme: 'dark' });
      assert.equal(settings.at('error.code'), 'disk/full');
      assert.equal(JSON.stringify((await admin.get('/api/settings')).body), before);
      const total = (await admin.get('/api/downloads')).number('total');
      assert.equal(total, (answers.length - refused.length) * links.length);
      const health = await server.client().get('/healthz');
      assert.equal(health.status, 503);
      assert.equal(health.at('checks.folder.detail'), 'has no space left');
      for (const name of jsonFiles(folder))
        assert.doesNotThrow(() => JSON.parse(readFileSync(join(folder.path, name), 'utf8')), name);
      assert.equal(jsonFiles(folder).includes('config.json'), true);

      free();
      assert.equal((await server.client().get('/healthz')).status, 200);
      assert.equal((await admin.put('/api/settings', { theme: 'dark' })).status, 200);
      assert.equal((await admin.put('/api/preferences', { theme: 'dark' })).status, 200);
      assert.deepEqual(await server.stop(), { code: 0, signal: null });
      const next = await folder.start(version);
      const owner = await signedIn(next, 'owner');
      assert.equal((await owner.get('/api/session')).at('appearance.theme'), 'dark');
      assert.equal((await owner.get('/api/downloads')).at('total'), total);
    });

    test('a server that is stopped while the disk is full loses nothing', async (t) => {
      const folder = smallDisk(t, 3);
      if (folder === null) return t.skip('no small file system can be mounted by this user');
      const server = await folder.start(version);
      const admin = await firstAccount(server);
      await admin.put('/api/preferences', { theme: 'dark' });
      const free = fill(folder);
      assert.deepEqual(await server.stop(), { code: 0, signal: null });
      free();
      const next = await folder.start(version);
      const owner = await signedIn(next, 'owner');
      assert.equal((await owner.get('/api/preferences')).at('theme'), 'dark');
    });
  });
