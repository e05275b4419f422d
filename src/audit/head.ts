import { join } from 'node:path/posix';
import { jsonOrNull } from '../form/json-text.ts';
import { z } from '../form/schema.ts';
import type { Host } from '../host/host.ts';
import { readWhole, replaceWhole } from '../host/whole-file.ts';

const schema = z.object({
  v: z.literal(1),
  /** The newest checkpoint's own line. */
  seq: z.int(),
  hash: z.string(),
  /** ISO 8601, UTC. */
  ts: z.string(),
});

/** The newest checkpoint, beside the log: a log that ends before it was cut. */
export type Head = z.output<typeof schema>;

/** Null where there is none, or it cannot be read. */
export function readHead({ disk }: Host, folder: string): Head | null {
  const path = join(folder, 'head.json');
  if (disk.lstat(path)?.kind !== 'file') return null;
  const read = schema.safeParse(jsonOrNull(readWhole(disk, path).toString('utf8')));
  return read.success ? read.data : null;
}

export function writeHead(host: Host, folder: string, head: Omit<Head, 'v'>): void {
  const bytes = Buffer.from(`${JSON.stringify({ v: 1, ...head })}\n`);
  replaceWhole(host, join(folder, 'head.json'), { bytes, mode: 0o600 });
}
