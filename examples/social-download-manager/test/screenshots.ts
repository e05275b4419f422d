/**
 * Takes the README's screenshots of a release, anew: `node test/screenshots.ts 1.2.1`.
 * The downloads in them are real ones, from the media server.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { makeAccounts, openSite, type Site } from './browser.ts';

const folder = join(import.meta.dirname, '..', 'screenshots');
const release = process.argv[2] ?? '1.2.1';
const window = { viewport: { width: 1080, height: 720 } };
const megabyte = 1_000_000;

const finished = {
  'Harbour at dawn.mp4': 48.2,
  'Phở bò – công thức của mẹ.mp4': 27.9,
  'Night train to Huế.webm': 64.1,
  'Radio play, part one.mp3': 8.6,
};
const watched = {
  bread: { title: 'Bread without kneading', uploader: 'Slow Kitchen', size: 31.7 },
  whistle: { title: 'Tin whistle, lesson 3', uploader: 'Field Notes', size: 12.4 },
};
const underWay = {
  'Building a cedar canoe.mp4': 92,
  'Street food in Hội An.mp4': 38,
  'Winter constellations.webm': 57,
};

mkdirSync(folder, { recursive: true });
const site = await openSite(release);
try {
  await makeAccounts(site, []);
  const { page } = await site.visitAs('admin', window);
  await fillHistory(page);
  await page.reload();
  await page.locator('#queue-empty').waitFor();
  await page.screenshot({ path: join(folder, `${release}-history.png`), fullPage: true });

  await page.getByRole('button', { name: 'Switch between light and dark' }).click();
  await page.mouse.move(0, 400);
  await download(page, linksOf(site, underWay, `&rate=${6 * megabyte}`));
  await page.getByText('left').nth(2).waitFor();
  await page.waitForFunction(
    () => Number(Object(globalThis).document.querySelector('#queue progress').value) > 0.35,
  );
  await page.screenshot({ path: join(folder, `${release}-queue-dark.png`) });
} finally {
  await site.close();
}

/** Direct links, two through yt-dlp, and one that fails; waits until the queue has let them go. */
async function fillHistory(page: Page): Promise<void> {
  for (const [id, { title, uploader, size }] of Object.entries(watched)) {
    site.media.controlMedia(id, { title, uploader, size: `${Math.round(size * megabyte)}` });
  }
  site.media.controlFile('Lecture 7.mp4', { status: '404' });
  await download(
    page,
    [
      linksOf(site, finished, ''),
      linksOf(site, { 'Lecture 7.mp4': 1 }, ''),
      'https://www.youtube.com/watch?v=bread',
      'https://www.tiktok.com/@fieldnotes/video/whistle',
    ].join('\n'),
  );
  await page.locator('#history [data-status=done]').nth(4).waitFor();
  await page
    .locator('#history li')
    .filter({ hasText: 'Night train' })
    .getByRole('button', { name: 'Pin' })
    .click();
  await page.locator('#history li.pinned').waitFor();
  await page.locator('#queue-empty').waitFor({ timeout: 60_000 });
}

function linksOf({ media }: Site, sizes: Readonly<Record<string, number>>, rest: string): string {
  return Object.entries(sizes)
    .map(
      ([name, size]) =>
        `${media.origin}/file/${encodeURIComponent(name)}?size=${Math.round(size * megabyte)}${rest}`,
    )
    .join('\n');
}

async function download(page: Page, links: string): Promise<void> {
  await page.locator('#add-form textarea').fill(links);
  await page.getByRole('button', { name: 'Download', exact: true }).click();
}
