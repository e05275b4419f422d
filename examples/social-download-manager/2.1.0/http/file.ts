import { realpathSync, statSync, type Stats } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { basename, extname, resolve, sep } from 'node:path';
import { errorCode } from '../database/open.ts';
import type { Application } from './application.ts';
import { ownDownload } from './downloads.ts';
import { mediaTypeOf } from './media-types.ts';
import { Problem } from './problem.ts';
import { attachment, parseRange } from './ranges.ts';
import type { Reply } from './reply.ts';
import type { Route, UserCall } from './router.ts';

/** The finished file of a download, whole or in ranges. */
export function fileRoutes(app: Application): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/downloads/:id/file',
      access: 'user',
      handle: (call) => sendFile(app, call),
    },
  ];
}

function sendFile(app: Application, call: UserCall): Reply {
  const { fileName, status } = ownDownload(app, call);
  if (status !== 'completed' || fileName === null)
    throw new Problem(409, 'file/unfinished', { message: 'The download is not finished.' });
  const path = pathInside(app.downloadFolder(), fileName);
  if (path === null) throw missing(fileName);
  return fileReply(call.request, { path, stats: statSync(path) });
}

function fileReply(
  { headers }: IncomingMessage,
  { path, stats }: { readonly path: string; readonly stats: Stats },
): Reply {
  const etag = `"${stats.size.toString(36)}-${Math.floor(stats.mtimeMs).toString(36)}"`;
  const isSameFile = headers['if-range'] === undefined || headers['if-range'] === etag;
  const range = parseRange(isSameFile ? headers.range : undefined, stats.size);
  const common = {
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    'content-disposition': attachment(basename(path)),
    'content-type': mediaTypeOf(extname(path)),
  };
  if (range.kind === 'outside')
    return { status: 416, headers: { 'content-range': `bytes */${stats.size}` }, body: '' };
  if (range.kind === 'whole')
    return { status: 200, headers: common, body: { path, start: 0, end: stats.size - 1 } };
  const { start, end } = range;
  const contentRange = `bytes ${start}-${end}/${stats.size}`;
  return {
    status: 206,
    headers: { ...common, 'content-range': contentRange },
    body: { path, start, end },
  };
}

/** The real path of a file in the folder; null when it is not there, or links lead out of the folder. */
function pathInside(folder: string, fileName: string): string | null {
  try {
    const root = realpathSync(folder);
    const path = realpathSync(resolve(root, fileName));
    return path.startsWith(root + sep) && statSync(path).isFile() ? path : null;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}

function missing(fileName: string): Problem {
  return new Problem(404, 'file/missing', {
    message: `The file ${fileName} is not in the download folder.`,
    hint: 'Download it again.',
  });
}
