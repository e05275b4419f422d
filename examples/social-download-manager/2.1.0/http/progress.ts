import type { Download } from '../downloads/download.ts';
import type { User } from '../database/users.ts';
import type { Application } from './application.ts';
import { sessionToken } from './cookie.ts';
import { Problem } from './problem.ts';
import type { EventClient, Reply } from './reply.ts';
import type { Route, UserCall } from './router.ts';

const heartbeatMs = 15_000;

/** What happens to downloads, told to whoever listens. */
export class ProgressHub {
  readonly #listeners = new Set<Listener>();

  /** Tells of a change; of a row that is gone with `null`. */
  changed(id: number, download: Download | null): void {
    for (const listener of this.#listeners) listener.changed(id, download);
  }

  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Ends all streams, so that a stop need not wait for them. */
  close(): void {
    for (const listener of this.#listeners) listener.close();
  }
}

interface Listener {
  changed(id: number, download: Download | null): void;
  close(): void;
}

/**
 * A stream of server-sent events on a user's own downloads: first where they stand, then every change.
 * `progress` { id, status, receivedBytes, sizeBytes, bytesPerSecond }, `removed` { id }, and a comment as
 * heart-beat every 15 s. A client that was away connects again and gets the state of things anew.
 */
export function progressRoutes(app: Application): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/progress',
      access: 'user',
      handle: (call) => progressReply(app, call),
    },
  ];
}

function progressReply(app: Application, { request, user }: UserCall): Reply {
  if (!app.settings.config.value.features.progressStream)
    throw new Problem(404, 'feature/off', {
      message: 'The progress stream is switched off in config.json.',
      hint: 'Ask /api/downloads/active instead.',
    });
  const token = sessionToken(request) ?? '';
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
    body: { open: (client) => follow(app, { client, user, token }) },
  };
}

interface Follower {
  readonly client: EventClient;
  readonly user: User;
  readonly token: string;
}

/** Returns what ends the following. */
function follow(app: Application, { client, user, token }: Follower): () => void {
  const own = new Set<number>();
  const tell = (download: Download): void => {
    if (download.userId !== user.id) return;
    own.add(download.id);
    client.send(event('progress', progressOf(app, download)));
  };
  for (const download of app.history.active(user.id)) tell(download);
  const stopListening = app.progress.add({
    changed(id, download) {
      if (download !== null) tell(download);
      else if (own.delete(id)) client.send(event('removed', { id }));
    },
    close: () => client.end(),
  });
  const heartbeat = setInterval(() => {
    // Whoever has signed out meanwhile is told nothing more.
    if (app.sessions.userOf(token) === null) client.end();
    else client.send(': still here\n\n');
  }, heartbeatMs);
  return () => {
    clearInterval(heartbeat);
    stopListening();
  };
}

function progressOf(app: Application, download: Download): object {
  const { id, status, receivedBytes, sizeBytes } = download;
  return {
    id,
    status,
    receivedBytes,
    sizeBytes,
    bytesPerSecond: app.downloads.bytesPerSecond(id),
  };
}

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
