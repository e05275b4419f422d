import { nearest } from './nearest.ts';

/** What stands there, as it was written: `the number 10 (written \`1e1\`)`. */
export function describe(value: unknown, source: string | null): string {
  if (value === null) return 'nothing (the key has no value)';
  if (typeof value === 'string') return value === '' ? 'empty text' : `text \`${shorten(value)}\``;
  if (typeof value === 'number' || typeof value === 'boolean') {
    const isVaried = source !== null && source !== String(value);
    const written = isVaried ? ` (written \`${shorten(source)}\`)` : '';
    return `the ${typeof value === 'number' ? 'number' : 'word'} ${String(value)}${written}`;
  }
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return 'a mapping';
}

/**
 * What people write and YAML 1.2 reads as something else: text that looks like a number or a word of
 * truth, `no` as text, `12:30` as text. `wanted` is a type, or the words that are possible.
 */
export function trapHint(
  wanted: string | readonly string[],
  value: unknown,
  source: string | null,
): string {
  if (typeof wanted !== 'string') {
    const near = typeof value === 'string' ? nearest(value, wanted) : null;
    return near === null ? '' : `did you mean \`${near}\`?`;
  }
  if (wanted === 'string') {
    const isScalar = typeof value === 'number' || typeof value === 'boolean';
    return isScalar ? `as text it stands in quotes: '${source ?? String(value)}'` : '';
  }
  if (typeof value !== 'string') return '';
  if (wanted === 'boolean') return truthHint(value);
  const isNumber = wanted === 'number' || wanted === 'int';
  if (!isNumber) return '';
  if (/^\d+(:\d+)+$/.test(value)) return 'YAML 1.2 counts in no base 60: write the number';
  return /^[-+]?[\d.]+$/.test(value) ? 'write it without quotes' : '';
}

function truthHint(value: string): string {
  if (/^(y|yes|on|true)$/i.test(value)) return `\`${value}\` is text in YAML 1.2: write true`;
  if (/^(n|no|off|false)$/i.test(value)) return `\`${value}\` is text in YAML 1.2: write false`;
  return '';
}

function shorten(words: string): string {
  const line = words.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}
