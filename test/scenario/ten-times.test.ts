import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMediaServer } from '../../examples/social-download-manager/media-server/server.ts';
import { Managed } from './managed.ts';
import { download, historyOf, setUp } from './people.ts';

/** The rows without their words for `status`, which the two releases spell differently. */
function withoutStatus(rows: readonly string[]): string[] {
  return rows.map((row) => row.replace(/ (done|completed) /, ' '));
}

test('ten times back and forth with edits on both sides, every row and setting is kept', async (scope) => {
  const media = await startMediaServer();
  scope.after(() => media.close());
  const managed = await Managed.install(scope, ['1.2.1', '2.0.0']);
  await managed.document('service', 'start');
  const client = managed.client();
  await setUp(client);
  await managed.document('upgrade', '--to', '2.0.0', '--yes');
  const theme = await client.post('/api/themes', {
    name: 'Kept',
    colors: { background: '#001122', text: '#ffffff', accent: '#22aaff', panel: '#112233' },
  });
  const themeId = theme.number('theme.id');
  await client.put('/api/preferences', { themeId });

  let expected: string[] = [];
  let id = 0;
  const edit = async (side: string, round: number): Promise<void> => {
    await download(client, [`${media.origin}/file/${side}-${round}.mp4?size=500`]);
    id += 1;
    expected.push(`${id} ${side}-${round} null`);
    if (id < 3) return;
    const renamed = id - 2;
    const isPinned = round % 2 === 0;
    const uiState = { pinned: isPinned, expanded: false };
    await client.patch(`/api/downloads/${renamed}`, { title: `renamed ${side} ${round}`, uiState });
    expected = expected.map((row) =>
      row.startsWith(`${renamed} `)
        ? `${renamed} renamed ${side} ${round} ${JSON.stringify(uiState)}`
        : row,
    );
  };
  for (let round = 1; round <= 10; round += 1) {
    await edit('new', round);
    await managed.document('rollback', '--yes');
    assert.deepEqual(withoutStatus(await historyOf(client)), expected, `back, round ${round}`);
    await edit('old', round);
    const language = round % 2 === 0 ? 'en' : 'vi';
    await client.put('/api/preferences', { language });
    await managed.document('return', '--release-hold', '--yes');
    assert.deepEqual(withoutStatus(await historyOf(client)), expected, `forth, round ${round}`);
    const preferences = await client.get('/api/preferences');
    assert.equal(preferences.at('language'), language);
    assert.equal(preferences.at('themeId'), themeId);
  }
});
