import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { makeAccounts, openSite, password, signIn, withoutBrowser, type Site } from '../browser.ts';
import type { Client } from '../client.ts';
import { kept } from '../page.ts';
import { eventually } from '../patience.ts';

describe('the page of a new server', { skip: withoutBrowser }, () => {
  let site: Site;
  before(async () => {
    site = await openSite('1.2.1');
  });
  afterEach(() => site.closeVisits());
  after(() => site.close());

  test('the first visitor makes the first account, and can sign out and in again', async () => {
    const { page } = await site.visit();
    const form = page.locator('#set-up-form');
    await form.getByLabel('Name').fill('first');
    await form.getByLabel('Password', { exact: true }).fill(password);
    await form.getByLabel('Password once more').fill(`${password}!`);
    await form.getByRole('button', { name: 'Make the account' }).click();
    await form.getByText('The two passwords differ.').waitFor();
    await form.getByLabel('Password once more').fill(password);
    await form.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('heading', { name: 'Add links' }).waitFor();
    await page.getByRole('link', { name: 'Administration' }).waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(page, 'first');
    await eventually(() => page.locator('#account-name').textContent(), 'first');
  });
});

describe('the page', { skip: withoutBrowser }, () => {
  let site: Site;
  let admin: Client;
  before(async () => {
    site = await openSite('1.2.1');
    admin = await makeAccounts(site, ['reader', 'planner', 'guest']);
  });
  afterEach(() => site.closeVisits());
  after(() => site.close());

  test('a wrong password is refused with a message and a hint', async () => {
    const { page } = await site.visit();
    const form = page.locator('#sign-in-form');
    await form.getByLabel('Name').fill('guest');
    await form.getByLabel('Password').fill('something else');
    await form.getByRole('button').click();
    const problem = form.getByRole('alert');
    await problem.getByText('The name or the password is wrong.').waitFor();
    await problem.getByText('Names may be written in capitals or not').waitFor();
    await eventually(() => page.locator('#downloads').isVisible(), false);
  });

  test('a session that has ended elsewhere leads back to signing in', async () => {
    const { page, context } = await site.visitAs('guest');
    await context.clearCookies();
    // The page may notice by itself before the form is sent, and hides it then.
    await page.locator('#add-form').evaluate((form) => {
      Object(form).elements.links.value = 'https://example.com/a';
      Object(form).requestSubmit();
    });
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('theme and language change at once and are kept with the account', async () => {
    const { page } = await site.visitAs('reader');
    const preferences = /\/api\/preferences$/;
    await kept(page, preferences, () =>
      page.getByRole('button', { name: 'Switch between light and dark' }).click(),
    );
    await page.locator('html[data-theme=dark]').waitFor();
    await kept(page, preferences, () => page.locator('#language').selectOption('vi'));
    await page.getByRole('heading', { name: 'Lịch sử' }).waitFor();
    await eventually(() => page.title(), 'Tải xuống – Social Download Manager');

    const elsewhere = await site.visitAs('reader');
    await elsewhere.page.locator('html[lang=vi][data-theme=dark]').waitFor();
    await elsewhere.page.getByRole('button', { name: 'Đăng xuất' }).waitFor();
  });

  test('preferences survive a reload', async () => {
    const { page } = await site.visitAs('planner');
    await page.getByRole('link', { name: 'Preferences' }).click();
    const form = page.locator('#preferences-form');
    await form.getByLabel('Quality').selectOption('720');
    await form.getByLabel('My folder').fill('for school');
    await form.getByLabel('Rows on a page').selectOption('25');
    await form.getByLabel('Compact rows').check();
    await form.getByLabel('Theme').selectOption('dark');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('status').getByText('Saved').waitFor();

    await page.reload();
    await page.locator('html[data-theme=dark]').waitFor();
    await form.waitFor();
    await eventually(() => form.getByLabel('Quality').inputValue(), '720');
    await eventually(() => form.getByLabel('My folder').inputValue(), 'for school');
    await eventually(() => form.getByLabel('Rows on a page').inputValue(), '25');
    await eventually(() => form.getByLabel('Compact rows').isChecked(), true);
    await page.getByRole('link', { name: 'Downloads' }).click();
    await eventually(() => page.locator('#add-form [name=quality]').inputValue(), '720');
  });

  test('a folder outside the download folder is refused where it was typed', async () => {
    const { page } = await site.visitAs('guest');
    await page.getByRole('link', { name: 'Preferences' }).click();
    const form = page.locator('#preferences-form');
    await form.getByLabel('My folder').fill('../elsewhere');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByRole('alert').waitFor();
    await eventually(() => form.getByRole('status').textContent(), '');
  });

  test('every link of the help page works, in both languages', async () => {
    const { page } = await site.visitAs('guest');
    await page.getByRole('navigation').getByRole('link', { name: 'Help' }).click();
    await page.getByRole('heading', { name: 'Help', exact: true }).waitFor();
    const [english, vietnamese] = ['Help', 'Trợ giúp'].map((name) =>
      page.getByRole('heading', { name, exact: true }),
    );
    await eventually(() => vietnamese?.isVisible(), false);
    await page.getByRole('button', { name: 'Tiếng Việt' }).click();
    await page.getByRole('heading', { name: 'Trợ giúp', exact: true }).waitFor();
    await eventually(() => english?.isVisible(), false);

    const addresses = await page
      .locator('a')
      .evaluateAll((links) => links.map((link) => String(Object(link).href)));
    assert(addresses.length > 20);
    for (const address of addresses) {
      const { pathname, hash } = new URL(address);
      const answer = await page.request.get(address);
      assert.equal(answer.status(), 200, address);
      if (hash === '' || hash.startsWith('#/')) continue;
      assert.equal(pathname, '/help.html');
      assert.equal(await page.locator(`[id="${hash.slice(1)}"]`).count(), 1, address);
    }
  });

  test('an announcement appears above the page and can be hidden', async () => {
    const { page } = await site.visitAs('guest');
    const announced = await admin.post('/api/announcements', {
      message: 'Back at <b>noon</b>',
      level: 'warning',
    });
    assert.equal(announced.status, 201, announced.text);
    const bar = page.locator('#announcements').getByText('Back at <b>noon</b>');
    await bar.waitFor();
    await page.getByRole('button', { name: 'Hide' }).click();
    await bar.waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('heading', { name: 'Add links' }).waitFor();
    await eventually(() => bar.count(), 0);
    const elsewhere = await site.visit();
    await elsewhere.page.locator('#announcements').getByText('Back at <b>noon</b>').waitFor();
  });
});
