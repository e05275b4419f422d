import type { IncomingHttpHeaders } from 'node:http';

/** A media file's title and extension, from content-disposition, else from the link's last part, else from its host. */
export function mediaName(
  link: URL,
  headers: IncomingHttpHeaders,
): { readonly title: string; readonly extension: string } {
  const given = dispositionName(headers['content-disposition'] ?? '') ?? lastPart(link);
  const [, stem = given, extension] = /^(.+)\.([A-Za-z0-9]{1,8})$/s.exec(given) ?? [];
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return {
    title: stem.trim() === '' ? link.host : stem,
    extension: extension?.toLowerCase() ?? extensions[type] ?? 'bin',
  };
}

/** The file name of a content-disposition header (RFC 6266): `filename*` wins over `filename`. */
function dispositionName(header: string): string | null {
  const encoded = /filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(header)?.[1];
  const decoded = encoded === undefined ? null : percentDecoded(encoded);
  if (decoded !== null) return decoded;
  const quoted = /filename\s*=\s*"((?:[^"\\]|\\.)*)"/i.exec(header)?.[1];
  if (quoted !== undefined) return quoted.replaceAll(/\\(.)/g, '$1');
  return /filename\s*=\s*([^;\s"]+)/i.exec(header)?.[1] ?? null;
}

function lastPart(link: URL): string {
  const part = link.pathname.split('/').findLast((segment) => segment !== '') ?? '';
  return percentDecoded(part) ?? part;
}

function percentDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

const extensions: Readonly<Record<string, string>> = {
  'video/mp4': 'mp4',
  'video/webm': 'webm',
  'video/quicktime': 'mov',
  'video/x-matroska': 'mkv',
  'video/mpeg': 'mpg',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'audio/ogg': 'ogg',
  'audio/opus': 'opus',
  'audio/wav': 'wav',
  'audio/flac': 'flac',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
};
