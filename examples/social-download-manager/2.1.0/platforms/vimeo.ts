import { ytdlpPlatform } from './ytdlp.ts';

const hosts = ['vimeo.com', 'www.vimeo.com', 'player.vimeo.com'];
/** `/ID`, `/channels/NAME/ID`, `/groups/NAME/videos/ID`, `/video/ID` of the player. */
const paths = /^\/(?:channels\/[\w-]+\/|groups\/[\w-]+\/videos\/|video\/)?(\d+)\/?$/;
/** `/ID/HASH`: a video that only those see who have the link. */
const unlistedPath = /^\/(\d+)\/([0-9a-f]+)\/?$/;

/** Vimeo through yt-dlp: video pages, also of channels and groups, the player's, and unlisted ones. */
export const vimeo = ytdlpPlatform({
  name: 'vimeo',
  publicEndpoint: 'https://vimeo.com',
  hosts,
  example: 'https://vimeo.com/…',
  canonical(link) {
    const [, unlisted, hash] = unlistedPath.exec(link.pathname) ?? [];
    if (unlisted !== undefined) return new URL(`https://vimeo.com/${unlisted}/${hash}`);
    const id = paths.exec(link.pathname)?.[1];
    return id === undefined ? null : new URL(`https://vimeo.com/${id}`);
  },
  uploader: () => null,
});
