import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { makeAccounts, openSite, withoutBrowser, type Site } from '../browser.ts';
import type { Client } from '../client.ts';
import { expectTitles, isFocused, kept, links } from '../page.ts';
import { eventually } from '../patience.ts';

const chosenOrder = ['statistics', 'add-links', 'announcements', 'queue', 'history'];

describe('the components of the page of 2.0.0', { skip: withoutBrowser }, () => {
  let site: Site;
  let admin: Client;
  before(async () => {
    site = await openSite('2.0.0');
    admin = await makeAccounts(site, []);
    site.media.controlFile('gone.mp4', { status: '404' });
    const sizes = { apple: 3000, cherry: 9000, banana: 6000, gone: 1 };
    const sent = await admin.post('/api/downloads', { links: links(site, sizes).split(' ') });
    assert.equal(sent.status, 202, sent.text);
  });
  afterEach(() => site.closeVisits());
  after(() => site.close());

  test('order and state are chosen, and there again after a reload and on another browser', async () => {
    const { page } = await site.visitAs('admin');
    await page.locator('#history > li').nth(3).waitFor();
    await chooseStates(page);
    await page.getByRole('button', { name: 'Arrange this page' }).click();
    await chooseOrder(page);

    await page.reload();
    const elsewhere = await site.visitAs('admin');
    for (const each of [page, elsewhere.page]) {
      await expectOrder(each, chosenOrder);
      await expectTitles(each, ['cherry', 'banana', 'apple']);
      await eventually(() => each.locator('#queue-title').isVisible(), false);
      await eventually(() => each.getByLabel('Show only').inputValue(), 'completed');
      await eventually(() => each.getByLabel('Audio only').isChecked(), true);
      const fold = each.getByRole('button', { name: 'Announcements' });
      await eventually(() => fold.getAttribute('aria-expanded'), 'false');
      await eventually(() => each.locator('#announced-body').isVisible(), false);
      await eventually(() => each.locator('#statistics-body').isVisible(), true);
    }
    await page.getByRole('button', { name: 'Arrange this page' }).click();
    await page.getByRole('checkbox', { name: 'Queue' }).check();
    await page.locator('#queue-title').waitFor();
  });

  test('statistics count and draw; announcements that were put away stay in their list', async () => {
    await admin.put('/api/components/announcements/state', { state: {} });
    const { page } = await site.visitAs('admin');
    await page.locator('#totals').getByText('4 downloads in all').waitFor();
    const shares = page.locator('#totals li');
    await eventually(() => shares.allInnerTexts(), ['Completed\n3', 'Failed\n1']);
    const memory = page.locator('[data-metric=memory]');
    await memory
      .locator('dd')
      .getByText(/^\s*\d[\d.,]* MB\s*$/)
      .waitFor();
    const graph = memory.getByRole('img', { name: /^Memory: between .+ MB and .+ MB of late$/ });
    const line = graph.locator('polyline');
    const drawn = /^(?:\d+\.?\d*,\d+\.?\d* ?){2,}$/;
    await eventually(async () => drawn.test((await line.getAttribute('points')) ?? ''), true);
    const box = await graph.boundingBox();
    assert(box !== null && box.width > 60 && box.height > 20, JSON.stringify(box));

    await admin.post('/api/downloads', { links: links(site, { date: 500 }).split(' ') });
    await page.locator('#totals').getByText('5 downloads in all').waitFor();

    await page.locator('#announced-empty').waitFor();
    await page.getByRole('link', { name: 'Write an announcement' }).click();
    await page.getByLabel('Message').fill('Back at <b>noon</b>');
    await page.getByLabel('Kind').selectOption('warning');
    await page.getByRole('button', { name: 'Announce' }).click();
    const bar = page.locator('#announcements').getByText('Back at <b>noon</b>');
    await bar.waitFor();
    await page.getByRole('button', { name: 'Hide' }).click();
    await bar.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Downloads' }).click();
    await page.locator('#announced').getByText('Back at <b>noon</b>').waitFor();
    await page.locator('#announced').getByText('Warning · ').waitFor();
  });
});

async function chooseStates(page: Page): Promise<void> {
  const state = (id: string, act: () => Promise<unknown>): Promise<void> =>
    kept(page, new RegExp(`/api/components/${id}/state$`), act);
  await state('history', () => page.getByLabel('Show only').selectOption('completed'));
  await state('history', () => page.getByLabel('Order').selectOption('size'));
  await expectTitles(page, ['cherry', 'banana', 'apple']);
  await state('add-links', () => page.getByLabel('Audio only').check());
  const fold = page.getByRole('button', { name: 'Announcements' });
  await state('announcements', () => fold.click());
}

/** Moves by buttons, keys and dragging; and hides the queue. */
async function chooseOrder(page: Page): Promise<void> {
  const layout = (act: () => Promise<unknown>): Promise<void> =>
    kept(page, /\/api\/components\/layout$/, act);
  await layout(() => page.getByRole('button', { name: 'Move Statistics up' }).click());
  await expectOrder(page, ['add-links', 'queue', 'statistics', 'history', 'announcements']);
  const grip = page.getByRole('button', { name: 'Statistics: move with the arrow keys' });
  await grip.focus();
  await layout(() => page.keyboard.press('ArrowUp'));
  await layout(() => page.keyboard.press('ArrowUp'));
  await expectOrder(page, ['statistics', 'add-links', 'queue', 'history', 'announcements']);
  await eventually(() => grip.evaluate(isFocused), true);
  const up = page.getByRole('button', { name: 'Move Statistics up' });
  await eventually(() => up.isDisabled(), true);
  const rows = page.locator('#arranging-list li');
  const [announcements, queue] = ['Announcements', 'Queue'].map((name) =>
    rows.filter({ hasText: name }),
  );
  assert(announcements !== undefined && queue !== undefined);
  await layout(() => announcements.dragTo(queue));
  await expectOrder(page, chosenOrder);
  await layout(() => queue.getByRole('checkbox').uncheck());
  await eventually(() => page.locator('#queue-title').isVisible(), false);
}

/** Waits until the page shows its components in this order, those that are hidden in their places. */
async function expectOrder(page: Page, wanted: readonly string[]): Promise<void> {
  const at = wanted.map((id, place) => `[data-component=${id}]:nth-child(${place + 1})`);
  for (const selector of at) {
    await page.locator(`#components > ${selector}`).waitFor({ state: 'attached' });
  }
}
