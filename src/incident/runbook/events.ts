import { join } from 'node:path/posix';
import { jsonOrNull } from '../../form/json-text.ts';
import { z } from '../../form/schema.ts';
import { BackstepError } from '../../fault/backstep-error.ts';
import type { Host } from '../../host/host.ts';
import { makeDurableFolders, readWhole, replaceWhole } from '../../host/whole-file.ts';

const happening = z.discriminatedUnion('event', [
  z.object({ event: z.literal('begun'), reason: z.string(), release: z.string() }),
  z.object({
    event: z.literal('done'),
    item: z.string(),
    how: z.enum(['machine', 'person']),
    evidence: z.string(),
  }),
  z.object({ event: z.literal('failed'), item: z.string(), evidence: z.string() }),
  z.object({ event: z.literal('reopened'), item: z.string(), why: z.string() }),
  z.object({ event: z.literal('handed-over'), to: z.string(), note: z.string() }),
  z.object({ event: z.literal('closed'), note: z.string() }),
]);
const entry = z.intersection(
  z.object({ v: z.literal(1), seq: z.int(), ts: z.string(), by: z.string() }),
  happening,
);

/** What happened in a procedure. */
export type Happening = z.output<typeof happening>;
/** The same with when (ISO 8601, UTC) and who. */
export type Entry = z.output<typeof entry>;

/** `runbooks/<id>.jsonl`: one entry a line, oldest first. A crash leaves the file with the entry or without it. */
export function readEntries(host: Host, folder: string, id: string): readonly Entry[] {
  const path = pathOf(folder, id);
  const text = readWhole(host.disk, path).toString('utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line, index) => {
    const read = entry.safeParse(jsonOrNull(line));
    if (read.success && read.data.seq === index + 1) return read.data;
    throw new BackstepError('incident/runbook', {
      message: `${path}:${index + 1}: not an entry of a procedure`,
      hint: 'nothing was done; look at the line, and mend it by hand if it was edited',
    });
  });
}

/** Adds one entry; durable when it returns. The caller holds the lock of the procedures. */
export function addEntry(
  host: Host,
  { folder, id }: { readonly folder: string; readonly id: string },
  added: { readonly by: string; readonly happening: Happening },
): readonly Entry[] {
  makeDurableFolders(host.disk, folder, 0o700);
  const known = listRunbooks(host, folder).includes(id) ? readEntries(host, folder, id) : [];
  const ts = new Date(host.clock.now()).toISOString();
  const next: Entry = { v: 1, seq: known.length + 1, ts, by: added.by, ...added.happening };
  const entries = [...known, next];
  const bytes = Buffer.from(`${entries.map((each) => JSON.stringify(each)).join('\n')}\n`);
  replaceWhole(host, pathOf(folder, id), { bytes, mode: 0o600 });
  return entries;
}

/** The ids of all procedures, oldest first. */
export function listRunbooks({ disk }: Host, folder: string): readonly string[] {
  if (disk.lstat(folder) === null) return [];
  return disk
    .list(folder)
    .filter((name) => name.endsWith('.jsonl') && !name.startsWith('.'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .sort();
}

function pathOf(folder: string, id: string): string {
  return join(folder, `${id}.jsonl`);
}
