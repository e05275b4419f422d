import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { makeAccounts, openSite, withoutBrowser, type Site } from '../browser.ts';
import type { Client } from '../client.ts';
import { links } from '../page.ts';
import { eventually } from '../patience.ts';

/** Text on its ground, by the names of their colours; WCAG 2.2 asks 4.5 to 1 of all of them. */
const pairs = [
  ['text', ['ground', 'panel', 'raised', 'info-soft', 'warning-soft', 'danger-soft']],
  ['muted', ['ground', 'panel', 'raised']],
  ['accent', ['ground', 'panel']],
  ['accent-strong', ['panel', 'accent-soft']],
  ['on-accent', ['accent', 'accent-strong']],
  ['danger', ['panel', 'raised', 'danger-soft']],
  ['warning', ['warning-soft']],
  ['info', ['info-soft']],
] as const;

const plum = { background: '#f6ecf5', panel: '#ffffff', text: '#3a2038', accent: '#8c1c7c' };

describe('the themes of the page of 2.0.0', { skip: withoutBrowser }, () => {
  let site: Site;
  let admin: Client;
  before(async () => {
    site = await openSite('2.0.0');
    admin = await makeAccounts(site, ['reader']);
  });
  afterEach(() => site.closeVisits());
  after(() => site.close());

  test('a theme is made with a preview and a warning, used, changed and deleted', async () => {
    const { page } = await site.visitAs('reader');
    await page.getByRole('link', { name: 'Preferences' }).click();
    await page.getByRole('button', { name: 'Make a theme' }).click();
    const form = page.locator('#theme-form');
    await form.getByLabel('Name of the theme').fill('Plum');
    for (const [name, color] of Object.entries({ ...plum, accent: '#d27ac8' })) {
      await form.locator(`[name=${name}]`).fill(color);
    }
    await form.getByText('Accent on Panels is hard to read: 2.8 to 1').waitFor();
    await eventually(() => groundOf(page, '#theme-preview'), 'rgb(246, 236, 245)');
    assert.notEqual(await groundOf(page, 'html'), 'rgb(246, 236, 245)');
    await form.locator('[name=accent]').fill(plum.accent);
    await form.locator('#theme-warnings p').first().waitFor({ state: 'detached' });
    await form.getByRole('button', { name: 'Save' }).click();

    const card = page.locator('#theme-list li').filter({ hasText: 'Plum' });
    await card.getByRole('button', { name: 'Plum' }).click();
    await card.locator('[aria-pressed=true]').waitFor();
    await expectGround(page, 'rgb(246, 236, 245)');
    // The colours of the last visit are there before anything is asked of the server.
    await page.route('**/api/**', () => undefined);
    await page.reload();
    await expectGround(page, 'rgb(246, 236, 245)');
    await page.unrouteAll();

    const elsewhere = await site.visitAs('reader');
    await expectGround(elsewhere.page, 'rgb(246, 236, 245)');
    await elsewhere.page.getByRole('link', { name: 'Preferences' }).click();
    const there = elsewhere.page.locator('#theme-list li').filter({ hasText: 'Plum' });
    await there.getByRole('button', { name: 'Change' }).click();
    const change = elsewhere.page.locator('#theme-form');
    await eventually(() => change.locator('[name=text]').inputValue(), plum.text);
    await change.locator('[name=background]').fill('#102030');
    await change.getByRole('button', { name: 'Save' }).click();
    await expectGround(elsewhere.page, 'rgb(16, 32, 48)');

    await there.getByRole('button', { name: 'Delete' }).click();
    await there.getByRole('button', { name: 'Delete for good?' }).click();
    await there.waitFor({ state: 'detached' });
    await elsewhere.page
      .locator('#theme-list [aria-pressed=true]')
      .filter({ hasText: 'Light' })
      .waitFor();
    await eventually(() => elsewhere.page.locator('html').getAttribute('style'), '');
    await checkNames(elsewhere.page);
    await checkThemeOfEverybody(elsewhere.page);
  });

  test('texts are legible in both modes, in the themes of everybody and in strong ones', async () => {
    const { page } = await site.visit();
    await page.locator('#sign-in').waitFor();
    await expectLegible(page, `getComputedStyle(document.documentElement)`, 'light');
    await page.getByRole('button', { name: 'Switch between light and dark' }).click();
    await page.locator('html[data-theme=dark]').waitFor();
    await expectLegible(page, `getComputedStyle(document.documentElement)`, 'dark');
    const themes = (await admin.get('/api/themes')).list('themes').map((theme) => Object(theme));
    assert.equal(themes.length, 3);
    const dim = { background: '#33363a', panel: '#3d4146', text: '#f4f4f4', accent: '#ffb86b' };
    for (const colors of [...themes.map((theme) => Object(theme).colors), plum, dim]) {
      const json = JSON.stringify(colors);
      await page.evaluate(`(async () => {
        const { paletteOf, hardToRead } = await import('./palette.js');
        const { variables } = paletteOf(${json});
        globalThis.palette = { getPropertyValue: (name) => variables[name] };
        globalThis.hard = hardToRead(${json});
      })()`);
      assert.deepEqual(await page.evaluate('globalThis.hard'), [], json);
      await expectLegible(page, 'globalThis.palette', json);
    }
  });

  test('nothing is wider than a screen of 360 pixels, in either language', async () => {
    const names = { 'a-very-long-name-without-any-place-to-break-at-all-in-it': 500, short: 500 };
    await admin.post('/api/downloads', { links: links(site, names).split(' ') });
    await admin.post('/api/announcements', { message: 'word'.repeat(60), level: 'critical' });
    const { page } = await site.visitAs('admin', { viewport: { width: 360, height: 740 } });
    await page.locator('#arrange').click();
    await page.locator('#history > li').nth(1).waitFor();
    for (const language of ['en', 'vi']) {
      await page.locator('#language').selectOption(language);
      for (const view of ['downloads', 'preferences', 'administration']) {
        await page.goto(`${site.server.origin}/#/${view}`);
        await page.locator(`#${view}`).waitFor();
        if (view === 'preferences') await page.locator('#new-theme').click();
        if (view === 'administration') await page.locator('#platforms li').nth(3).waitFor();
        await eventually(() => page.evaluate('document.documentElement.scrollWidth'), 360);
      }
    }
  });
});

/** A name that is taken is refused, and names are text. */
async function checkNames(page: Page): Promise<void> {
  const form = page.locator('#theme-form');
  for (const _ of ['made', 'refused']) {
    await page.getByRole('button', { name: 'Make a theme' }).click();
    await form.getByLabel('Name of the theme').fill('<i>Mine</i>');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.locator('#theme-list').getByText('<i>Mine</i>').waitFor();
  }
  await form.getByRole('alert').getByText('You have a theme of this name already.').waitFor();
  await form.getByRole('button', { name: 'Cancel' }).click();
}

/** A theme of everybody is used but not changed; the switch leads back to light and dark. */
async function checkThemeOfEverybody(page: Page): Promise<void> {
  const midnight = page.locator('#theme-list li').filter({ hasText: 'Midnight' });
  await eventually(() => midnight.getByRole('button').count(), 1);
  await midnight.getByRole('button').click();
  await page.locator('html[data-theme=dark]').waitFor();
  await expectGround(page, 'rgb(15, 21, 36)');
  await page.getByRole('button', { name: 'Switch between light and dark' }).click();
  await page.locator('html[data-theme=light]').waitFor();
  await page.locator('#theme-list [aria-pressed=true]').filter({ hasText: 'Light' }).waitFor();
}

function groundOf(page: Page, selector: string): Promise<unknown> {
  return page.evaluate(`getComputedStyle(document.querySelector('${selector}')).backgroundColor`);
}

async function expectGround(page: Page, color: string): Promise<void> {
  await eventually(() => groundOf(page, 'html'), color);
}

/** Reckons the contrasts of colours by `source`, an expression of what has `getPropertyValue(name)`. */
async function expectLegible(page: Page, source: string, name: string): Promise<void> {
  const wanted = pairs.flatMap(([text, grounds]) => grounds.map((ground) => [text, ground]));
  const names = JSON.stringify(wanted.flat());
  const colors = await page.evaluate(
    `${names}.map((one) => ${source}.getPropertyValue('--' + one).trim())`,
  );
  assert(Array.isArray(colors));
  wanted.forEach(([text, ground], at) => {
    const contrast = contrastOf(String(colors[2 * at]), String(colors[2 * at + 1]));
    assert(contrast >= 4.5, `${text} on ${ground} in ${name}: ${contrast.toFixed(2)}`);
  });
}

function contrastOf(one: string, other: string): number {
  const [light = 0, dark = 0] = [one, other].map(luminanceOf).toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** Relative luminance of `#rrggbb`, WCAG 2.2. */
function luminanceOf(color: string): number {
  assert.match(color, /^#[0-9a-f]{6}$/);
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
