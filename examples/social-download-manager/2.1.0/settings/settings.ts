import { basename } from 'node:path';
import type { DataFolder } from '../data.ts';
import type { PlatformSettings } from '../platforms/platform.ts';
import { convertConfig } from './convert.ts';
import { SettingsDocument } from './document.ts';
import * as schema from './schema.ts';

/** A settings file that could not be read at this start. */
export interface DamagedFile {
  readonly file: string;
  readonly keptAs: string;
}

/** The settings files of a data folder. */
export interface Settings {
  readonly config: SettingsDocument<schema.Config>;
  readonly userDefaults: SettingsDocument<schema.UserDefaults>;
  readonly platforms: SettingsDocument<schema.Platforms>;
  readonly performance: SettingsDocument<schema.Performance>;
}

/**
 * Reads the settings files, and writes those that are missing, incomplete, damaged or of an older release:
 * each whole or not at all, so that a crash in between is made good by the next call.
 */
export function openSettings(data: DataFolder): Settings {
  const config = new SettingsDocument(data.path('config.json'), {
    parse: schema.config,
    defaults: schema.configDefaults,
    convert: convertConfig,
  });
  if (config.value.version !== schema.releaseVersion)
    config.change({ version: schema.releaseVersion });
  return {
    config,
    userDefaults: new SettingsDocument(data.path('user_preferences.json'), {
      parse: schema.userDefaults,
      defaults: schema.userDefaultsDefaults,
    }),
    platforms: new SettingsDocument(data.path('platform_settings.json'), {
      parse: schema.platforms,
      defaults: schema.platformDefaults,
    }),
    performance: new SettingsDocument(data.path('performance_settings.json'), {
      parse: schema.performance,
      defaults: schema.performanceDefaults,
    }),
  };
}

type DamagedDocument = Pick<SettingsDocument<object>, 'path' | 'keptAside'>;

export function damagedFiles(settings: Settings): readonly DamagedFile[] {
  return Object.values<DamagedDocument>({ ...settings }).flatMap((document) =>
    document.keptAside === null
      ? []
      : [{ file: basename(document.path), keptAs: document.keptAside }],
  );
}

/** A platform's entry in the words of its adapter; for an unknown one, one that goes nowhere. */
export function platformSettings(settings: Settings, platform: string): PlatformSettings {
  const entry = Object.entries(settings.platforms.value).find(([name]) => name === platform)?.[1];
  if (entry === undefined) return { endpoint: '', timeoutSeconds: 60 };
  const { endpoint, timeout_seconds: timeoutSeconds } = entry;
  return 'program' in entry
    ? { endpoint, timeoutSeconds, program: entry.program }
    : { endpoint, timeoutSeconds };
}
