import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { makeAccounts, openSite, password, signIn, withoutBrowser, type Site } from '../browser.ts';
import { expectTitles, inHistory, kept } from '../page.ts';
import { eventually } from '../patience.ts';

describe('the page of 2.0.0', { skip: withoutBrowser }, () => {
  let site: Site;
  before(async () => {
    site = await openSite('2.0.0');
  });
  afterEach(() => site.closeVisits());
  after(() => site.close());

  test('the first visitor makes the first account; language and mode are kept with it', async () => {
    const { page } = await site.visit();
    const form = page.locator('#set-up-form');
    await form.getByLabel('Name').fill('first');
    await form.getByLabel('Password', { exact: true }).fill(password);
    await form.getByLabel('Password once more').fill(password);
    await form.getByRole('button', { name: 'Make the account' }).click();
    for (const part of ['Add links', 'Queue', 'History', 'Statistics', 'Announcements']) {
      await page.getByRole('heading', { name: part }).waitFor();
    }

    const preferences = /\/api\/preferences$/;
    const toDark = page.getByRole('button', { name: 'Switch between light and dark' });
    await kept(page, preferences, () => toDark.click());
    await kept(page, preferences, () => page.locator('#language').selectOption('vi'));
    await page.getByRole('heading', { name: 'Lịch sử' }).waitFor();
    await page.getByRole('heading', { name: 'Thống kê' }).waitFor();
    await eventually(() => page.title(), 'Tải xuống – Social Download Manager');

    await page.getByRole('button', { name: 'Đăng xuất' }).click();
    await page.getByRole('heading', { name: 'Đăng nhập' }).waitFor();
    await eventually(() => page.getByRole('navigation').isVisible(), false);

    const elsewhere = await site.visitAs('first');
    await elsewhere.page.locator('html[lang=vi][data-theme=dark]').waitFor();
    await eventually(() => elsewhere.page.locator('#account-name').textContent(), 'first');
  });

  test('every link of the help page leads somewhere, in both languages', async () => {
    const { page } = await site.visit();
    await page.goto(`${site.server.origin}/help.html`);
    const addresses = await page
      .locator('a')
      .evaluateAll((all) => all.map((one) => String(Object(one).href)));
    assert(addresses.length > 24);
    for (const address of new Set(addresses)) {
      const answer = await page.request.get(address);
      assert.equal(answer.status(), 200, address);
      const { hash } = new URL(address);
      if (hash === '' || hash.startsWith('#/')) continue;
      assert.equal(await page.locator(`[id="${hash.slice(1)}"]`).count(), 1, address);
    }
  });
});

describe('the page of 2.0.0 on the data of 1.2.1', { skip: withoutBrowser }, () => {
  let site: Site;
  before(async () => {
    site = await openSite('1.2.1');
  });
  afterEach(() => site.closeVisits());
  after(() => site.close());

  test('history, pins, open rows and preferences are there', async () => {
    const old = await makeAccounts(site, []);
    site.media.controlFile('lost.mp4', { status: '404' });
    const names = ['wren', 'robin', 'lost'];
    const sent = await old.post('/api/downloads', {
      links: names.map((name) => `${site.media.origin}/file/${name}.mp4?size=4000`),
    });
    assert.equal(sent.status, 202, sent.text);
    const wren = sent.number('accepted.0.id');
    const earlier = await site.visitAs('admin');
    await earlier.page.locator('#history [data-status=done]').nth(1).waitFor();
    await earlier.page.locator('#history [data-status=failed]').waitFor();
    await old.patch(`/api/downloads/${wren}`, {
      title: 'Wren, renamed',
      uiState: { pinned: true, expanded: true },
    });
    await old.put('/api/preferences', {
      theme: 'dark',
      quality: '480',
      ui: { rowsPerPage: 25, sort: 'title', compact: true },
    });
    await earlier.context.close();
    await site.server.stop();

    const server = await site.folder.start('2.0.0');
    const { page } = await site.visitAt(server.origin);
    await signIn(page, 'admin');
    const failed = `${site.media.origin}/file/lost.mp4?size=4000`;
    await expectTitles(page, ['Wren, renamed', failed, 'robin']);
    await page.locator('html[data-theme=dark]').waitFor();
    const row = inHistory(page, 'Wren, renamed');
    await row.getByText('Completed').waitFor();
    await row.getByText('wren.mp4', { exact: true }).waitFor();
    const pin = row.getByRole('button', { name: 'Pin' });
    await eventually(() => pin.getAttribute('aria-pressed'), 'true');
    await inHistory(page, failed).getByText('Failed').waitFor();
    await inHistory(page, failed).getByText('answered 404').waitFor();
    await eventually(() => page.getByLabel('Order').inputValue(), 'title');
    await eventually(() => page.locator('#add-form [name=quality]').inputValue(), '480');
    await eventually(() => page.locator('#history.compact').count(), 1);
    await page.locator('#totals').getByText('3 downloads in all').waitFor();

    await page.getByRole('link', { name: 'Preferences' }).click();
    await eventually(() => page.getByLabel('Rows on a page').inputValue(), '25');
    await page.locator('#theme-list').getByRole('button', { name: 'Midnight' }).waitFor();
    const active = page.locator('#theme-list [aria-pressed=true]');
    await eventually(async () => (await active.textContent())?.trim(), 'Dark');
  });
});
