import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { makeAccounts, openSite, password, signIn, withoutBrowser, type Site } from '../browser.ts';
import type { Client } from '../client.ts';
import { add, expectTitles, inHistory, inQueue, links, rename, shareOf } from '../page.ts';
import { eventually } from '../patience.ts';
import { dataFolder, lastingPort } from '../running.ts';

describe('downloads on the page of 2.0.0', { skip: withoutBrowser }, () => {
  let site: Site;
  let admin: Client;
  before(async () => {
    site = await openSite('2.0.0');
    admin = await makeAccounts(site, ['reader', 'watcher']);
  });
  afterEach(() => site.closeVisits());
  after(() => site.close());

  test('progress comes by the stream alone; a cancelled download goes on from its part', async () => {
    const { page } = await site.visit();
    // A stream that does not come about is opened again.
    await page.route('**/api/progress', (route) => route.abort());
    await Promise.all([page.waitForEvent('requestfailed'), signIn(page, 'admin')]);
    const opened = page.waitForResponse(/\/api\/progress$/);
    await page.unroute('**/api/progress');
    await opened;
    site.media.controlFile('long.mp4', { rate: '200000' });
    await add(page, `${site.media.origin}/file/long.mp4?size=50000000`);
    const row = inQueue(page, 'long');
    await row.getByText(/MB of 50\.0 MB · .+\/s · .+ left/).waitFor();
    await freezeActive(page, admin);
    const early = await shareOf(row.getByRole('progressbar'));
    await page.waitForFunction(
      ([share]) =>
        Number(Object(globalThis).document.querySelector('#queue progress')?.value) > share + 0.01,
      [early] as const,
    );
    await page.unroute('**/api/downloads/active');

    await row.getByRole('button', { name: 'Cancel the download' }).click();
    await row.getByText('Cancelled').waitFor();
    const asked = site.media.requests().length;
    site.media.controlFile('long.mp4', {});
    await row.getByRole('button', { name: 'Resume where it stopped' }).click();
    await inHistory(page, 'long').getByText('Completed').waitFor();
    const ranges = site.media
      .requests()
      .slice(asked)
      .map(({ range }) => range);
    assert(
      ranges.some((range) => range !== null && /^bytes=[1-9]/.test(range)),
      `it went on from its part: ${JSON.stringify(ranges)}`,
    );
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      inHistory(page, 'long').getByRole('link', { name: 'Save the file' }).click(),
    ]);
    assert.equal(await file.failure(), null);

    // What another program adds and deletes comes and goes by itself.
    const sent = await admin.post('/api/downloads', {
      links: links(site, { other: 300 }).split(' '),
    });
    await inHistory(page, 'other').getByText('Completed').waitFor();
    await inQueue(page, 'other').getByText('Completed').waitFor();
    await freezeActive(page, admin);
    await admin.delete(`/api/downloads/${sent.number('accepted.0.id')}`);
    await inHistory(page, 'other').waitFor({ state: 'detached' });
  });

  test('links are refused with their reasons; rows are searched, sorted, renamed, pinned and deleted', async () => {
    const { page } = await site.visitAs('reader');
    site.media.controlFile('gone.mp4', { status: '404' });
    await add(
      page,
      `${links(site, { apple: 3000, cherry: 9000, banana: 6000, gone: 1 })} file:///x`,
    );
    await page.locator('#refused').getByText('Only links that begin with http').waitFor();
    await eventually(() => page.locator('#add-form textarea').inputValue(), 'file:///x');
    await inHistory(page, 'gone').getByText('answered 404').waitFor();
    await page.locator('#history [data-status=completed]').nth(2).waitFor();
    await page.getByLabel('Show only').selectOption('completed');
    await page.getByLabel('Order').selectOption('size');
    await expectTitles(page, ['cherry', 'banana', 'apple']);
    await page.getByLabel('Search titles and links').fill('an');
    await expectTitles(page, ['banana']);
    await page.getByLabel('Search titles and links').fill('');

    const title = '<b onclick="1">Zither</b>';
    await rename(inHistory(page, 'banana'), title);
    await inHistory(page, title).getByRole('button', { name: 'Pin' }).click();
    await expectTitles(page, [title, 'cherry', 'apple']);
    const file = join(site.folder.path, 'downloads', 'banana.mp4');
    assert.equal(existsSync(file), true);
    await inHistory(page, title).getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(title).waitFor();
    await eventually(() => page.locator('#history b, dialog b').count(), 0);
    await dialog.getByLabel('Delete the downloaded file as well').check();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expectTitles(page, ['cherry', 'apple']);
    await eventually(() => existsSync(file), false);
  });

  test('a Vimeo link is downloaded', async (t) => {
    if (spawnSync('yt-dlp', ['--version']).error !== undefined) {
      t.skip('yt-dlp is not installed');
      return;
    }
    const { page } = await site.visitAs('watcher');
    site.media.controlMedia('76979871', { title: 'The mountain', size: '300000' });
    await add(page, 'https://vimeo.com/76979871');
    const row = inHistory(page, 'The mountain');
    await row.getByText('Completed').waitFor();
    await row.getByText(/^Vimeo · /).waitFor();
  });

  test('a server that is gone is said without a click, and the stream goes on when it is back', async (t) => {
    const folder = dataFolder(t);
    const args = ['--port', `${await lastingPort()}`];
    const server = await folder.start('2.0.0', { args });
    const client = server.client();
    const setup = await client.post('/api/setup', { name: 'admin', password });
    assert.equal(setup.status, 201);
    const { page, expectLoss } = await site.visitAt(server.origin);
    await signIn(page, 'admin');
    await page.locator('#add-form textarea').fill('https://example.com/typed');
    expectLoss();
    await server.stop();
    const lost = page.locator('#connection').getByText('The server cannot be reached.');
    await lost.waitFor();
    await folder.start('2.0.0', { args });
    await lost.waitFor({ state: 'detached' });
    const typed = page.locator('#add-form textarea');
    await eventually(() => typed.inputValue(), 'https://example.com/typed');
    const link = `${site.media.origin}/file/after.mp4?size=900`;
    const sent = await client.post('/api/downloads', { links: [link] });
    assert.equal(sent.status, 202);
    await inQueue(page, 'after').getByText('Completed').waitFor();
  });
});

/** From here on the page is told of active downloads what is true now: all else it hears by the stream. */
async function freezeActive(page: Page, client: Client): Promise<void> {
  const { text } = await client.get('/api/downloads/active');
  await page.route('**/api/downloads/active', (route) =>
    route.fulfill({ contentType: 'application/json', body: text }),
  );
}
