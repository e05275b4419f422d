import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { makeAccounts, openSite, password, signIn, withoutBrowser, type Site } from '../browser.ts';
import { kept } from '../page.ts';
import { eventually } from '../patience.ts';
import { dataFolder, lastingPort } from '../running.ts';

describe('the administration on the page', { skip: withoutBrowser }, () => {
  let site: Site;
  before(async () => {
    site = await openSite('1.2.1');
    await makeAccounts(site, ['member']);
  });
  afterEach(() => site.closeVisits());
  after(() => site.close());

  test('a member has no administration, not even by its address', async () => {
    const { page } = await site.visitAs('member');
    await page.goto(`${site.server.origin}/#/administration`);
    await page.getByRole('heading', { name: 'Add links' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Administration' }).isVisible(), false);
    assert.equal(await page.locator('#administration').isVisible(), false);
  });

  test('settings are saved, and what they refuse is said', async () => {
    const { page } = await openAdministration(site);
    const form = page.locator('#settings form');
    await form.getByLabel('Downloads at the same time').fill('5');
    await form.getByLabel('Language of the sign-in page').selectOption('vi');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Saved').waitFor();
    await form.getByLabel('Downloads at the same time').fill('5000');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('alert').getByText('The server did not accept this.').waitFor();
    const first = await site.visit();
    await first.page.getByRole('heading', { name: 'Đăng nhập' }).waitFor();

    await page.reload();
    const atOnce = form.getByLabel('Downloads at the same time');
    await eventually(() => atOnce.inputValue(), '5');
    await form.getByLabel('Language of the sign-in page').selectOption('en');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Saved').waitFor();
  });

  test('a platform that is switched off refuses links; its sign-in is kept and forgotten', async () => {
    const { page } = await openAdministration(site);
    const platform = page.locator('#platforms li').filter({ hasText: 'TikTok' });
    await platform.getByText('Add a sign-in').click();
    await platform.getByLabel('Name').fill('somebody');
    await platform.getByLabel('Password').fill('a secret');
    await platform.getByRole('button', { name: 'Keep this sign-in' }).click();
    await platform.getByText('A sign-in is kept').click();
    await eventually(() => platform.getByLabel('Password').inputValue(), '');
    await platform.getByRole('button', { name: 'Forget it' }).click();
    await platform.getByText('Add a sign-in').waitFor();

    const direct = page.locator('#platforms li').filter({ hasText: 'Direct link' });
    const isOn = direct.getByRole('checkbox');
    await kept(page, /\/api\/platforms\/direct$/, () => isOn.uncheck());
    await page.reload();
    await eventually(() => isOn.isChecked(), false);
    await page.getByRole('link', { name: 'Downloads' }).click();
    await page.locator('#add-form textarea').fill(`${site.media.origin}/file/a.mp4`);
    await page.getByRole('button', { name: 'Download', exact: true }).click();
    await page.locator('#refused').getByText('This platform is switched off.').waitFor();
    await page.getByRole('link', { name: 'Administration' }).click();
    // The list of the first visit is shown until it was asked for again, and must not be taken away under the click.
    await page.reload();
    await eventually(() => isOn.isChecked(), false);
    await kept(page, /\/api\/platforms\/direct$/, () => isOn.check());
  });

  test('a person is added, once, and can sign in', async () => {
    const { page } = await openAdministration(site);
    const users = page.locator('#users');
    await users.getByLabel('Name').fill('newcomer');
    await users.getByLabel('Password').fill(password);
    await users.getByRole('button', { name: 'Add' }).click();
    await users.getByText('newcomer can sign in now').waitFor();
    await users.getByRole('cell', { name: 'newcomer' }).waitFor();
    await users.getByLabel('Name').fill('Newcomer');
    await users.getByLabel('Password').fill(password);
    await users.getByRole('button', { name: 'Add' }).click();
    await users.getByRole('alert').getByText('There is somebody of this name already.').waitFor();
    await site.visitAs('newcomer');
  });

  test('an announcement is made and removed', async () => {
    const { page } = await openAdministration(site);
    const announcing = page.locator('#announcing');
    await announcing.getByLabel('Message').fill('New disks tonight');
    await announcing.getByLabel('Kind').selectOption('critical');
    await announcing.getByLabel('Shown').selectOption('24');
    await announcing.getByRole('button', { name: 'Announce' }).click();
    const bar = page.locator('#announcements .critical').getByText('New disks tonight');
    await bar.waitFor();
    await announcing.getByRole('button', { name: 'Remove' }).click();
    await bar.waitFor({ state: 'detached' });
  });
});

describe('what the page says of its server', { skip: withoutBrowser }, () => {
  let site: Site;
  before(async () => {
    site = await openSite('1.2.1');
    await makeAccounts(site, []);
  });
  afterEach(() => site.closeVisits());
  after(() => site.close());

  test('a lost download folder is said, and no longer when it is back', async () => {
    const folder = join(site.folder.path, 'downloads');
    rmSync(folder, { recursive: true });
    const { page } = await site.visitAs('admin');
    const notice = page.locator('#notices').getByText('The download folder cannot be used.');
    await notice.waitFor();
    mkdirSync(folder);
    await notice.waitFor({ state: 'detached' });
  });

  test('a damaged settings file is said', async (t) => {
    const folder = dataFolder(t);
    writeFileSync(join(folder.path, 'config.json'), '{ "theme": ');
    const server = await folder.start('1.2.1');
    const { page } = await site.visitAt(server.origin);
    const notices = page.locator('#notices');
    await notices.getByText('A settings file was damaged.').waitFor();
    await notices.getByText('config.json.damaged-1').waitFor();
  });

  test('a server that is gone is said, what was typed stays, and all goes on when it is back', async (t) => {
    const folder = dataFolder(t);
    const args = ['--port', `${await lastingPort()}`];
    const server = await folder.start('1.2.1', { args });
    const setup = await server.client().post('/api/setup', { name: 'admin', password });
    assert.equal(setup.status, 201);
    const { page, expectLoss } = await site.visitAt(server.origin);
    await signIn(page, 'admin');
    expectLoss();
    await server.stop();
    await page.locator('#add-form textarea').fill('https://example.com/typed');
    await page.getByRole('button', { name: 'Download', exact: true }).click();
    const lost = page.locator('#connection').getByText('The server cannot be reached.');
    await lost.waitFor();
    await page.locator('#add-form').getByText('The server cannot be reached.').waitFor();

    await folder.start('1.2.1', { args });
    await lost.waitFor({ state: 'detached' });
    const typed = page.locator('#add-form textarea');
    await eventually(() => typed.inputValue(), 'https://example.com/typed');
    await page.locator('#add-form textarea').fill(`${site.media.origin}/file/after.mp4?size=100`);
    await page.getByRole('button', { name: 'Download', exact: true }).click();
    await page.getByRole('heading', { name: 'after' }).first().waitFor();
  });
});

/** Opens the administration, and waits until each of its parts has been filled by the server. */
async function openAdministration(site: Site): Promise<Awaited<ReturnType<Site['visitAs']>>> {
  const visit = await site.visitAs('admin');
  await visit.page.getByRole('link', { name: 'Administration' }).click();
  await visit.page.locator('#platforms li').first().waitFor();
  await visit.page.locator('#users tbody tr').first().waitFor();
  const atOnce = visit.page.locator('#settings [name=maxConcurrentDownloads]');
  await eventually(async () => (await atOnce.inputValue()) !== '', true);
  return visit;
}
