import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { makeAccounts, openSite, withoutBrowser, type Site } from '../browser.ts';
import {
  add,
  expectTitles,
  inHistory,
  inQueue,
  isFocused,
  kept,
  links,
  ofOneDownload,
  rename,
  shareOf,
} from '../page.ts';
import { eventually } from '../patience.ts';

describe('downloads on the page', { skip: withoutBrowser }, () => {
  let site: Site;
  before(async () => {
    site = await openSite('1.2.1');
    await makeAccounts(site, ['one', 'many', 'stopper', 'unlucky', 'calm', 'hostile', 'watcher']);
  });
  afterEach(() => site.closeVisits());
  after(() => site.close());

  test('one link is downloaded, and its file can be saved', async () => {
    const { page } = await site.visitAs('one');
    await add(page, `${site.media.origin}/file/holiday.mp4?size=40000`);
    const row = inHistory(page, 'holiday');
    await row.getByText('Done').waitFor();
    await eventually(() => page.locator('#add-form textarea').inputValue(), '');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      row.getByRole('link', { name: 'Save the file' }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^holiday.*\.mp4$/);
    assert.equal(await download.failure(), null);
  });

  test('many links at once: the good ones are taken, the others stay with their reasons', async () => {
    const { page } = await site.visitAs('many');
    const good = ['first', 'second', 'third'].map(
      (name) => `${site.media.origin}/file/${name}.mp4?size=9000`,
    );
    const bad = ['not-a-link', 'file:///etc/passwd', 'https://me:secret@example.com/a.mp4'];
    await add(page, [...good, ...bad].join('\n'));
    const refused = page.locator('#refused');
    await refused.getByText('3 links were not added:').waitFor();
    for (const reason of [
      'This is not a link.',
      'Only links that begin with http:// or https:// can be downloaded.',
      'The link holds a name or password.',
    ]) {
      await refused.getByText(reason).waitFor();
    }
    await eventually(() => page.locator('#add-form textarea').inputValue(), bad.join('\n'));
    for (const name of ['first', 'second', 'third']) {
      await inHistory(page, name).getByText('Done').waitFor();
    }
  });

  test('progress is seen, a cancelled download keeps its part and goes on from it', async () => {
    const { page } = await site.visitAs('stopper');
    site.media.controlFile('long.mp4', { rate: '200000' });
    await add(page, `${site.media.origin}/file/long.mp4?size=60000000`);
    const row = inQueue(page, 'long');
    const bar = row.getByRole('progressbar');
    await row.getByText(/MB of 60\.0 MB · .+\/s · .+ left/).waitFor();
    const early = await shareOf(bar);
    await page.waitForFunction(
      ([share]) =>
        Number(Object(globalThis).document.querySelector('#queue progress')?.value) > share,
      [early] as const,
    );
    await row.getByRole('button', { name: 'Cancel the download' }).click();
    await row.getByText('Cancelled').waitFor();
    const asked = site.media.requests().length;
    site.media.controlFile('long.mp4', {});
    await row.getByRole('button', { name: 'Resume where it stopped' }).click();
    await inHistory(page, 'long').getByText('Done').waitFor();
    const ranges = site.media
      .requests()
      .slice(asked)
      .map(({ range }) => range);
    assert(
      ranges.some((range) => range !== null && /^bytes=[1-9]/.test(range)),
      `it went on from its part: ${JSON.stringify(ranges)}`,
    );
  });

  test('a failed download says why, and can be tried again', async () => {
    const { page } = await site.visitAs('unlucky');
    site.media.controlFile('broken.mp4', { status: '404' });
    await add(page, `${site.media.origin}/file/broken.mp4?size=5000`);
    const row = inHistory(page, 'broken');
    await row.getByText('Failed').waitFor();
    await row
      .locator('.row-error')
      .getByText(/answered 404/)
      .waitFor();
    await page.locator('#language').selectOption('vi');
    await row.getByText(/^Trang nguồn từ chối\. \(.+ answered 404/).waitFor();
    await page.locator('#language').selectOption('en');
    site.media.controlFile('broken.mp4', {});
    await row.getByRole('button', { name: 'Start again from the beginning' }).click();
    await row.getByText('Done').waitFor();
  });

  test('a YouTube link is downloaded in the quality that was chosen, or its sound alone', async (t) => {
    if (spawnSync('yt-dlp', ['--version']).error !== undefined) {
      t.skip('yt-dlp is not installed');
      return;
    }
    const { page } = await site.visitAs('watcher');
    site.media.controlMedia('canoe', { title: 'A cedar canoe', size: '400000' });
    await page.locator('#add-form [name=quality]').selectOption('480');
    await add(page, 'https://www.youtube.com/watch?v=canoe');
    const row = inHistory(page, 'A cedar canoe');
    await row.getByText('Done').waitFor();
    await row.getByText('YouTube · ').getByText('480p').waitFor();
    await page.getByLabel('Audio only').check();
    await add(page, 'https://youtu.be/canoe');
    await row.filter({ hasText: 'Audio only' }).getByText('Done').waitFor();
    const files = site.media.requests().filter(({ path }) => path.startsWith('/file/canoe'));
    const fetched = (name: string): boolean => files.some(({ path }) => path.includes(name));
    assert.deepEqual(
      ['480p', 'audio', '1080p'].map(fetched),
      [true, true, false],
      JSON.stringify(files),
    );
  });

  test('nothing on the page moves while a download is under way', async () => {
    const { page } = await site.visitAs('calm');
    await add(page, `${site.media.origin}/file/steady.mp4?size=200000000&rate=1500000`);
    const row = inQueue(page, 'steady');
    await row.getByText('left').waitFor();
    await inHistory(page, 'steady').getByText('Downloading').waitFor();
    await page.evaluate(watchShifts);
    const early = await shareOf(row.getByRole('progressbar'));
    await page.waitForFunction(
      ([share]) =>
        Number(Object(globalThis).document.querySelector('#queue progress')?.value) > share + 0.03,
      [early] as const,
    );
    assert.deepEqual(await page.evaluate('globalThis.shifts'), []);
    await row.getByRole('button', { name: 'Cancel the download' }).click();
    await row.getByText('Cancelled').waitFor();
  });

  test('a title that is HTML is shown as it is', async () => {
    const { page } = await site.visitAs('hostile');
    await add(page, `${site.media.origin}/file/plain.mp4?size=3000`);
    const row = inHistory(page, 'plain');
    await row.getByText('Done').waitFor();
    const title = '<img src=x onerror="document.title=1"><b>bold</b>';
    await rename(row, title);
    await page.locator('#history').getByRole('heading', { name: title }).waitFor();
    await eventually(() => page.locator('#history img, #history b').count(), 0);
    await eventually(() => page.title(), 'Downloads – Social Download Manager');
    await page.locator('#history').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByText(title).waitFor();
    await eventually(() => page.locator('dialog img').count(), 0);
  });
});

describe('the history on the page', { skip: withoutBrowser }, () => {
  let site: Site;
  before(async () => {
    site = await openSite('1.2.1');
    await makeAccounts(site, ['searcher', 'keeper', 'leaver', 'pager']);
  });
  afterEach(() => site.closeVisits());
  after(() => site.close());

  test('search, status and order narrow and sort the list', async () => {
    const { page } = await site.visitAs('searcher');
    site.media.controlFile('gone.mp4', { status: '404' });
    await add(page, links(site, { apple: 3000, cherry: 9000, banana: 6000, gone: 1 }));
    await inHistory(page, 'gone').getByText('Failed').waitFor();
    for (const name of ['apple', 'cherry', 'banana']) {
      await inHistory(page, name).getByText('Done').waitFor();
    }
    await page.getByLabel('Order').selectOption('title');
    const failed = `${site.media.origin}/file/gone.mp4?size=1`;
    await expectTitles(page, ['apple', 'banana', 'cherry', failed]);
    await page.getByLabel('Show only').selectOption('failed');
    await expectTitles(page, [failed]);
    await page.getByLabel('Show only').selectOption('done');
    await kept(page, /\/api\/preferences$/, () => page.getByLabel('Order').selectOption('size'));
    await expectTitles(page, ['cherry', 'banana', 'apple']);
    await page.getByLabel('Search titles and links').fill('an');
    await expectTitles(page, ['banana']);
    await page.getByLabel('Search titles and links').fill('nothing like it');
    await page.getByText('No download fits this search.').waitFor();

    await page.reload();
    await page.locator('#history').getByRole('heading', { name: 'banana' }).waitFor();
    await eventually(() => page.getByLabel('Order').inputValue(), 'size');
  });

  test('a row is renamed in place, pinned, opened and deleted with its file', async () => {
    const { page } = await site.visitAs('keeper');
    await page.getByLabel('Order').selectOption('title');
    await add(page, links(site, { ant: 2000, bee: 2000, cricket: 2000 }));
    await page.locator('#history [data-status=done]').nth(2).waitFor();
    await rename(inHistory(page, 'cricket'), 'Zither');
    await expectTitles(page, ['ant', 'bee', 'Zither']);
    const row = inHistory(page, 'Zither');
    await eventually(() => row.getByRole('button', { name: 'Rename' }).evaluate(isFocused), true);

    await kept(page, ofOneDownload, () => row.getByRole('button', { name: 'Pin' }).click());
    await expectTitles(page, ['Zither', 'ant', 'bee']);
    await row.locator('.buttons:not([aria-busy])').waitFor();
    await kept(page, ofOneDownload, () => row.getByRole('button', { name: 'Details' }).click());
    await row.getByText('cricket.mp4', { exact: true }).waitFor();
    await page.reload();
    await expectTitles(page, ['Zither', 'ant', 'bee']);
    await row.getByText('cricket.mp4', { exact: true }).waitFor();

    const file = join(site.folder.path, 'downloads', 'cricket.mp4');
    assert.equal(existsSync(file), true);
    await row.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    await row.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByLabel('Delete the downloaded file as well').check();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expectTitles(page, ['ant', 'bee']);
    await eventually(() => existsSync(file), false);

    await inHistory(page, 'ant').getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expectTitles(page, ['bee']);
    assert.equal(existsSync(join(site.folder.path, 'downloads', 'ant.mp4')), true);
  });

  test('a rename is left with Escape', async () => {
    const { page } = await site.visitAs('leaver');
    await add(page, links(site, { willow: 2000 }));
    const row = inHistory(page, 'willow');
    await row.getByText('Done').waitFor();
    await row.getByRole('button', { name: 'Rename' }).click();
    await page.getByLabel('New title').fill('something else');
    await page.keyboard.press('Escape');
    await page.locator('#history').getByRole('heading', { name: 'willow' }).waitFor();
    await eventually(() => row.getByRole('button', { name: 'Rename' }).evaluate(isFocused), true);
  });

  test('long lists are turned page by page', async () => {
    const { page } = await site.visitAs('pager');
    const sizes = Object.fromEntries(Array.from({ length: 23 }, (_, at) => [`part-${at}`, 100]));
    await add(page, links(site, sizes));
    await page.getByRole('link', { name: 'Preferences' }).click();
    await page.getByLabel('Rows on a page').selectOption('10');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'Downloads' }).click();
    await page.getByText('1–10 of 23').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('11–20 of 23').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('21–23 of 23').waitFor();
    await eventually(() => page.locator('#history > li').count(), 3);
    await eventually(() => page.getByRole('button', { name: 'Next' }).isDisabled(), true);
    await page.getByRole('button', { name: 'Previous' }).click();
    await page.getByText('11–20 of 23').waitFor();
  });
});

/** For `evaluate`: keeps what moved, and by how much, in `globalThis.shifts`. */
const watchShifts = `
  globalThis.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries())
      globalThis.shifts.push({ value, moved: sources.map(({ node }) => node?.outerHTML ?? null) });
  }).observe({ type: 'layout-shift' });
`;
