import { direct } from './direct.ts';
import { PlatformError } from './platform.ts';
import type { Platform } from './platform.ts';
import { tiktok } from './tiktok.ts';
import { vimeo } from './vimeo.ts';
import { youtube } from './youtube.ts';

/** The platforms that links can come from. */
export interface PlatformRegistry {
  readonly all: readonly Platform[];
  byName(name: string): Platform | undefined;
  /** The first platform that knows the link. */
  recognise(link: URL): Platform | undefined;
}

export function registryOf(all: readonly Platform[]): PlatformRegistry {
  return {
    all,
    byName: (name) => all.find((platform) => platform.name === name),
    recognise: (link) => all.find((platform) => platform.recognises(link)),
  };
}

/** `direct` comes last: it takes any link that no site claims. */
export const platformRegistry: PlatformRegistry = registryOf([youtube, tiktok, vimeo, direct]);

export const longestLink = 2048;

/** Reads what a user typed as a link. Throws PlatformError `link/…`, one code for each reason. */
export function parseLink(text: string): URL {
  const trimmed = text.trim();
  if (trimmed.length > longestLink) {
    throw new PlatformError('link/too-long', `The link has more than ${longestLink} characters.`);
  }
  // URL drops line breaks and tabs inside a link without a word; two links run together would become one.
  const link = /[\s\p{Cc}]/u.test(trimmed) ? null : URL.parse(trimmed);
  if (link === null) {
    throw new PlatformError(
      'link/invalid',
      'This is no link. A link begins with https:// or http://.',
    );
  }
  if (!isWebScheme(link)) {
    const scheme = link.protocol.slice(0, -1);
    throw new PlatformError(
      'link/scheme',
      `Only http and https links can be downloaded, not ${scheme}.`,
    );
  }
  if (link.username !== '' || link.password !== '') {
    throw new PlatformError(
      'link/credentials',
      'The link holds a user name or a password: leave it out.',
    );
  }
  return link;
}

function isWebScheme(link: URL): boolean {
  return link.protocol === 'https:' || link.protocol === 'http:';
}
