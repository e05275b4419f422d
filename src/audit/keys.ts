import {
  createPrivateKey,
  createPublicKey,
  sign as signBytes,
  verify as verifyBytes,
  type KeyObject,
} from 'node:crypto';
import { join } from 'node:path/posix';
import type { Disk } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { readWhole, replaceWhole } from '../host/whole-file.ts';

/** Signs what one segment says of itself. */
export interface Signer {
  /** Base64 of the 32 bytes of the public key. */
  readonly publicKey: string;
  /** Base64. */
  sign(text: string): string;
}

/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in its DER form. */
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

const keyFile = 'key.pem';
/** A key that no line of the log may name yet. */
const nextFile = 'key.next.pem';
const publicFile = 'public.pem';

/** The key that signs now; null where there is none, or it is no key. */
export function currentSigner(disk: Disk, folder: string): Signer | null {
  return signerIn(disk, join(folder, keyFile));
}

/** The key that was made and not yet put to use, null where there is none. */
export function nextSigner(disk: Disk, folder: string): Signer | null {
  return signerIn(disk, join(folder, nextFile));
}

/** Makes a key beside the one in use. Crash: it lies there, and is used or replaced the next time. */
export function makeNextSigner(host: Host, folder: string): Signer {
  const der = Buffer.concat([privatePrefix, host.random.bytes(32)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const pem = key.export({ format: 'pem', type: 'pkcs8' });
  replaceWhole(host, join(folder, nextFile), { bytes: Buffer.from(pem), mode: 0o600 });
  return signerOf(key);
}

/** The new key takes the place of the old one, which is gone with that. May run twice. */
export function promoteNextSigner(host: Host, folder: string): void {
  const { disk } = host;
  const next = signerIn(disk, join(folder, nextFile));
  if (next === null) return;
  const bytes = Buffer.from(pemOf(next.publicKey));
  replaceWhole(host, join(folder, publicFile), { bytes, mode: 0o600 });
  disk.rename(join(folder, nextFile), join(folder, keyFile));
  disk.syncFolder(folder);
}

/** The public key in the form that others read. */
export function pemOf(publicKey: string): string {
  return publicKeyOf(publicKey).export({ format: 'pem', type: 'spki' }).toString();
}

/** Base64 of a public key given as PEM or as that itself; null where it is neither. */
export function readPublicKey(text: string): string | null {
  const trimmed = text.trim();
  if (/^[A-Za-z0-9+/]{43}=$/.test(trimmed)) return trimmed;
  if (!trimmed.startsWith('-----BEGIN PUBLIC KEY-----')) return null;
  const lines = trimmed.split('\n').filter((line) => !line.startsWith('-----'));
  const der = Buffer.from(lines.join(''), 'base64');
  const isEd25519 = der.length === 44 && der.subarray(0, 12).equals(publicPrefix);
  return isEd25519 ? der.subarray(12).toString('base64') : null;
}

/** Whether the text was signed with the private part of that key. */
export function isSigned(
  text: string,
  { publicKey, signature }: { readonly publicKey: string; readonly signature: string },
): boolean {
  if (readPublicKey(publicKey) === null) return false;
  const bytes = Buffer.from(signature, 'base64');
  return bytes.length === 64 && verifyBytes(null, Buffer.from(text), publicKeyOf(publicKey), bytes);
}

function publicKeyOf(publicKey: string): KeyObject {
  const der = Buffer.concat([publicPrefix, Buffer.from(publicKey, 'base64')]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}

function signerIn(disk: Disk, path: string): Signer | null {
  if (disk.lstat(path)?.kind !== 'file') return null;
  const pem = readWhole(disk, path).toString('latin1');
  const inner = /^-----BEGIN PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END PRIVATE KEY-----/.exec(
    pem,
  );
  const der = Buffer.from(inner?.[1] ?? '', 'base64');
  const isKey = der.length === 48 && der.subarray(0, 16).equals(privatePrefix);
  return isKey ? signerOf(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })) : null;
}

function signerOf(key: KeyObject): Signer {
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const publicKey = der.subarray(publicPrefix.length).toString('base64');
  return {
    publicKey,
    sign: (text) => signBytes(null, Buffer.from(text), key).toString('base64'),
  };
}
