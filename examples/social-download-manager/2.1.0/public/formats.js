import { currentLanguage, words } from './words.js';

const sizeUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/** `12.4 MB`, in the page's language. */
export function sizeOf(bytes) {
  const step = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), 4);
  return new Intl.NumberFormat(currentLanguage(), {
    style: 'unit',
    unit: sizeUnits[step],
    unitDisplay: step === 0 ? 'long' : 'short',
    minimumFractionDigits: step > 1 ? 1 : 0,
    maximumFractionDigits: step > 1 ? 1 : 0,
  }).format(bytes / 1000 ** step);
}

export function speedOf(bytesPerSecond) {
  return words('speed', { size: sizeOf(bytesPerSecond) });
}

/** `3:07` or `1:02:45`. */
export function lengthOf(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, at) => (at === 0 ? `${part}` : `${part}`.padStart(2, '0'))).join(':');
}

export function percentOf(part, whole) {
  const share = whole === 0 ? 1 : Math.min(1, part / whole);
  return new Intl.NumberFormat(currentLanguage(), { style: 'percent' }).format(
    Math.floor(share * 100) / 100,
  );
}

/** A day and a time, in the reader's own time zone. */
export function momentOf(iso) {
  return new Intl.DateTimeFormat(currentLanguage(), {
    dateStyle: 'medium',
    timeStyle: 'short',
  }).format(new Date(iso));
}

export function dayOf(iso) {
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium' }).format(new Date(iso));
}

export function numberOf(value) {
  return new Intl.NumberFormat(currentLanguage()).format(value);
}

/** A figure of the server with its unit: `142 MB`, `0.3 %`, `12.5/s`. An unknown unit is shown as it is. */
export function measureOf(value, unit) {
  const short = (options) =>
    new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 1, ...options }).format(
      value,
    );
  const shown = {
    bytes: () => sizeOf(value),
    'bytes per second': () => speedOf(value),
    percent: () => short({ style: 'unit', unit: 'percent' }),
    milliseconds: () => short({ style: 'unit', unit: 'millisecond' }),
    'per second': () => words('speed', { size: short({}) }),
  };
  return shown[unit]?.() ?? `${short({})} ${unit}`;
}
