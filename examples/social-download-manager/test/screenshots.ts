/**
 * Takes the README's screenshots of a release, anew: `node test/screenshots.ts 2.0.0`.
 * The downloads in them are real ones, from the media server.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { makeAccounts, openSite, type Site } from './browser.ts';
import type { Client } from './client.ts';
import { releases } from './releases.ts';

const folder = join(import.meta.dirname, '..', 'screenshots');
const release = process.argv[2] ?? '2.0.0';
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

const { completed } = releases.find(({ version }) => version === release) ?? { completed: '' };

mkdirSync(folder, { recursive: true });
const measuring = JSON.stringify({ sampleSeconds: 1, keepDays: 7 });
const site = await openSite(release, { 'performance_settings.json': measuring });
try {
  const admin = await makeAccounts(site, []);
  const { page } = await site.visitAs('admin', window);
  await fillHistory(page);
  if (release.startsWith('1.')) await takeOld(page);
  else await takeNew(page, admin);
} finally {
  await site.close();
}

/** The page as it is made of one piece. */
async function takeOld(page: Page): Promise<void> {
  await page.reload();
  await page.locator('#queue-empty').waitFor();
  await take(page, 'history', { fullPage: true });
  await page.getByRole('button', { name: 'Switch between light and dark' }).click();
  await page.mouse.move(0, 400);
  await downloadSlowly(page);
  await take(page, 'queue-dark');
}

/** The page of components, in light, in dark while it is arranged, in a theme of one's own, and on a phone. */
async function takeNew(page: Page, admin: Client): Promise<void> {
  await page.setViewportSize({ width: 1240, height: 860 });
  await admin.post('/api/announcements', {
    message: 'The disks are changed on Sunday, from ten to eleven.',
    level: 'warning',
  });
  await downloadSlowly(page);
  await take(page, 'page', { fullPage: true });

  await page.getByRole('button', { name: 'Switch between light and dark' }).click();
  await page.getByRole('button', { name: 'Arrange this page' }).click();
  await page.getByRole('button', { name: 'Move Statistics up' }).click();
  await page.getByRole('button', { name: 'Move Statistics up' }).click();
  await page.getByRole('checkbox', { name: 'Announcements' }).uncheck();
  await take(page, 'arranging-dark');
  await page.getByRole('button', { name: 'Done' }).click();

  await page.getByRole('link', { name: 'Preferences' }).click();
  await page.getByRole('button', { name: 'Make a theme' }).click();
  await fillTheme(page, { name: 'Plum', accent: '#8c1c7c' });
  await page.locator('#theme-form').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Plum' }).click();
  await page.locator('#theme-list [aria-pressed=true]').filter({ hasText: 'Plum' }).waitFor();
  await page.getByRole('button', { name: 'Make a theme' }).click();
  await fillTheme(page, { name: 'Candy', accent: '#d27ac8' });
  await take(page, 'themes');

  await page.getByRole('link', { name: 'Downloads' }).click();
  await page.setViewportSize({ width: 360, height: 740 });
  await page.evaluate('scrollTo(0, 0)');
  await take(page, 'phone');
}

async function take(page: Page, name: string, options: { fullPage?: boolean } = {}): Promise<void> {
  await page.screenshot({ path: join(folder, `${release}-${name}.png`), ...options });
}

async function fillTheme(
  page: Page,
  { name, accent }: Readonly<Record<'name' | 'accent', string>>,
): Promise<void> {
  const colors = { background: '#f6ecf5', panel: '#ffffff', text: '#3a2038', accent };
  await page.locator('#theme-form [name=name]').fill(name);
  for (const [part, color] of Object.entries(colors)) {
    await page.locator(`#theme-form [name=${part}]`).fill(color);
  }
}

/** Leaves three downloads under way, a good part of each already there. */
async function downloadSlowly(page: Page): Promise<void> {
  await download(page, linksOf(site, underWay, `&rate=${6 * megabyte}`));
  await page.getByText('left').nth(2).waitFor();
  await page.waitForFunction(
    () => Number(Object(globalThis).document.querySelector('#queue progress')?.value) > 0.35,
  );
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
  await page.locator(`#history [data-status=${completed}]`).nth(4).waitFor();
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
