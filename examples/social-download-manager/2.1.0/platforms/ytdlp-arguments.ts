import type { Quality } from '../downloads/download.ts';
import type { PlatformAuth } from './platform.ts';

const audioExtensions = ['m4a', 'mp3', 'opus', 'ogg', 'aac'];
const retries = 5;

/**
 * The format that yt-dlp is to choose: one file that HTTP can fetch in ranges, since joining picture and sound
 * needs ffmpeg, which may be missing. Files of unknown height come after those known to be low enough.
 * Audio only: what is known to hold no picture, or else what by its extension holds sound alone.
 */
export function formatChoice(quality: Quality, audioOnly: boolean): string {
  const isWeb = '[protocol^=http]';
  if (audioOnly) {
    const byExtension = audioExtensions.map((extension) => `best[ext=${extension}]${isWeb}`);
    return [`bestaudio${isWeb}`, ...byExtension].join('/');
  }
  if (quality === 'best') return `best${isWeb}`;
  const isVideo = audioExtensions.map((extension) => `[ext!=${extension}]`).join('');
  return `best[height<=${quality}]${isWeb}/best[height<=?${quality}]${isWeb}${isVideo}`;
}

/** What every run is told: no configuration but ours, one video, and nothing kept elsewhere. */
export function commonArguments(format: string, timeoutSeconds: number): readonly string[] {
  return [
    '--ignore-config',
    '--config-locations=-',
    '--no-playlist',
    '--no-cache-dir',
    '--no-warnings',
    '--quiet',
    `--socket-timeout=${timeoutSeconds}`,
    `--retries=${retries}`,
    '--extractor-retries=1',
    '--retry-sleep=linear=1:5',
    `--format=${format}`,
  ];
}

/**
 * The private part of the configuration, read by yt-dlp from its standard input (`--config-locations -`):
 * a command line can be read by every user of the machine, and a file may be left behind by a crash.
 */
export function credentialLines(auth: PlatformAuth | null): string {
  if (auth === null) return '';
  return `--username ${shellQuoted(auth.username)}\n--password ${shellQuoted(auth.password)}\n`;
}

/** yt-dlp reads its configuration with shell-like quoting. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
