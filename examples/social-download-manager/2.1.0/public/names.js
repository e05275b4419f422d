import { hasWords, words } from './words.js';

const platforms = { youtube: 'YouTube', tiktok: 'TikTok', vimeo: 'Vimeo' };

/** The words that the server knows for a quality, in the order of the choice. */
export const qualities = ['best', '1080', '720', '480', '360'];

export function nameOfPlatform(platform) {
  const key = `platform.${platform}`;
  return platforms[platform] ?? (hasWords(key) ? words(key) : platform);
}

export function nameOfQuality({ quality, audioOnly }) {
  return words(audioOnly ? 'quality.audio' : `quality.${quality}`);
}

/** Why a download failed: the server keeps `CODE: message`, with the message in English. */
export function nameOfFailure({ error }) {
  const [, code, message] = /^([a-z-]+\/[a-z-]+): (.*)$/s.exec(error ?? '') ?? [];
  if (code === undefined) return error ?? '';
  return hasWords(`failure.${code}`) ? words(`failure.${code}`, { message }) : message;
}

/** Fills a `<select>` with the qualities. */
export function offerQualities(select) {
  select.replaceChildren(
    ...qualities.map((quality) => {
      const option = document.createElement('option');
      option.value = quality;
      option.dataset.words = `quality.${quality}`;
      option.textContent = words(option.dataset.words);
      return option;
    }),
  );
}
