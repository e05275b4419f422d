export interface Random {
  /** `count` bytes that nobody can foresee. */
  bytes(count: number): Uint8Array;
}

/** Lower-case hexadecimal, two digits a byte: for names of temporary files and parts of identifiers. */
export function randomHex(random: Random, byteCount: number): string {
  return Buffer.from(random.bytes(byteCount)).toString('hex');
}
