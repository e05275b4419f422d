import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { addMember, firstAccount, signedIn } from '../accounts.ts';
import type { Client } from '../client.ts';
import { dataFolder, type RunningServer } from '../running.ts';
import { readJson } from '../stored.ts';

const colors = { background: '#101010', text: '#F0f0F0', accent: '#ff0088', panel: '#202020' };
const stored = { ...colors, text: '#f0f0f0' };

describe('themes', () => {
  const folder = dataFolder({ after });
  let server: RunningServer;
  let admin: Client;
  let member: Client;

  before(async () => {
    server = await folder.start('2.0.0');
    admin = await firstAccount(server);
    member = await addMember(server, admin, 'member');
  });

  const names = async (client: Client) =>
    Array.from((await client.get('/api/themes')).list('themes'), (theme) => Object(theme).name);

  test('everybody has the same three, which nobody changes', async () => {
    const answer = await member.get('/api/themes');
    assert.deepEqual(answer.at('themes.1'), {
      id: 2,
      name: 'Midnight',
      colors: { background: '#0f1524', text: '#e6eaf4', accent: '#7aa7ff', panel: '#1a2236' },
      isOwn: false,
    });
    assert.deepEqual(await names(member), ['Paper', 'Midnight', 'High contrast']);
    for (const refused of [
      await admin.put('/api/themes/1', { name: 'Mine' }),
      await admin.delete('/api/themes/1'),
    ])
      assert.deepEqual([refused.status, refused.at('error.code')], [403, 'theme/shared']);
  });

  test('a user makes, changes, chooses and deletes themes of their own', async () => {
    const made = await member.post('/api/themes', { name: 'Neon', colors });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual(made.at('theme'), { id: 4, name: 'Neon', colors: stored, isOwn: true });
    const chosen = await member.put('/api/preferences', { themeId: 4 });
    assert.equal(chosen.at('themeId'), 4);
    const renamed = await member.put('/api/themes/4', { name: 'Neon 2' });
    assert.deepEqual(renamed.at('theme'), { id: 4, name: 'Neon 2', colors: stored, isOwn: true });
    await server.stop();
    const exported = Object(readJson(folder, 'theme_configurations.json')).themes;
    assert.deepEqual(exported.at(-1), { name: 'Neon 2', owner: 'member', colors: stored });
    const profile = Object(readJson(folder, 'user_data/saved_preferences.json')).profiles[1];
    assert.deepEqual(profile.theme, { mode: 'light', active: 'Neon 2' });

    server = await folder.start('2.0.0');
    [admin, member] = [await signedIn(server, 'owner'), await signedIn(server, 'member')];
    assert.equal((await member.get('/api/session')).at('preferences.themeId'), 4);
    assert.equal((await member.delete('/api/themes/4')).status, 204);
    assert.equal((await member.get('/api/preferences')).at('themeId'), null);
    assert.equal((await member.delete('/api/themes/4')).status, 404);
  });

  test('somebody else’s theme is as unknown as none', async () => {
    const { id } = Object((await member.post('/api/themes', { name: 'Own', colors })).at('theme'));
    assert.equal((await names(admin)).includes('Own'), false);
    assert.equal((await admin.put(`/api/themes/${id}`, { name: 'x' })).status, 404);
    assert.equal((await admin.delete(`/api/themes/${id}`)).status, 404);
    const chosen = await admin.put('/api/preferences', { themeId: id });
    assert.deepEqual([chosen.status, chosen.at('error.code')], [400, 'theme/unknown']);
    assert.equal((await admin.post('/api/themes', { name: 'Own', colors })).status, 201);
  });

  test('names that are taken and colours that are none are refused', async () => {
    const post = (body: object) => member.post('/api/themes', { name: 'Two', colors, ...body });
    assert.equal((await post({})).status, 201);
    const taken = await post({});
    assert.deepEqual([taken.status, taken.at('error.code')], [409, 'theme/taken']);
    const id = Object((await post({ name: 'Three' })).at('theme')).id;
    assert.equal((await member.put(`/api/themes/${id}`, { name: 'Two' })).status, 409);
    for (const accent of ['red', '#fff', '#12345g', 7, 'url(x)'])
      assert.equal((await post({ name: 'x', colors: { ...colors, accent } })).status, 400);
    for (const name of ['', 'n'.repeat(51), 'a\u0000b'])
      assert.equal((await post({ name })).status, 400);
    assert.equal((await post({ name: 'x', colors: {} })).status, 400);
  });

  test('are switched off in config.json', async () => {
    await server.stop();
    const path = join(folder.path, 'config.json');
    const config = JSON.parse(readFileSync(path, 'utf8'));
    config.features.customThemes = false;
    writeFileSync(path, JSON.stringify(config));
    server = await folder.start('2.0.0');
    const client = await signedIn(server, 'member');
    const refused = await client.post('/api/themes', { name: 'Late', colors });
    assert.deepEqual([refused.status, refused.at('error.code')], [403, 'feature/off']);
  });
});
