import { z } from '../form/schema.ts';

/**
 * Lines that the log writes about itself. They stand in the chain like all others; their acts are taken, so
 * that nothing else may be recorded under them.
 */
export const ownActs = {
  key: 'audit.key',
  checkpoint: 'audit.checkpoint',
  torn: 'audit.torn',
  broken: 'audit.broken',
  pruned: 'audit.pruned',
} as const;

const base64 = z.string().regex(/^[A-Za-z0-9+/]+=*$/);

/** From this line on another key signs. The key before it vouches for it; null for the first, or where that one is lost. */
export const keyData = z.object({
  key: base64,
  by: base64.nullable(),
  signature: base64.nullable(),
});

/** Everything before this line is as it was when it was signed. */
export const checkpointData = z.object({ signature: base64 });

const prunedSegment = z.object({
  month: z.string(),
  firstSeq: z.int(),
  lastSeq: z.int(),
  lastHash: z.string(),
  /** SHA-256 of the file. */
  sha256: z.string(),
  sizeBytes: z.int(),
});

/** A key line of a segment that is gone, so that whoever holds an old public key can still follow. */
const prunedKey = z.object({ seq: z.int(), prev: z.string(), ...keyData.shape });

/** Whole segments that are about to be removed, and what is needed to follow the chain without them. */
export const prunedData = z.object({
  segments: z.array(prunedSegment),
  keys: z.array(prunedKey),
  archive: z.string(),
});

export type KeyData = z.output<typeof keyData>;
export type PrunedKey = z.output<typeof prunedKey>;
export type PrunedData = z.output<typeof prunedData>;

export interface Place {
  readonly seq: number;
  readonly hash: string;
}

/** What a checkpoint signs: the last line before it. */
export function checkpointText({ seq, hash }: Place): string {
  return `backstep audit checkpoint 1\n${seq}\n${hash}\n`;
}

/** What a key signs for its successor: the key, and where in the chain it begins. */
export function keyText(key: string, { seq, prev }: { seq: number; prev: string }): string {
  return `backstep audit key 1\n${seq}\n${prev}\n${key}\n`;
}
