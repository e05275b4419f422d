import { rowState, type NewDownload } from '../database/history.ts';
import { componentId } from '../database/layout.ts';
import { qualities, statuses, type Download } from '../downloads/download.ts';
import { PlatformError } from '../platforms/platform.ts';
import { parseLink } from '../platforms/registry.ts';
import { sorts } from '../settings/schema.ts';
import {
  flag,
  integer,
  listOf,
  nullable,
  oneOf,
  partial,
  record,
  ShapeError,
  text,
  type Parser,
} from '../shape.ts';
import type { Application } from './application.ts';
import { idOf } from './id.ts';
import { parseRequest, Problem } from './problem.ts';
import { empty, json, type Reply } from './reply.ts';
import type { Route, UserCall } from './router.ts';

/** Any text: what is wrong with a link is told for that link alone. */
const link: Parser<string> = (value, at) => {
  if (typeof value === 'string') return value;
  throw new ShapeError(`${at}: text is expected`);
};
const links = record({ links: listOf(link, { min: 1, max: 500 }) });
const choice = partial({ quality: oneOf(qualities), audioOnly: flag, component: componentId });
const listQuery = record({
  search: text({ min: 0, max: 200 }),
  status: nullable(oneOf(statuses)),
  sort: oneOf(sorts),
  limit: integer({ min: 1, max: 500 }),
  offset: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
});
const rowChange = partial({ title: text({ min: 1, max: 500 }), uiState: nullable(rowState) });

/** A user's downloads: the history, what is going on, and everything that can be done with one. */
export function downloadRoutes(app: Application): readonly Route[] {
  const view = (download: Download): object => downloadView(app, download);
  return [
    { method: 'GET', path: '/api/downloads', access: 'user', handle: (call) => list(app, call) },
    { method: 'POST', path: '/api/downloads', access: 'user', handle: (call) => add(app, call) },
    {
      method: 'GET',
      path: '/api/downloads/active',
      access: 'user',
      handle: ({ user }) => json(200, { downloads: app.history.active(user.id).map(view) }),
    },
    {
      method: 'PATCH',
      path: '/api/downloads/:id',
      access: 'user',
      handle: (call) => change(app, call),
    },
    {
      method: 'DELETE',
      path: '/api/downloads/:id',
      access: 'user',
      handle: (call) => remove(app, call),
    },
    ...(['cancel', 'resume', 'retry'] as const).map((action): Route => ({
      method: 'POST',
      path: `/api/downloads/:id/${action}`,
      access: 'user',
      handle(call) {
        const { id } = ownDownload(app, call);
        app.downloads[action](id);
        return json(200, view(ownDownload(app, call)));
      },
    })),
  ];
}

/** The download that the path names; somebody else's is as unknown as none. */
export function ownDownload(app: Application, call: UserCall): Download {
  const download = app.history.find(idOf(call));
  if (download !== null && download.userId === call.user.id) return download;
  throw new Problem(404, 'download/unknown', { message: 'There is no such download.' });
}

/** A download as the page sees it: everything but whose it is, and how fast it goes. */
function downloadView(app: Application, download: Download): object {
  const bytesPerSecond = app.downloads.bytesPerSecond(download.id);
  return { ...download, userId: undefined, bytesPerSecond };
}

function list(app: Application, { query, user }: UserCall): Reply {
  const page = app.history.search({
    ...parseRequest(listQuery, queryValues(query)),
    userId: user.id,
  });
  const downloads = page.downloads.map((download) => downloadView(app, download));
  return json(200, { total: page.total, downloads });
}

/** The query with its defaults; numbers that are none become NaN, which the parser refuses. */
function queryValues(query: URLSearchParams): object {
  return {
    search: query.get('search') ?? '',
    status: query.get('status') || null,
    sort: query.get('sort') ?? 'newest',
    limit: Number(query.get('limit') ?? 50),
    offset: Number(query.get('offset') ?? 0),
  };
}

function add(app: Application, { user, body }: UserCall): Reply {
  const { quality = app.preferences.of(user.id).quality, ...rest } = body(choice);
  const { audioOnly = false, component = 'api' } = rest;
  checkComponent(app, component);
  const sorted = body(links).links.map((one) => recognised(app, one));
  const wanted = sorted.flatMap((one) => ('platform' in one ? [one] : []));
  const refused = sorted.flatMap((one) => ('code' in one ? [one] : []));
  const accepted = app.history.add(
    wanted.map((one): NewDownload => ({
      ...one,
      userId: user.id,
      quality,
      audioOnly,
      component,
    })),
  );
  for (const download of accepted) {
    app.progress.changed(download.id, download);
    app.downloads.enqueue(download.id);
  }
  app.exportSoon();
  return json(202, { accepted: accepted.map((one) => downloadView(app, one)), refused });
}

function checkComponent(app: Application, component: string): void {
  if (app.components.all().some(({ id }) => id === component)) return;
  throw new Problem(400, 'component/unknown', {
    message: `There is no component named ${component}.`,
  });
}

type Recognised =
  | { readonly platform: string; readonly url: string }
  | { readonly link: string; readonly code: string; readonly message: string };

function recognised(app: Application, given: string): Recognised {
  try {
    const url = parseLink(given);
    const platform = app.registry.recognise(url)?.name;
    if (platform === undefined)
      throw new PlatformError('platform/unknown', 'No platform knows this link.');
    if (app.platforms.find(platform)?.isEnabled !== true)
      throw new PlatformError('platform/disabled', `The platform ${platform} is switched off.`);
    return { platform, url: url.href };
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return { link: given, code: error.code, message: error.message };
  }
}

function change(app: Application, call: UserCall): Reply {
  const { id } = ownDownload(app, call);
  const { title, uiState } = call.body(rowChange);
  if (title !== undefined) app.history.change(id, { title });
  if (uiState !== undefined) app.history.setRowState(id, uiState);
  app.exportSoon();
  return json(200, downloadView(app, ownDownload(app, call)));
}

async function remove(app: Application, call: UserCall): Promise<Reply> {
  const { id } = ownDownload(app, call);
  await app.downloads.remove(id, { withFile: call.query.get('file') === 'true' });
  app.history.remove(id);
  app.progress.changed(id, null);
  app.exportSoon();
  return empty();
}
