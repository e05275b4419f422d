/** What stands for the signs that Backstep itself uses where a terminal has ASCII alone. */
const signs: Readonly<Record<string, string>> = {
  '→': '->',
  '↔': '<->',
  '✓': 'ok',
  '✗': 'no',
  '–': '-',
  '−': '-',
  '·': '|',
  '…': '...',
  '’': "'",
  '█': '#',
  '░': '.',
  '│': '|',
  '┌': '+',
  '└': '+',
  '◆': '?',
  '◇': '*',
  '■': 'x',
  '▲': '!',
  '●': '(*)',
  '○': '( )',
  '≤': '<=',
};

/** The text in ASCII: known signs by their likes, any other character as `\u{…}`, so that none is lost. */
export function toAscii(text: string): string {
  return text.replaceAll(
    /[^\0-\x7f]/gu,
    (sign) => signs[sign] ?? `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/**
 * False where the locale says that the terminal shows something else than UTF-8 (`C`, `POSIX`, `de_DE.ISO-8859-1`).
 * Where no locale is set, as in containers, terminals show UTF-8.
 */
export function showsUtf8(environment: Readonly<Record<string, string | undefined>>): boolean {
  const set = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => environment[name] ?? '');
  const locale = set.find((value) => value !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}
