import type { Disk } from '../host/disk.ts';
import { parseLine, type AuditLine } from './line.ts';
import { linesOf, monthOf, segmentsIn } from './segments.ts';

export interface ExportRequest {
  readonly folder: string;
  /** ISO 8601, inclusive; null: from the first line. */
  readonly since: string | null;
  /** ISO 8601, exclusive; null: to the last line. */
  readonly until: string | null;
}

/** The lines of a time, oldest first. Lines that cannot be read are left out: `verify` tells of them. */
export function* exportedLines(disk: Disk, request: ExportRequest): Generator<AuditLine> {
  const { folder, since, until } = request;
  const [from, to] = [since, until].map((each) => (each === null ? null : Date.parse(each)));
  for (const segment of segmentsIn(disk, folder)) {
    if (since !== null && segment.month < monthOf(since)) continue;
    for (const { bytes } of linesOf(disk, segment)) {
      const line = parseLine(bytes);
      if (line === null) continue;
      const at = Date.parse(line.ts);
      const isAsked = (from ?? at) <= at && (to === null || to === undefined || at < to);
      if (isAsked) yield line;
    }
  }
}

const columns = ['seq', 'ts', 'actor', 'act', 'run', 'data', 'hash'] as const;

/** RFC 4180, the heading first. */
export function* csvLines(lines: Iterable<AuditLine>): Generator<string> {
  yield columns.join(',');
  for (const line of lines) {
    yield columns
      .map((column) => cell(column === 'data' ? JSON.stringify(line.data) : line[column]))
      .join(',');
  }
}

/** A spreadsheet takes a cell that begins with one of these for a formula. */
const formulaStart = /^[=+\-@\t\r]/;

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const harmless = formulaStart.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
