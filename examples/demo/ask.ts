import { createHash } from 'node:crypto';
import { generatedBytes } from '../social-download-manager/media-server/bytes.ts';
import type { Client } from '../social-download-manager/test/client.ts';
import type { Holdings, Row } from './holdings.ts';
import type { Credentials } from './person.ts';

/** The words in which each release tells that a download has ended well. */
const doneWords: Readonly<Record<string, string>> = { '1.2.1': 'done', '2.0.0': 'completed' };

/** What a release answered; what it would not tell is in `refusals`, with its own words. */
export interface Told extends Holdings {
  readonly version: string;
  readonly isSignedIn: boolean;
  readonly refusals: readonly string[];
}

/** Asks a running release over HTTP, as the page does: sign in, history, files, preferences, settings. */
export async function ask(client: Client, who: Credentials): Promise<Told> {
  const refusals: string[] = [];
  const session = await client.get('/api/session');
  const version = String(session.at('version'));
  const signIn = await client.post('/api/login', who);
  if (signIn.status !== 200) refusals.push(`sign in: ${signIn.status} ${signIn.text}`);
  const get = async (path: string) => {
    const answer = await client.get(path);
    if (answer.status === 200) return answer;
    refusals.push(`GET ${path}: ${answer.status} ${String(answer.at('error.message'))}`);
    return null;
  };
  const history = await get('/api/downloads?sort=oldest&limit=500');
  const rows = new Map<number, Row>();
  for (const told of history?.list('downloads') ?? []) {
    const { id, row } = await readRow(client, version, told);
    rows.set(id, row);
  }
  const [preferences, settings] = [await get('/api/preferences'), await get('/api/settings')];
  const themes = version === '2.0.0' ? await get('/api/themes') : null;
  return {
    version,
    refusals,
    rows,
    isSignedIn: signIn.status === 200,
    settings: new Map([
      ...named('language', preferences?.at('language')),
      ...named('compact list', preferences?.at('ui.compact')),
      ...named('downloads at once', settings?.at('maxConcurrentDownloads')),
      ...themesOf(themes?.list('themes') ?? [], preferences?.at('themeId')),
    ]),
  };
}

function named(name: string, value: unknown): [string, string][] {
  return value === undefined ? [] : [[name, textOf(value)]];
}

/** Text as it is, everything else as JSON. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The themes that a person made, with their colours, and which one is active. */
function themesOf(themes: readonly unknown[], activeId: unknown): [string, string][] {
  return themes.flatMap((theme): [string, string][] => {
    const { id, name, colors, isOwn } = {
      id: 0,
      name: '',
      colors: {},
      isOwn: false,
      ...Object(theme),
    };
    const active: [string, string][] = id === activeId ? [['active theme', name]] : [];
    return isOwn ? [[`theme ${name}`, JSON.stringify(colors)], ...active] : active;
  });
}

async function readRow(
  client: Client,
  version: string,
  told: unknown,
): Promise<{ readonly id: number; readonly row: Row }> {
  const fields: Readonly<Record<string, unknown>> = { ...Object(told) };
  const status = String(fields['status']);
  const isDone = status === doneWords[version];
  const id = Number(fields['id']);
  return {
    id,
    row: {
      title: String(fields['title']),
      status: isDone ? 'done' : status,
      file: isDone ? await fetchFile(client, id, String(fields['url'])) : null,
      isPinned: Object(fields['uiState'])['pinned'] === true,
    },
  };
}

/** Fetches a finished file from the application, and compares it with what the media server sends. */
async function fetchFile(client: Client, id: number, link: string): Promise<Row['file']> {
  const response = await fetch(new URL(`/api/downloads/${id}/file`, client.origin), {
    headers: { cookie: client.cookies },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) return 'missing';
  const url = new URL(link);
  const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
  const size = Number(url.searchParams.get('size'));
  const sent = generatedBytes({ name, version: 1 }, 0, size);
  return sha256(bytes) === sha256(sent) ? 'whole' : 'damaged';
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
