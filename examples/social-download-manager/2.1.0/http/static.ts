import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { mediaTypeOf } from './media-types.ts';
import type { Reply } from './reply.ts';
import type { Route } from './router.ts';

/**
 * One route for each file of `public/`, and `/` for `index.html`. Nothing else can be asked for,
 * however a path is written.
 */
export function staticRoutes(): readonly Route[] {
  const folder = join(import.meta.dirname, '..', 'public');
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap(({ name }) => {
    const path = join(folder, name);
    const paths = name === 'index.html' ? ['/', '/index.html'] : [`/${name}`];
    return paths.map((address) => fileRoute(address, path));
  });
}

function fileRoute(address: string, path: string): Route {
  return {
    method: 'GET',
    path: address,
    access: 'anyone',
    handle: ({ request }) => fileReply(path, request.headers['if-none-match']),
  };
}

function fileReply(path: string, known: string | undefined): Reply {
  const body = readFileSync(path);
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  const headers = { etag, 'cache-control': 'no-cache', 'content-type': mediaTypeOf(extname(path)) };
  return known === etag ? { status: 304, headers, body: '' } : { status: 200, headers, body };
}
