import type { JsonObject } from './document.ts';

/** Where 1.x had a setting, and where it is now. */
const places = {
  theme: ['ui', 'theme', 'mode'],
  language: ['i18n', 'locale'],
  download_folder: ['downloads', 'folder'],
  quality: ['downloads', 'quality'],
  max_concurrent_downloads: ['downloads', 'maxConcurrent'],
  session_hours: ['application', 'sessionHours'],
  log_level: ['application', 'logLevel'],
} as const;

/** In the order in which the file has them. */
const sections = ['version', 'application', 'features', 'ui', 'i18n', 'downloads', 'extra'];

/**
 * `config.json` of 1.x in this release's shape; one of this shape is returned as it is. Keys that 1.x did
 * not know either are somebody's own: they are carried, as they are, under `extra`.
 */
export function convertConfig(raw: JsonObject): JsonObject {
  const { version } = raw;
  if (typeof version === 'string' && !version.startsWith('1.')) return raw;
  const converted = Object.entries(raw).reduce<JsonObject>(
    (done, [key, value]) => {
      if (sections.includes(key)) return { ...done, [key]: value };
      const known = Object.entries(places).find(([name]) => name === key);
      return put(done, known?.[1] ?? ['extra', key], value);
    },
    { features: {} },
  );
  const present = sections.filter((section) => section in converted);
  return Object.fromEntries(present.map((section) => [section, converted[section]]));
}

/** A copy of the object with the value at a place, and objects on the way to it. */
function put(object: JsonObject, place: readonly string[], value: unknown): JsonObject {
  const [key = '', ...rest] = place;
  return { ...object, [key]: rest.length === 0 ? value : put(inner(object[key]), rest, value) };
}

function inner(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
