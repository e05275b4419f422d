import type { Locator, Page } from 'playwright-core';
import type { Site } from './browser.ts';

/** Puts links into the field, sends them, and waits until the page has its answer. */
export async function add(page: Page, text: string): Promise<void> {
  await page.locator('#add-form textarea').fill(text);
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  await page.locator('#add-form:not([aria-busy])').waitFor();
}

/** Does what the page tells its server, and waits for the server's answer. */
export async function kept(page: Page, path: RegExp, act: () => Promise<unknown>): Promise<void> {
  await Promise.all([
    page.waitForResponse(
      (answer) => answer.request().method() !== 'GET' && path.test(new URL(answer.url()).pathname),
    ),
    act(),
  ]);
}

/** A link for each name, to a file of so many bytes. */
export function links(site: Site, sizes: Readonly<Record<string, number>>): string {
  return Object.entries(sizes)
    .map(([name, size]) => `${site.media.origin}/file/${name}.mp4?size=${size}`)
    .join(' ');
}

/** The row of this title in the queue. */
export function inQueue(page: Page, title: string): Locator {
  return page.locator('#queue > li').filter({ has: page.getByRole('heading', { name: title }) });
}

/** The row of this title in the history. */
export function inHistory(page: Page, title: string): Locator {
  return page.locator('#history > li').filter({ has: page.getByRole('heading', { name: title }) });
}

/** The path of one download in the API. */
export const ofOneDownload = /\/api\/downloads\/\d+$/;

/** Gives a row of the history another title, from the keyboard. */
export async function rename(row: Locator, title: string): Promise<void> {
  await row.getByRole('button', { name: 'Rename' }).click();
  await row.page().getByLabel('New title').fill(title);
  await row.page().keyboard.press('Enter');
  await row.page().locator('#history').getByRole('heading', { name: title }).waitFor();
}

/** Waits until the history shows just these titles in this order. */
export async function expectTitles(page: Page, titles: readonly string[]): Promise<void> {
  const shown = (): Promise<string[]> => page.locator('#history h3').allTextContents();
  await page
    .waitForFunction(
      (wanted) =>
        Array.from(Object(globalThis).document.querySelectorAll('#history h3'), (one) =>
          String(Object(one).textContent),
        ).join('\n') === wanted,
      titles.join('\n'),
    )
    .catch(async (error: unknown) => {
      throw new Error(`wanted ${titles.join(', ')}; shown ${(await shown()).join(', ')}`, {
        cause: error,
      });
    });
}

/** How full a progress bar is, from 0 to 1. */
export async function shareOf(bar: Locator): Promise<number> {
  return bar.evaluate((element) => Number(Object(element).value));
}

/** For `evaluate`: whether the element has the focus. */
export function isFocused(element: unknown): boolean {
  return Object(globalThis).document.activeElement === element;
}
