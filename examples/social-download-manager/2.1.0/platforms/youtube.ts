import { ytdlpPlatform } from './ytdlp.ts';

const hosts = ['youtube.com', 'www.youtube.com', 'm.youtube.com', 'music.youtube.com', 'youtu.be'];
const pathsWithId = /^\/(?:shorts|live|embed|v)\/([\w-]+)\/?$/;

/** YouTube through yt-dlp: watch pages, shorts, live and short links, one video each. */
export const youtube = ytdlpPlatform({
  name: 'youtube',
  publicEndpoint: 'https://www.youtube.com',
  hosts,
  example: 'https://www.youtube.com/watch?v=…',
  canonical(link) {
    const id = videoId(link);
    return id === null ? null : new URL(`https://www.youtube.com/watch?v=${id}`);
  },
  uploader: () => null,
});

function videoId(link: URL): string | null {
  if (link.hostname.startsWith('youtu.be'))
    return /^\/([\w-]+)\/?$/.exec(link.pathname)?.[1] ?? null;
  if (link.pathname === '/watch')
    return /^[\w-]+$/.exec(link.searchParams.get('v') ?? '')?.[0] ?? null;
  return pathsWithId.exec(link.pathname)?.[1] ?? null;
}
