import { Buffer, isUtf8 } from 'node:buffer';
import { DiskError } from './disk-error.ts';

/**
 * Between path strings and the bytes that Linux keeps. A byte that is no UTF-8 is the lone surrogate
 * U+DC00 + byte, as in Python's `surrogateescape` (PEP 383); the way there and back gives the same bytes.
 */
const escapeBase = 0xdc00;

/** What `node:fs` takes: the string itself wherever that is safe, else bytes. */
export function toNative(path: string): string | Buffer {
  if (path.includes('\0')) throw new DiskError('EILSEQ', { act: 'name', path });
  return path.isWellFormed() ? path : Buffer.from(bytesOf(path));
}

export function fromNative(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at);
    text +=
      length === 0
        ? String.fromCharCode(escapeBase + (bytes[at] ?? 0))
        : bytes.toString('utf8', at, at + length);
    at += Math.max(length, 1);
  }
  return text;
}

function bytesOf(path: string): number[] {
  const bytes: number[] = [];
  for (const character of path) {
    const point = character.codePointAt(0) ?? 0;
    if (point >= escapeBase + 0x80 && point <= escapeBase + 0xff) bytes.push(point - escapeBase);
    else if (character.isWellFormed()) bytes.push(...Buffer.from(character, 'utf8'));
    else throw new DiskError('EILSEQ', { act: 'name', path });
  }
  return bytes;
}

/** Length of the well-formed UTF-8 character that starts here; 0 if none does. */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}
