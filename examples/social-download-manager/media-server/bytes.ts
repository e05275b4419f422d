import { createCipheriv, createHash } from 'node:crypto';

const blockBytes = 16;

/**
 * The bytes of a generated file from `offset` on. They depend on the file's name, its version and the offset alone
 * (an AES-CTR key stream), so that any range can be made, and checked, without holding the file.
 */
export function generatedBytes(file: GeneratedFile, offset: number, length: number): Buffer {
  const firstBlock = Math.floor(offset / blockBytes);
  const skipped = offset - firstBlock * blockBytes;
  const cipher = createCipheriv('aes-128-ctr', keyOf(file), counterBlock(firstBlock));
  return cipher.update(Buffer.alloc(skipped + length)).subarray(skipped);
}

/** A file's identity. A new version has other bytes under the same name, as when a site replaces a file. */
export interface GeneratedFile {
  readonly name: string;
  readonly version: number;
}

function keyOf({ name, version }: GeneratedFile): Buffer {
  return createHash('sha256').update(`${version}\0${name}`).digest().subarray(0, blockBytes);
}

function counterBlock(block: number): Buffer {
  const counter = Buffer.alloc(blockBytes);
  counter.writeBigUInt64BE(BigInt(block), blockBytes - 8);
  return counter;
}
