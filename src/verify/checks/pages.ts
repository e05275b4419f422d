import type { Check } from '../../asset/asset.ts';
import type { HttpAnswer } from '../../host/network.ts';
import { addressOf } from '../address.ts';
import { download } from './download.ts';
import {
  listed,
  notMeasured,
  verdict,
  type CheckGroup,
  type Verification,
} from '../verification.ts';

const row = 'M5.2';

export const pages: readonly CheckGroup[] = [
  { row, name: 'page in a browser', run: inBrowser },
  { row, name: 'help page', run: helpLinks },
  { row, name: 'download', run: download },
  { row, name: 'security: login required', run: loginRequired },
  { row, name: 'security: cookies', run: cookies },
];

const limitMs = 10_000;
const bodyBytes = 4 << 20;
/** A browser that starts on a busy machine takes its time. */
const browserMs = 90_000;

function get({ ground, signal }: Verification, url: URL): Promise<HttpAnswer> {
  return ground.host.network.get(url, { limitMs, bodyBytes, signal });
}

async function inBrowser({ ground, browser, signal }: Verification): Promise<Check[]> {
  const name = 'page: event to next paint';
  const { page, respondWithin } = ground.manifest.health.checks;
  const url = page === undefined ? null : addressOf(ground, page);
  if (url === null) return [notMeasured(row, name, 'the manifest has no `health.checks.page`')];
  if (browser === null) return [notMeasured(row, name, 'no browser is installed')];
  const found = await browser.measure(url, { limitMs: browserMs, signal });
  if (found.kind === 'failed') return [notMeasured(row, name, found.why)];
  const { eventToPaintMs, errors, loadMs } = found;
  const times = eventToPaintMs.toSorted((a, b) => a - b);
  const middle = times[Math.floor(times.length / 2)] ?? 0;
  const measured = `median ${middle.toFixed(0)} ms, worst ${(times.at(-1) ?? 0).toFixed(0)} ms of ${times.length} events (limit ${respondWithin} ms); loaded in ${loadMs.toFixed(0)} ms`;
  return [
    { row, name, status: verdict(middle < respondWithin), measured },
    {
      row,
      name: 'page: errors in the browser',
      status: errors.length === 0 ? 'success' : 'warning',
      measured: errors.length === 0 ? 'none' : listed(errors),
    },
  ];
}

const mostLinks = 200;

/** Links, pictures, styles and scripts of the help page; those to elsewhere are counted, not followed. */
async function helpLinks(verification: Verification): Promise<Check[]> {
  const name = 'help: every link leads somewhere';
  const { help } = verification.ground.manifest.health.checks;
  const url = help === undefined ? null : addressOf(verification.ground, help);
  if (url === null) return [notMeasured(row, name, 'the manifest has no `health.checks.help`')];
  const answer = await get(verification, url);
  if (answer.kind !== 'answered' || answer.status !== 200) {
    return [{ row, name, status: 'error', measured: `${url.pathname}: ${told(answer)}` }];
  }
  const targets = linksIn(answer.body, url);
  const own = targets.filter(({ origin }) => origin === url.origin);
  const dead: string[] = [];
  const asked = new Map<string, HttpAnswer>();
  for (const target of own.slice(0, mostLinks)) {
    const file = new URL(target.pathname + target.search, url);
    const found = asked.get(file.href) ?? (await get(verification, file));
    asked.set(file.href, found);
    if (found.kind !== 'answered' || found.status >= 400) {
      dead.push(`${target.pathname}: ${told(found)}`);
    } else if (!hasAnchor(found.body, target.hash))
      dead.push(`${target.pathname}${target.hash}: no such place`);
  }
  const counted = `${own.length} links${targets.length > own.length ? `, ${targets.length - own.length} lead elsewhere` : ''}`;
  const measured = dead.length === 0 ? `${counted}, none is dead` : listed(dead);
  return [{ row, name, status: verdict(dead.length === 0), measured }];
}

function linksIn(html: string, base: URL): URL[] {
  const found = [...html.matchAll(/\s(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)];
  const urls = found.flatMap(([, double, single]) => {
    const written = (double ?? single ?? '').replaceAll('&amp;', '&');
    const url = URL.parse(written, base.href);
    return url !== null && /^https?:$/.test(url.protocol) ? [url] : [];
  });
  return [...new Map(urls.map((url) => [url.href, url])).values()];
}

/** `#/history` is the page's own affair; `#queue` must be a place in it. */
function hasAnchor(html: string, hash: string): boolean {
  const id = decodeURIComponent(hash.slice(1));
  if (id === '' || id.includes('/')) return true;
  return [`id="${id}"`, `id='${id}'`, `name="${id}"`].some((mark) => html.includes(mark));
}

async function loginRequired(verification: Verification): Promise<Check[]> {
  const name = 'security: login required';
  const { protected: paths } = verification.ground.manifest.health.checks;
  if (paths.length === 0) {
    return [notMeasured(row, name, 'the manifest has no `health.checks.protected`')];
  }
  const open: string[] = [];
  for (const path of paths) {
    const url = addressOf(verification.ground, path);
    const answer = url === null ? null : await get(verification, url);
    const isRefused =
      answer?.kind === 'answered' && [301, 302, 303, 307, 401, 403].includes(answer.status);
    if (!isRefused) open.push(`${path}: ${answer === null ? 'no address' : told(answer)}`);
  }
  const measured =
    open.length === 0 ? `${paths.length} paths refuse whoever is not logged in` : listed(open);
  return [{ row, name, status: verdict(open.length === 0), measured }];
}

async function cookies(verification: Verification): Promise<Check[]> {
  const name = 'security: cookies';
  const { page } = verification.ground.manifest.health.checks;
  const url = page === undefined ? null : addressOf(verification.ground, page);
  if (url === null) return [notMeasured(row, name, 'the manifest has no `health.checks.page`')];
  const answer = await get(verification, url);
  if (answer.kind !== 'answered') {
    return [{ row, name, status: 'error', measured: `${url.pathname}: ${answer.why}` }];
  }
  const set = answer.cookies ?? [];
  const loose = set.filter(
    (cookie) =>
      !/;\s*httponly/i.test(cookie) ||
      !/;\s*samesite=(lax|strict)/i.test(cookie) ||
      (url.protocol === 'https:' && !/;\s*secure/i.test(cookie)),
  );
  const names = loose.map((cookie) => cookie.split('=')[0] ?? '');
  const measured =
    loose.length > 0
      ? `without HttpOnly, SameSite or Secure: ${listed(names)}`
      : set.length === 0
        ? 'none is set before the login'
        : `${set.length} cookies, each HttpOnly and SameSite`;
  return [{ row, name, status: verdict(loose.length === 0), measured }];
}

function told(answer: HttpAnswer): string {
  return answer.kind === 'answered' ? String(answer.status) : answer.why;
}
