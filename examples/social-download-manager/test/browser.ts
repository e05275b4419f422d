import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';
import { startMediaServer, type MediaServer } from '../media-server/server.ts';
import type { Client } from './client.ts';
import { limitMs } from './patience.ts';
import { dataFolder, type DataFolder, type RunningServer } from './running.ts';

/** Where Chromium is; `CHROMIUM` names another one. */
const program = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Why tests in a browser are left out here; false when they can run. */
export const withoutBrowser = existsSync(program) ? false : 'Chromium is not installed';

export const password = 'correct horse battery';

/** A browser's page, and what went wrong in it that a person would not see. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors and warnings, exceptions and refused content, oldest first. */
  readonly complaints: readonly string[];
  /** To be called before a test takes the server away: from then on, what cannot be loaded is no complaint. */
  readonly expectLoss: () => void;
}

/** A running release, a media server and a browser, shared by the tests of one file. */
export class Site {
  readonly folder: DataFolder;
  readonly server: RunningServer;
  readonly media: MediaServer;
  readonly #browser: Browser;
  readonly #cleaners: readonly Cleaner[];
  readonly #visits: Visit[] = [];

  constructor(parts: SiteParts) {
    this.folder = parts.folder;
    this.server = parts.server;
    this.media = parts.media;
    this.#browser = parts.browser;
    this.#cleaners = parts.cleaners;
  }

  /** Opens the release's page in a browser window of its own, signed in as nobody. */
  visit(options: BrowserContextOptions = {}): Promise<Visit> {
    return this.visitAt(this.server.origin, options);
  }

  /** The same for another server. */
  async visitAt(address: string, options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await this.#browser.newContext({ locale: 'en-GB', ...options });
    context.setDefaultTimeout(limitMs);
    const page = await context.newPage();
    const visit = { page, context, ...complaintsOf(page) };
    this.#visits.push(visit);
    await page.goto(address);
    return visit;
  }

  /** The same, signed in through the form, with `password`. */
  async visitAs(name: string, options: BrowserContextOptions = {}): Promise<Visit> {
    const visit = await this.visit(options);
    await signIn(visit.page, name);
    return visit;
  }

  /** Closes the windows of a test, and fails it when one of them has complained. */
  async closeVisits(): Promise<void> {
    const visits = this.#visits.splice(0);
    await Promise.all(visits.map(({ context }) => context.close()));
    assert.deepEqual(
      visits.flatMap(({ complaints }) => complaints),
      [],
    );
  }

  async close(): Promise<void> {
    for (const clean of this.#cleaners.toReversed()) await clean();
  }
}

type Cleaner = () => void | Promise<void>;

interface SiteParts {
  readonly folder: DataFolder;
  readonly server: RunningServer;
  readonly media: MediaServer;
  readonly browser: Browser;
  readonly cleaners: readonly Cleaner[];
}

/**
 * Its platforms lead to the media server: a YouTube link is fetched through yt-dlp from there.
 * `files` are put into the data folder before the start, by their names.
 */
export async function openSite(
  release: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Site> {
  const cleaners: Cleaner[] = [];
  const folder = dataFolder({ after: (clean) => void cleaners.push(clean) });
  const media = await startMediaServer();
  cleaners.push(() => media.close());
  const settings = { 'platform_settings.json': settingsFor(media), ...files };
  for (const [name, text] of Object.entries(settings)) writeFileSync(join(folder.path, name), text);
  const browser = await chromium.launch({ executablePath: program, args: quiet });
  cleaners.push(() => browser.close());
  return new Site({ folder, server: await folder.start(release), media, browser, cleaners });
}

function settingsFor({ origin }: MediaServer): string {
  const throughProgram = { endpoint: origin, program: 'yt-dlp', timeout_seconds: 60 };
  return JSON.stringify({
    youtube: throughProgram,
    tiktok: throughProgram,
    vimeo: throughProgram,
    direct: { endpoint: '', timeout_seconds: 60 },
  });
}

/** Makes the first account, `admin`, and some members, all with `password`; returns the admin's client. */
export async function makeAccounts(site: Site, members: readonly string[]): Promise<Client> {
  const client = site.server.client();
  const setup = await client.post('/api/setup', { name: 'admin', password });
  assert.equal(setup.status, 201, setup.text);
  for (const name of members) {
    const added = await client.post('/api/users', { name, password, role: 'member' });
    assert.equal(added.status, 201, added.text);
  }
  return client;
}

/** Fills in the sign-in form, in whichever language it is. */
export async function signIn(page: Page, name: string): Promise<void> {
  await page.locator('#sign-in-form [name=name]').fill(name);
  await page.locator('#sign-in-form [name=password]').fill(password);
  await page.locator('#sign-in-form button').click();
  await page.locator('#downloads').waitFor();
}

/** Refusals of the API are the page's to show, though Chromium writes them to its console as well. */
function complaintsOf(page: Page): Pick<Visit, 'complaints' | 'expectLoss'> {
  const complaints: string[] = [];
  let mayBeLost = false;
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    const { url } = message.location();
    const isRefusal = message.text().startsWith('Failed to load resource') && url.includes('/api/');
    const isLoss = mayBeLost && message.text().startsWith('Failed to load resource: net::ERR_');
    if (!isRefusal && !isLoss) complaints.push(`${message.text()} (${url})`);
  });
  return { complaints, expectLoss: () => void (mayBeLost = true) };
}
