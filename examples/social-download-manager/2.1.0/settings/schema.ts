import { levels } from '../log.ts';
import { qualities } from '../downloads/download.ts';
import packageJson from '../package.json' with { type: 'json' };
import { flag, integer, oneOf, record, text, type Parsed } from '../shape.ts';

/** This release's version, as its `package.json` says. */
export const releaseVersion: string = packageJson.version;

export const themes = ['light', 'dark'] as const;
export const languages = ['en', 'vi'] as const;
export const sorts = ['newest', 'oldest', 'title', 'size'] as const;

export const theme = oneOf(themes);
export const language = oneOf(languages);
export const quality = oneOf(qualities);
export const folderName = text({ min: 0, max: 1_000 });

/** How a user likes the list of downloads. */
export const listView = {
  rowsPerPage: integer({ min: 10, max: 500 }),
  sort: oneOf(sorts),
  compact: flag,
};

/** Limits of what an administrator may set, shared by the file and the API. */
export const maxConcurrentDownloads = integer({ min: 1, max: 20 });
export const sessionHours = integer({ min: 1, max: 8_760 });

export const config = record({
  version: text({ min: 1, max: 50 }),
  application: record({ sessionHours, logLevel: oneOf(levels) }),
  /** Parts of this release that an operator may switch off. */
  features: record({
    componentInterface: flag,
    customThemes: flag,
    performanceMetrics: flag,
    progressStream: flag,
  }),
  /** Of the sign-in page; users have their own. */
  ui: record({ theme: record({ mode: theme }) }),
  i18n: record({ locale: language }),
  downloads: record({
    folder: text({ min: 1, max: 1_000 }),
    quality,
    maxConcurrent: maxConcurrentDownloads,
  }),
});
export type Config = Parsed<typeof config>;

export const userDefaults = record({
  theme,
  language,
  download_folder: folderName,
  quality,
  ui: record(listView),
});
export type UserDefaults = Parsed<typeof userDefaults>;

const endpoint = text({ min: 0, max: 500 });
const timeoutSeconds = integer({ min: 1, max: 3_600 });
const throughProgram = record({
  endpoint,
  program: text({ min: 1, max: 1_000 }),
  timeout_seconds: timeoutSeconds,
});

export const platforms = record({
  youtube: throughProgram,
  tiktok: throughProgram,
  vimeo: throughProgram,
  direct: record({ endpoint, timeout_seconds: timeoutSeconds }),
});
export type Platforms = Parsed<typeof platforms>;

export const performance = record({
  sampleSeconds: integer({ min: 1, max: 3_600 }),
  keepDays: integer({ min: 1, max: 365 }),
});
export type Performance = Parsed<typeof performance>;

export const configDefaults: Config = {
  version: releaseVersion,
  application: { sessionHours: 168, logLevel: 'info' },
  features: {
    componentInterface: true,
    customThemes: true,
    performanceMetrics: true,
    progressStream: true,
  },
  ui: { theme: { mode: 'light' } },
  i18n: { locale: 'en' },
  downloads: { folder: 'downloads', quality: 'best', maxConcurrent: 3 },
};

export const userDefaultsDefaults: UserDefaults = {
  theme: 'light',
  language: 'en',
  download_folder: '',
  quality: 'best',
  ui: { rowsPerPage: 50, sort: 'newest', compact: false },
};

export const platformDefaults: Platforms = {
  youtube: { endpoint: 'https://www.youtube.com', program: 'yt-dlp', timeout_seconds: 60 },
  tiktok: { endpoint: 'https://www.tiktok.com', program: 'yt-dlp', timeout_seconds: 60 },
  vimeo: { endpoint: 'https://vimeo.com', program: 'yt-dlp', timeout_seconds: 60 },
  direct: { endpoint: '', timeout_seconds: 60 },
};

export const performanceDefaults: Performance = { sampleSeconds: 60, keepDays: 7 };
