import { createHash } from 'node:crypto';
import { formatLine } from '../../src/store/line.ts';

/** The last line of a snapshot and of a listing counts the lines before it, and holds their hash. */
export function resealed(bytes: Buffer): Buffer {
  const text = bytes.toString('utf8');
  const body = text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1);
  const hash = createHash('sha256').update(body).digest('hex');
  const count = Math.max(0, body.split('\n').length - 2);
  const seal = formatLine({ kind: 'end', size: String(count), hashes: hash });
  return Buffer.from(`${body}${seal}\n`);
}
