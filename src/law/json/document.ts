import { isUtf8 } from 'node:buffer';
import { BackstepError } from '../../fault/backstep-error.ts';
import { parseJson, type Spans } from './read.ts';
import type { Json } from './value.ts';

/** A document as it was read; the source text is kept, so that what does not change keeps its bytes. */
export interface JsonDocument {
  /** Names the document in messages and places, e.g. `configuration/config.json`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly hasByteOrderMark: boolean;
  /** The source without its byte order mark. */
  readonly text: string;
  readonly root: Json;
  /** Where each container and scalar stands in `text`, by identity. */
  readonly spans: Spans;
}

const byteOrderMark = '\uFEFF';

/**
 * Reads a JSON document (RFC 8259, UTF-8, a byte order mark allowed).
 * Throws BackstepError `document/encoding`, `document/syntax`, `document/duplicate-key` or
 * `document/too-deep`, each with the document's name, the line and the column.
 */
export function readDocument(bytes: Uint8Array, name: string): JsonDocument {
  const decoded = decode(bytes, name);
  const hasByteOrderMark = decoded.startsWith(byteOrderMark);
  const text = hasByteOrderMark ? decoded.slice(1) : decoded;
  return { name, bytes, hasByteOrderMark, text, ...parseJson(text, name) };
}

function decode(bytes: Uint8Array, name: string): string {
  if (isUtf8(bytes)) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const offset = firstInvalidByte(bytes);
  const line = bytes.subarray(0, offset).filter((byte) => byte === 0x0a).length + 1;
  throw new BackstepError('document/encoding', {
    message: `${name}: line ${line}, byte offset ${offset}: this is no UTF-8`,
    hint: `save ${name} as UTF-8; JSON knows no other encoding`,
  });
}

/** Whole sequences of a valid prefix are valid, so the boundary can be searched by halves. */
function firstInvalidByte(bytes: Uint8Array): number {
  let valid = 0;
  let invalid = bytes.length;
  while (valid < invalid) {
    const middle = Math.ceil((valid + invalid) / 2);
    if (isValidStart(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle - 1;
  }
  return valid;
}

function isValidStart(bytes: Uint8Array): boolean {
  const longestUnfinished = 3;
  for (let cut = 0; cut <= Math.min(longestUnfinished, bytes.length); cut += 1) {
    const rest = bytes.subarray(bytes.length - cut);
    if (isUtf8(bytes.subarray(0, bytes.length - cut)) && (cut === 0 || isUnfinished(rest)))
      return true;
  }
  return false;
}

/** True for a lead byte and its continuation bytes with at least one of them still missing. */
function isUnfinished(bytes: Uint8Array): boolean {
  const lead = bytes[0] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  return bytes.length < length && bytes.subarray(1).every((byte) => (byte & 0xc0) === 0x80);
}
