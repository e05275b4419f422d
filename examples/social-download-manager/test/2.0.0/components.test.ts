import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addMember, firstAccount, signedIn } from '../accounts.ts';
import type { Answer, Client } from '../client.ts';
import { dataFolder, type RunningServer } from '../running.ts';
import { query, readJson } from '../stored.ts';

const ids = ['add-links', 'queue', 'history', 'statistics', 'announcements'];

describe('components', () => {
  const folder = dataFolder({ after });
  let server: RunningServer;
  let admin: Client;
  let member: Client;

  before(async () => {
    server = await folder.start('2.0.0');
    admin = await firstAccount(server);
    member = await addMember(server, admin, 'member');
  });

  const arrangement = (answer: Answer): readonly unknown[] =>
    answer
      .list('components')
      .map((_, index) => [
        answer.at(`components.${index}.id`),
        answer.at(`components.${index}.visible`),
      ]);

  test('begin in the order of the release, all shown, with nothing kept', async () => {
    const answer = await admin.get('/api/components');
    assert.deepEqual(
      arrangement(answer),
      ids.map((id) => [id, true]),
    );
    assert.deepEqual(answer.at('components.2'), {
      id: 'history',
      kind: 'list',
      title: 'History',
      visible: true,
      state: null,
    });
  });

  test('stand as their user has arranged them, also after the next start', async () => {
    const layout = [
      { id: 'history', visible: true },
      { id: 'statistics', visible: false },
    ];
    const put = await admin.put('/api/components/layout', { layout });
    assert.equal(put.status, 200, put.text);
    const state = { folded: true, columns: ['title', 'size'] };
    const kept = await admin.put('/api/components/history/state', { state });
    assert.deepEqual(kept.body, { id: 'history', state });
    await admin.put('/api/preferences', { theme: 'dark' });
    await server.stop();
    assert.deepEqual(
      Object(readJson(folder, 'user_data/saved_preferences.json')).profiles[0].layout,
      layout,
    );
    server = await folder.start('2.0.0');
    admin = await signedIn(server, 'owner');
    member = await signedIn(server, 'member');
    const again = await admin.get('/api/components');
    assert.deepEqual(arrangement(again), [
      ['history', true],
      ['statistics', false],
      ['add-links', true],
      ['queue', true],
      ['announcements', true],
    ]);
    assert.deepEqual(again.at('components.0.state'), state);
    assert.deepEqual(
      arrangement(await member.get('/api/components')),
      ids.map((id) => [id, true]),
    );
    assert.equal((await member.get('/api/components')).at('components.2.state'), null);
  });

  test('that are unknown, twice there or too talkative are refused', async () => {
    for (const [layout, status, code] of [
      [[{ id: 'nonsense', visible: true }], 404, 'component/unknown'],
      [[{ id: 'api', visible: true }], 404, 'component/unknown'],
      [
        [
          { id: 'queue', visible: true },
          { id: 'queue', visible: false },
        ],
        400,
        'component/twice',
      ],
      [[{ id: 'queue' }], 400, 'request/invalid'],
    ] as const) {
      const answer = await member.put('/api/components/layout', { layout });
      assert.deepEqual([answer.status, answer.at('error.code')], [status, code]);
    }
    const put = (id: string, state: unknown) =>
      member.put(`/api/components/${id}/state`, { state });
    assert.equal((await put('nonsense', {})).status, 404);
    assert.equal((await put('queue', [])).status, 400);
    assert.equal((await put('queue', { text: 'x'.repeat(20_000) })).status, 400);
    assert.deepEqual(query(folder, 'SELECT user_id FROM v2_component_states'), [{ user_id: 1 }]);
  });

  test('are remembered by the downloads that they have added', async () => {
    const add = (body: object) =>
      member.post('/api/downloads', { links: ['http://127.0.0.1:9/x.mp4'], ...body });
    const [page, program] = [await add({ component: 'add-links' }), await add({})];
    assert.equal(page.at('accepted.0.component'), 'add-links');
    assert.equal(program.at('accepted.0.component'), 'api');
    assert.equal((await add({ component: 'nonsense' })).at('error.code'), 'component/unknown');
    assert.deepEqual(query(folder, 'SELECT v2_component_id AS id FROM download_history'), [
      { id: 'add-links' },
      { id: 'api' },
    ]);
  });
});
