const longestBytes = 200;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Characters that no common file system takes, controls, and those that turn the direction of text around. */
const unsafeCharacters = /[/\\:*?"<>|\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;
const reservedNames = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=$|\.)/i;

/**
 * A file name for a title that every common file system takes: one path part, Unicode NFC, no leading dot,
 * no name that Windows reserves, at most 200 bytes of UTF-8 with whole characters, never empty.
 * From `copy` 2 on the name is numbered: `name (2).mp4`.
 */
export function fileName(title: string, extension: string, copy = 1): string {
  const ending = `${copy > 1 ? ` (${copy})` : ''}.${safeExtension(extension)}`;
  const stem = title
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(unsafeCharacters, '_')
    .replaceAll(/\s+/gu, ' ')
    .replace(/^[. ]+/, '');
  const cut = cutTo(stem, longestBytes - Buffer.byteLength(ending)).replace(/[. ]+$/, '');
  return `${unreserved(cut)}${ending}`;
}

function safeExtension(extension: string): string {
  return /^[a-z0-9]{1,8}$/i.test(extension) ? extension.toLowerCase() : 'bin';
}

function unreserved(stem: string): string {
  if (stem === '') return 'download';
  return reservedNames.test(stem) ? `_${stem}` : stem;
}

/** The longest beginning of whole graphemes that fits: an emoji of several code points stays in one piece. */
function cutTo(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let end = 0;
  let used = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    used += Buffer.byteLength(segment);
    if (used > bytes) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}
