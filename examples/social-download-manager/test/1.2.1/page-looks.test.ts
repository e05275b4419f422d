import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { makeAccounts, openSite, withoutBrowser, type Site } from '../browser.ts';
import { kept } from '../page.ts';
import { eventually } from '../patience.ts';

const style = readFileSync(join(import.meta.dirname, '../../1.2.1/public/style.css'), 'utf8');

/** Text on its ground, by the names of their colours; WCAG 2.2 asks 4.5 to 1 of all of them. */
const pairs = [
  ['text', ['ground', 'panel', 'raised', 'info-soft', 'warning-soft', 'danger-soft']],
  ['muted', ['ground', 'panel', 'raised']],
  ['accent', ['ground', 'panel', 'raised']],
  ['accent-strong', ['panel', 'accent-soft']],
  ['on-accent', ['accent', 'accent-strong']],
  ['danger', ['panel', 'raised', 'danger-soft']],
  ['warning', ['warning-soft']],
  ['info', ['info-soft']],
] as const;

for (const theme of ['light', 'dark'] as const) {
  test(`texts are legible in the ${theme} theme`, () => {
    const colours = coloursOf(theme);
    for (const [text, grounds] of pairs) {
      for (const ground of grounds) {
        const contrast = contrastOf(colours, text, ground);
        assert(contrast >= 4.5, `${text} on ${ground}: ${contrast.toFixed(2)}`);
      }
    }
    for (const ground of ['panel', 'raised']) {
      const contrast = contrastOf(colours, 'control-line', ground);
      assert(contrast >= 3, `control-line on ${ground}: ${contrast.toFixed(2)}`);
    }
  });
}

describe('the page on a phone and from the keyboard', { skip: withoutBrowser }, () => {
  let site: Site;
  before(async () => {
    site = await openSite('1.2.1');
    const admin = await makeAccounts(site, ['reader']);
    const links = ['short', 'a-very-long-name-without-any-place-to-break-'.repeat(4)].map(
      (name) => `${site.media.origin}/file/${name}.mp4?size=5000`,
    );
    await admin.post('/api/downloads', { links: [...links, 'http://127.0.0.1:1/refused.mp4'] });
    await admin.post('/api/announcements', { message: 'word'.repeat(60), level: 'warning' });
  });
  afterEach(() => site.closeVisits());
  after(() => site.close());

  for (const language of ['en', 'vi']) {
    test(`nothing is wider than a screen of 360 pixels (${language})`, async () => {
      const { page } = await site.visitAs('admin', { viewport: { width: 360, height: 740 } });
      for (const chosen of [language === 'en' ? 'vi' : 'en', language]) {
        await kept(page, /\/api\/preferences$/, () =>
          page.locator('#language').selectOption(chosen),
        );
      }
      await page.locator(`html[lang=${language}]`).waitFor();
      await page.locator('#history > li').nth(2).waitFor();
      for (const view of ['downloads', 'preferences', 'administration']) {
        await page.goto(`${site.server.origin}/#/${view}`);
        await page.locator(`#${view}`).waitFor();
        if (view === 'administration') await page.locator('#platforms li').first().waitFor();
        await eventually(() => page.evaluate('document.documentElement.scrollWidth'), 360);
      }
      await page.goto(`${site.server.origin}/help.html`);
      await eventually(() => page.evaluate('document.documentElement.scrollWidth'), 360);
    });
  }

  test('the keyboard alone leads through the page, in the order of reading', async () => {
    const { page } = await site.visitAs('reader');
    await page.reload();
    await page.locator('#history-empty').waitFor();
    const order: string[] = [];
    for (let step = 0; step < 12; step += 1) {
      await page.keyboard.press('Tab');
      order.push(String(await page.evaluate(focused)));
    }
    assert.deepEqual(order, [
      'Skip to the content',
      'Social Download Manager',
      'Downloads',
      'Preferences',
      'Help',
      'Language',
      'Switch between light and dark',
      'Sign out',
      'Hide',
      'Add links',
      'Quality',
      'Audio only',
    ]);
  });
});

/** An expression: the name of what has the focus. */
const focused = `(() => {
  const it = document.activeElement;
  const by = document.getElementById(it.getAttribute('aria-labelledby'));
  const label = it.labels?.[0]?.querySelector('span');
  return (it.getAttribute('aria-label') ?? (by ?? label ?? it).textContent).trim();
})()`;

/** The colours of a theme by name, as the style sheet gives them. */
function coloursOf(theme: 'light' | 'dark'): ReadonlyMap<string, string> {
  const start = theme === 'light' ? ':root {' : ":root[data-theme='dark'] {";
  const [, block = ''] = style.split(start);
  const entries = [...(block.split('}')[0] ?? '').matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)];
  return new Map(entries.map(([, name = '', value = '']) => [name, value]));
}

function contrastOf(colours: ReadonlyMap<string, string>, text: string, ground: string): number {
  const [light = 0, dark = 0] = [text, ground]
    .map((name) => luminanceOf(colours.get(name) ?? assert.fail(`no colour ${name}`)))
    .toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** Relative luminance, WCAG 2.2. */
function luminanceOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
