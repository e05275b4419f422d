import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import {
  startMediaServer,
  type MediaServer,
} from '../../examples/social-download-manager/media-server/server.ts';
import { Managed } from './managed.ts';
import { download, historyOf, setUp } from './people.ts';

async function mediaFor(scope: { after(clean: () => Promise<void>): void }): Promise<MediaServer> {
  const media = await startMediaServer();
  scope.after(() => media.close());
  return media;
}

describe('Social Download Manager 1.2.1 → 2.0.0 and back', { concurrency: false }, () => {
  const scope = { after: (clean: () => void | Promise<void>) => after(clean) };

  test('what was done under 2.0.0 is there under 1.2.1, and comes back with what 1.2.1 added', async () => {
    const media = await mediaFor(scope);
    const link = (name: string): string => `${media.origin}/file/${name}?size=20000`;
    const managed = await Managed.install(scope, ['1.2.1', '2.0.0']);
    await managed.document('service', 'start');
    const client = managed.client();
    await setUp(client);
    await download(client, [link('one.mp4'), link('two.mp4'), link('three.mp4')]);
    await client.patch('/api/downloads/1', { uiState: { pinned: true, expanded: false } });

    const upgraded = await managed.document('upgrade', '--to', '2.0.0', '--yes');
    assert.equal(upgraded['result'], 'upgraded');
    await download(client, [link('four.mp4')]);
    await client.patch('/api/downloads/2', { title: 'Renamed under 2.0.0' });
    await client.patch('/api/downloads/4', { uiState: { pinned: true, expanded: true } });
    assert.equal((await client.delete('/api/downloads/3')).status, 204);
    const theme = await client.post('/api/themes', {
      name: 'Sea',
      colors: { background: '#001122', text: '#ffffff', accent: '#22aaff', panel: '#112233' },
    });
    assert.equal(theme.status, 201, theme.text);
    const themeId = theme.number('theme.id');
    const preferences = { language: 'vi', themeId, ui: { compact: true } };
    assert.equal((await client.put('/api/preferences', preferences)).status, 200);
    const under2 = await historyOf(client);

    const back = await managed.document('rollback', '--yes', '--reason', 'it went bad');
    assert.equal(back['result'], 'rolled-back');
    assert.deepEqual(await historyOf(client), [
      '1 one done {"pinned":true,"expanded":false}',
      '2 Renamed under 2.0.0 done null',
      '4 four done {"pinned":true,"expanded":true}',
    ]);
    const old = await client.get('/api/preferences');
    assert.equal(old.at('language'), 'vi');
    assert.equal(old.at('ui.compact'), true);
    const held = await managed.backstep('upgrade', '--to', '2.0.0', '--yes');
    assert.equal(held.code, 3, held.stderr);
    assert.match(held.stderr, /on hold.*it went bad/);

    await download(client, [link('five.mp4')]);
    const forth = await managed.document('return', '--release-hold', '--yes');
    assert.equal(forth['result'], 'returned');
    assert.deepEqual(
      (await historyOf(client)).filter((row) => !row.startsWith('5 ')),
      under2,
    );
    assert.equal((await historyOf(client)).at(-1), '5 five completed null');
    assert.equal((await client.get('/api/preferences')).at('themeId'), themeId);
  });

  test('killed right after the commit record, `resume` finishes the rollback', async () => {
    const media = await mediaFor(scope);
    const managed = await Managed.install(scope, ['1.2.1', '2.0.0']);
    await managed.document('service', 'start');
    const client = managed.client();
    await setUp(client);
    await download(client, [`${media.origin}/file/one.mp4?size=5000`]);
    await managed.document('upgrade', '--to', '2.0.0', '--yes');
    await download(client, [`${media.origin}/file/two.mp4?size=5000`]);

    const hold = managed.hold('after-commit');
    const child = managed.begin('rollback', '--yes');
    const ended = once(child, 'exit');
    await hold.reached();
    child.kill('SIGKILL');
    await ended;
    hold.letGo();
    assert.equal(child.signalCode, 'SIGKILL');
    const status = await managed.backstep('status');
    assert.equal(status.code, 7);
    assert.match(status.stdout, /INTERRUPTED/);

    assert.equal((await managed.backstep('resume')).code, 0);
    assert.deepEqual(await historyOf(client), ['1 one done null', '2 two done null']);
    assert.equal((await managed.backstep('status')).code, 0);
  });

  test('`plan` tells what a rollback does, and `--as-of` takes an earlier state for now', async () => {
    const media = await mediaFor(scope);
    const managed = await Managed.install(scope, ['1.2.1', '2.0.0']);
    await managed.document('service', 'start');
    const client = managed.client();
    await setUp(client);
    await download(client, [`${media.origin}/file/one.mp4?size=5000`]);
    assert.equal((await managed.backstep('plan')).code, 3, 'there is no pair yet');
    await managed.document('upgrade', '--to', '2.0.0', '--yes');
    await download(client, [`${media.origin}/file/two.mp4?size=5000`]);

    const plan = await managed.document('plan');
    assert.equal(plan['class'], 'HIGH');
    assert.deepEqual(Object(plan['assets']).history.carried, {
      inserted: 1,
      updated: 0,
      deleted: 0,
    });
    assert.deepEqual(await historyOf(client), ['1 one completed null', '2 two completed null']);
    const captured = new Date().toISOString();
    await client.delete('/api/downloads/1');

    const back = await managed.document('rollback', '--yes', '--as-of', captured);
    assert.deepEqual(Object(back['assets']).history.carried, {
      inserted: 1,
      updated: 0,
      deleted: 0,
    });
    assert.deepEqual(await historyOf(client), ['1 one done null', '2 two done null']);
  });
});
