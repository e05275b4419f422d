/**
 * What `audit verify` can find, each told apart from the others:
 * altered: a line is not what its own hash says · reordered: whole lines stand in another order, or twice ·
 * replaced: a line, or all from some line on, was written anew with hashes of its own · cut: lines that were
 * there are missing, at the beginning, in the middle or at the end · forged: signed by a key that nobody vouches
 * for · unsigned: the last lines are covered by no checkpoint.
 */
export type FindingKind = 'altered' | 'reordered' | 'replaced' | 'cut' | 'forged' | 'unsigned';

/** Where it begins. */
export interface Finding {
  readonly finding: FindingKind;
  /** `2026-01.jsonl` */
  readonly file: string;
  /** From 1 within the file. */
  readonly line: number;
  /** One line for a person. */
  readonly text: string;
}

/** A place in the chain that somebody wrote down elsewhere: `SIZE:HASH`. */
export interface Anchor {
  /** How many lines there were: the `seq` of the last. */
  readonly size: number;
  readonly hash: string;
}

/** `42:ab…` with 64 hexadecimal digits; null for anything else. */
export function parseAnchor(written: string): Anchor | null {
  const [, size = '', hash = ''] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(written) ?? [];
  return size === '' ? null : { size: Number(size), hash };
}

export function anchorText({ size, hash }: Anchor): string {
  return `${size}:${hash}`;
}

export interface Verdict {
  /** The first that matters; null where the log is whole. */
  readonly finding: Finding | null;
  readonly lineCount: number;
  readonly months: readonly string[];
  /** Where the log ends now, to be written down elsewhere; null where it is empty or damaged. */
  readonly anchor: Anchor | null;
  /** The last line that a good checkpoint covers. */
  readonly signedTo: number;
  /** Base64, oldest first: the keys that signed. */
  readonly keys: readonly string[];
  /** given: a public key from elsewhere vouches for it · own: only keys that lie in the log itself. */
  readonly trust: 'given' | 'own';
}
