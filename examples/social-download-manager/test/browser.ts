import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  chromium,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';
import type { Scope } from './running.ts';

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

/** A browser's page, and what went wrong in it that a person would not see. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors, exceptions and refused content, oldest first. */
  readonly complaints: readonly string[];
}

/** Opens a browser of its own, with an empty profile; it is closed when the scope ends. */
export async function openBrowser(
  scope: Scope,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const profile = mkdtempSync(join(tmpdir(), 'sdm-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: program,
    args: quiet,
    locale: 'en-GB',
    ...options,
  });
  scope.after(async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  });
  const page = context.pages()[0] ?? (await context.newPage());
  return { page, context, complaints: complaintsOf(page) };
}

function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      complaints.push(`${message.text()} (${message.location().url})`);
    }
  });
  return complaints;
}
