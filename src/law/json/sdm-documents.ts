import type { ReturnStates } from './return.ts';
import type { DocumentStates } from './rollback.ts';

export const name = 'configuration/config.json';

export const place = { reversalFile: 'reversals/2.0.0-to-1.2.1.yaml', document: name };

/** config.json as 1.2.1 writes it. */
export const old = {
  version: '1.2.1',
  theme: 'light',
  language: 'en',
  download_folder: 'downloads',
  quality: 'best',
  max_concurrent_downloads: 3,
  session_hours: 168,
  log_level: 'info',
};

/** The same settings as 2.0.0 writes them. */
export const renewed = {
  version: '2.0.0',
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

/** Where 2.0.0 keeps what 1.2.1 has: old path to new path. */
export const paths = {
  theme: 'ui.theme.mode',
  language: 'i18n.locale',
  download_folder: 'downloads.folder',
  quality: 'downloads.quality',
  max_concurrent_downloads: 'downloads.maxConcurrent',
  session_hours: 'application.sessionHours',
  log_level: 'application.logLevel',
};

export const bytes = (value: unknown): Uint8Array =>
  Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
export const states = (now: unknown): DocumentStates => ({
  before: bytes(old),
  after: bytes(renewed),
  now: bytes(now),
});

export function returning(
  displaced: unknown,
  settled: Uint8Array | null,
  now: Uint8Array | null,
): ReturnStates {
  return { before: bytes(old), after: bytes(renewed), displaced: bytes(displaced), settled, now };
}
