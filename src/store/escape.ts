import { BackstepError } from '../fault/backstep-error.ts';

/**
 * Fields of a snapshot line. TAB, newline and backslash are `\t`, `\n`, `\\`; other control characters and bytes
 * that are no UTF-8 (lone surrogates, see `host/disk.ts`) are `\0` and three octal digits; a field that is just
 * `-` is `\0055`, since `-` stands for an empty one. `printf %b` of a POSIX shell decodes all of these.
 */
export function escapeField(text: string): string {
  if (text === '') return '-';
  if (text === '-') return octal(0x2d);
  if (!special.test(text)) return text;
  let escaped = '';
  for (const character of text) escaped += escapeCharacter(character);
  return escaped;
}

/** Throws `store/torn` for a field that `escapeField` could not have made. */
export function unescapeField(field: string): string {
  if (field === '-') return '';
  if (!field.includes('\\')) return field;
  const text = field.replaceAll(/\\(?:([\\tn])|0([0-7]{3}))?/g, (whole, short, digits) => {
    if (typeof short === 'string') return shortForms[short] ?? '';
    const byte = typeof digits === 'string' ? Number.parseInt(digits, 8) : 0;
    if (byte === 0 || byte > 0xff) throw badEscape(field, whole);
    return String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte);
  });
  return text;
}

/* oxlint-disable-next-line eslint/no-control-regex -- control characters are what is looked for */
const special = /[\u0000-\u001f\u007f\\\p{Surrogate}]/u;
const shortForms: Readonly<Record<string, string>> = { t: '\t', n: '\n', '\\': '\\' };

function escapeCharacter(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (character === '\t') return '\\t';
  if (character === '\n') return '\\n';
  if (character === '\\') return '\\\\';
  if (point === 0) throw unsafe(character);
  if (point < 0x20 || point === 0x7f) return octal(point);
  if (character.isWellFormed()) return character;
  if (point < 0xdc80 || point > 0xdcff) throw unsafe(character);
  return octal(point - 0xdc00);
}

function octal(byte: number): string {
  return `\\0${byte.toString(8).padStart(3, '0')}`;
}

function unsafe(character: string): BackstepError {
  return new BackstepError('store/unsafe', {
    message: `a name holds ${JSON.stringify(character)}, which no file system keeps`,
    hint: 'rename the file',
  });
}

function badEscape(field: string, escape: string): BackstepError {
  return new BackstepError('store/torn', {
    message: `${JSON.stringify(field)} holds ${JSON.stringify(escape)}, which is no escape`,
    hint: 'run `backstep verify`; take another snapshot if this one was altered',
  });
}
