import { readFileSync } from 'node:fs';
import { errnoOf } from './node-fault.ts';
import { fromNative } from './node-path.ts';

/** Mount points from /proc/self/mountinfo (proc(5)), sorted; empty where there is no such file. */
export function mountPoints(): readonly string[] {
  try {
    return parseMountInfo(readFileSync('/proc/self/mountinfo', 'latin1'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Field 5 of each line; space, tab, newline and backslash stand there as `\ooo`. */
export function parseMountInfo(text: string): readonly string[] {
  const points = new Set<string>();
  for (const line of text.split('\n')) {
    const point = line.split(' ')[4];
    if (point !== undefined) points.add(unescaped(point));
  }
  return [...points].sort();
}

function unescaped(point: string): string {
  const raw = point.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return fromNative(Buffer.from(raw, 'latin1'));
}
