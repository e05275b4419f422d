import { createHash } from 'node:crypto';
import { jsonOrNull } from '../form/json-text.ts';
import { z } from '../form/schema.ts';

/** What is said of one event, beside when, who and where in the chain. No secret, no name of a person. */
export interface AuditEntry {
  /** What happened, in dotted words: `run.begun`, `command.refused`. */
  readonly act: string;
  /** The run that it belongs to; null where there is none. */
  readonly run: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);

const schema = z.object({
  v: z.literal(1),
  /** From 1, without a gap, across the months. */
  seq: z.int().min(1),
  /** ISO 8601, UTC. */
  ts: z.string(),
  /** A pseudonym; who that is stands in `actors.json`. */
  actor: z.string(),
  act: z.string(),
  run: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
  /** The hash of the line before; 64 zeros for the first. */
  prev: hex64,
});

export type AuditFields = z.output<typeof schema>;
export type AuditLine = AuditFields & { readonly hash: string };

export const noHash = '0'.repeat(64);

/** `,"hash":"` + 64 digits + `"}` */
const tailBytes = 75;
const tail = /^,"hash":"([0-9a-f]{64})"\}$/;

/** The line as it is written, and the hash that the next one names. */
export function formatLine(fields: AuditFields): { readonly bytes: Buffer; readonly hash: string } {
  const body = JSON.stringify(fields).slice(0, -1);
  const hash = hashOf(fields.prev, Buffer.from(body));
  return { bytes: Buffer.from(`${body},"hash":"${hash}"}\n`), hash };
}

/**
 * Reads one line without its newline. Null where it is none, or not what its own hash says: the hash is that of
 * `prev` and of the exact bytes before `,"hash"`, so that nothing depends on how JSON is written.
 */
export function parseLine(bytes: Buffer): AuditLine | null {
  const split = bytes.length - tailBytes;
  if (split < 1) return null;
  const hash = tail.exec(bytes.subarray(split).toString('latin1'))?.[1];
  if (hash === undefined) return null;
  const body = bytes.subarray(0, split);
  const read = schema.safeParse(jsonOrNull(`${body.toString('utf8')}}`));
  if (!read.success || hashOf(read.data.prev, body) !== hash) return null;
  return { ...read.data, hash };
}

function hashOf(prev: string, body: Buffer): string {
  return createHash('sha256').update(prev).update(body).digest('hex');
}
