import type { ParkedRecord } from './parked-records.ts';

const columns = ['run', 'asset', 'kind', 'place', 'act', 'why', 'key', 'value', 'kept'] as const;

/** The heading, with its line end. */
export const csvHead = `${columns.join(',')}\r\n`;

/** One record as a line (RFC 4180). What is no text stands as JSON; NULL is an empty field. */
export function csvLine(run: string, record: ParkedRecord): string {
  const all: Readonly<Record<(typeof columns)[number], unknown>> = { run, ...record };
  return `${columns.map((column) => field(all[column])).join(',')}\r\n`;
}

function field(value: unknown): string {
  if (value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /[",\r\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text;
}
