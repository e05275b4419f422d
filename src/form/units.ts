import { refuse, z } from './schema.ts';

const millisecondsIn = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const bytesIn = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
} as const;

const durationForm = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const sizeForm = /^(\d+(?:\.\d+)?) ?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)$/;
const shareForm = /^(\d+(?:\.\d+)?) ?%$/;
const timeForm =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2}))?$/;

const durationWords = 'a duration with its unit (`250ms`, `30s`, `5m`, `2h`, `7d`, `0s`)';
const sizeWords = 'a size with its unit (`500MB`, `1GiB`)';
const shareWords = 'a share (`5%`)';
const timeWords = 'a time (`2026-01-31T04:30:00Z`) or a day (`2026-01-31`)';

/** What to write instead of a bare number, by the words of what was expected. */
export const unitHints: ReadonlyMap<string, (written: string) => string> = new Map([
  [durationWords, (written) => `add the unit: \`${written}s\`, \`${written}m\``],
  [sizeWords, (written) => `add the unit: \`${written}MB\``],
  [shareWords, (written) => `add the sign: \`${written}%\``],
]);

/** `30s` → 30000: milliseconds, whole, at most 100 years. */
export const duration = z
  .string({ error: durationWords })
  .regex(durationForm, { error: durationWords })
  .transform((written, context) => {
    const ms = parseDuration(written);
    return (
      ms ?? refuse(context, `\`${written}\` is no duration`, 'whole milliseconds, at most 36525d')
    );
  })
  .meta({ description: durationWords, examples: ['30s', '5m', '0s'] });

/** `500MB` → 500000000: bytes, whole; kB, MB, GB count in thousands, KiB, MiB, GiB in 1024. */
export const size = z
  .string({ error: sizeWords })
  .regex(sizeForm, { error: sizeWords })
  .transform((written, context) => {
    const bytes = parseSize(written);
    return bytes ?? refuse(context, `\`${written}\` is no size`, 'whole bytes, at most 8192TiB');
  })
  .meta({ description: sizeWords, examples: ['500MB', '1GiB'] });

/** `5%` → 0.05. */
export const share = z
  .string({ error: shareWords })
  .regex(shareForm, { error: shareWords })
  .transform((written, context) => {
    const parsed = parseShare(written);
    return parsed ?? refuse(context, `\`${written}\` is no share`, 'between 0% and 100%');
  })
  .meta({ description: shareWords, examples: ['5%'] });

/** `2026-01-31T04:30:00Z` → ISO 8601 in UTC; a day means its first instant in UTC. */
export const time = z
  .string({ error: timeWords })
  .regex(timeForm, { error: timeWords })
  .transform((written, context) => {
    const parsed = parseTime(written);
    return parsed ?? refuse(context, `\`${written}\` is on no calendar`);
  })
  .meta({ description: timeWords, examples: ['2026-01-31T04:30:00Z'] });

/** Milliseconds, or null where the text is no duration. */
export function parseDuration(written: string): number | null {
  const [, amount, unit] = durationForm.exec(written) ?? [];
  if (amount === undefined || !isKeyOf(unit, millisecondsIn)) return null;
  const ms = exactly(amount, millisecondsIn[unit]);
  return ms !== null && ms <= 36_525 * millisecondsIn.d ? ms : null;
}

/** Bytes, or null where the text is no size. */
export function parseSize(written: string): number | null {
  const [, amount, unit] = sizeForm.exec(written) ?? [];
  return amount !== undefined && isKeyOf(unit, bytesIn) ? exactly(amount, bytesIn[unit]) : null;
}

/** A part of one (`5%` → 0.05), or null where the text is no share. */
export function parseShare(written: string): number | null {
  const percent = Number(shareForm.exec(written)?.[1] ?? Number.NaN);
  return percent >= 0 && percent <= 100 ? percent / 100 : null;
}

/** ISO 8601 in UTC, or null where the text is no time that exists. */
export function parseTime(written: string): string | null {
  if (!timeForm.test(written)) return null;
  const ms = Date.parse(written.replace(' ', 'T'));
  const isOnCalendar =
    Number.isFinite(ms) &&
    new Date(Date.parse(written.slice(0, 10))).toISOString().startsWith(written.slice(0, 10));
  return isOnCalendar ? new Date(ms).toISOString() : null;
}

/** The shortest text that `parseDuration` reads back as `ms`. */
export function renderDuration(ms: number): string {
  const units = Object.entries(millisecondsIn).reverse();
  const [unit, factor] = units.find(([, each]) => ms >= each && ms % each === 0) ?? ['ms', 1];
  return ms === 0 ? '0s' : `${ms / factor}${unit}`;
}

/** `1.5` × 1000 → 1500 without the error of binary fractions; null unless it comes out whole and safe. */
function exactly(amount: string, factor: number): number | null {
  const [whole = '0', fraction = ''] = amount.split('.');
  if (whole.length + fraction.length > 20) return null;
  const scale = 10n ** BigInt(fraction.length);
  const product = BigInt(whole + fraction) * BigInt(factor);
  if (product % scale !== 0n) return null;
  const result = product / scale;
  return result <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(result) : null;
}

function isKeyOf<T extends object>(
  key: string | undefined,
  table: T,
): key is Extract<keyof T, string> {
  return key !== undefined && Object.hasOwn(table, key);
}
