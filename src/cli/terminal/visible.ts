/**
 * Control characters, and signs that turn the direction of writing: a terminal obeys the former and shows another text
 * for the latter. Tab and newline are none.
 */
/* oxlint-disable-next-line eslint/no-control-regex -- control characters are what is looked for */
const obeyed = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * The text with each of them as `\u{…}`: a file's name or a row's value is shown by the terminal and never done
 * by it.
 */
export function visible(text: string): string {
  return text.replaceAll(obeyed, (sign) => `\\u{${sign.charCodeAt(0).toString(16)}}`);
}

/** The same for a JSON text, which means what it meant: those that JSON lets stand become its own escapes. */
export function visibleJson(text: string): string {
  return text.replaceAll(obeyed, (sign) =>
    sign < ' ' ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
