import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMediaServer } from '../../examples/social-download-manager/media-server/server.ts';
import { Managed } from './managed.ts';
import { download, historyOf, setUp } from './people.ts';

test('two upgrades are rolled back at once, and forward again step by step', async (scope) => {
  const media = await startMediaServer();
  scope.after(() => media.close());
  const link = (name: string): string => `${media.origin}/file/${name}?size=3000`;
  const managed = await Managed.install(scope, ['1.2.1', '2.0.0', '2.1.0']);
  await managed.document('service', 'start');
  const client = managed.client();
  await setUp(client);
  await download(client, [link('one.mp4'), link('two.mp4')]);
  await managed.document('upgrade', '--to', '2.0.0', '--yes');
  await download(client, [link('three.mp4')]);
  await client.patch('/api/downloads/1', { title: 'Renamed under 2.0.0' });
  await managed.document('upgrade', '--to', '2.1.0', '--yes');
  await download(client, [link('four.mp4')]);
  await client.patch('/api/downloads/2', { uiState: { pinned: true, expanded: false } });
  await client.patch('/api/downloads/3', { title: 'Renamed under 2.1.0' });
  const under21 = await historyOf(client);

  const back = await managed.document('rollback', '--to', '1.2.1', '--yes');
  assert.equal(back['way'], 'folded');
  assert.deepEqual(await historyOf(client), [
    '1 Renamed under 2.0.0 done null',
    '2 two done {"pinned":true,"expanded":false}',
    '3 Renamed under 2.1.0 done null',
    '4 four done null',
  ]);
  const file = await client.get('/api/downloads/4/file');
  assert.equal(file.status, 200, 'the file made under 2.1.0 is found under 1.2.1');

  await download(client, [link('five.mp4')]);
  const forth = await managed.document('return', '--release-hold', '--yes');
  assert.equal(forth['to'], '2.1.0');
  assert.deepEqual(await historyOf(client), [...under21, '5 five completed null']);
  assert.equal((await client.get('/api/downloads/5/file')).status, 200);
});
