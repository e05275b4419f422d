import { join } from 'node:path/posix';
import { jsonOrNull } from '../form/json-text.ts';
import { z } from '../form/schema.ts';
import type { Host } from '../host/host.ts';
import { randomHex } from '../host/random.ts';
import { readWhole, replaceWhole } from '../host/whole-file.ts';

const schema = z.object({ v: z.literal(1), actors: z.record(z.string(), z.string()) });

/**
 * The pseudonym that stands for an account in the log. Who it is stands in `actors.json` alone, which may be
 * deleted, or a line of it: the chain stays whole, and the account gets another pseudonym the next time.
 */
export function pseudonymOf(host: Host, folder: string, account: string): string {
  const known = readActors(host, folder);
  const found = Object.entries(known).find(([, name]) => name === account)?.[0];
  if (found !== undefined) return found;
  const fresh = `person-${randomHex(host.random, 4)}`;
  const content = { v: 1, actors: { ...known, [fresh]: account } };
  const bytes = Buffer.from(`${JSON.stringify(content, null, 2)}\n`);
  replaceWhole(host, join(folder, 'actors.json'), { bytes, mode: 0o600 });
  return fresh;
}

/** Pseudonym → account; empty where nobody is known, or the file was damaged. */
export function readActors({ disk }: Host, folder: string): Readonly<Record<string, string>> {
  const path = join(folder, 'actors.json');
  if (disk.lstat(path)?.kind !== 'file') return {};
  const read = schema.safeParse(jsonOrNull(readWhole(disk, path).toString('utf8')));
  return read.success ? read.data.actors : {};
}
