/** What lies at 0x80 to 0x9f in WinAnsiEncoding; the rest is ISO 8859-1. Source: ISO 32000-1, annex D. */
const upper = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/** The text in the bytes of WinAnsiEncoding; `?` for a sign that it does not have. */
export function inWinAnsi(text: string): Uint8Array {
  return Uint8Array.from(text.normalize('NFC'), byteOf);
}

function byteOf(sign: string): number {
  const code = sign.codePointAt(0) ?? 0;
  if ((code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code <= 0xff)) return code;
  const at = sign === ' ' ? -1 : upper.indexOf(sign);
  return at < 0 ? 0x3f : 0x80 + at;
}
