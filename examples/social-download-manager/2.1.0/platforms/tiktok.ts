import { ytdlpPlatform } from './ytdlp.ts';

const shortHosts = ['vm.tiktok.com', 'vt.tiktok.com'];
const hosts = ['tiktok.com', 'www.tiktok.com', 'm.tiktok.com', ...shortHosts];
const videoPath = /^\/(@[^/]+)\/video\/(\w+)\/?$/;
const shortPath = /^\/(?:t\/)?(\w+)\/?$/;

/** TikTok through yt-dlp: video pages, and the short links that its application shares. */
export const tiktok = ytdlpPlatform({
  name: 'tiktok',
  publicEndpoint: 'https://www.tiktok.com',
  hosts,
  example: 'https://www.tiktok.com/@user/video/…',
  canonical(link) {
    const [, user, id] = videoPath.exec(link.pathname) ?? [];
    if (id !== undefined) return new URL(`https://www.tiktok.com/${user}/video/${id}`);
    const isShort =
      shortHosts.includes(link.hostname.replace(/\.$/, '')) || link.pathname.startsWith('/t/');
    const code = isShort ? shortPath.exec(link.pathname)?.[1] : undefined;
    return code === undefined ? null : new URL(`https://vm.tiktok.com/${code}`);
  },
  uploader: (link) => videoPath.exec(link.pathname)?.[1]?.slice(1) ?? null,
});
