/** What a token is; comments and blanks are none. */
export type TokenKind = 'word' | 'name' | 'text' | 'number' | 'symbol';

/** One token of SQL text. Offsets are UTF-16 units of the text. */
export interface Token {
  readonly kind: TokenKind;
  /** As it stands there. */
  readonly source: string;
  /** A word in capitals; the name within its quotes; a text within its quotes; else as it stands there. */
  readonly value: string;
  readonly start: number;
}

/**
 * SQLite's tokens (https://www.sqlite.org/lang_keywords.html, tokenize.c), and those of other dialects that people
 * write by mistake (`::`). Never fails: what is no token stands as a symbol of one character, what is not closed goes
 * to the end. A name in double quotes is a name, though SQLite may read it as a text.
 */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (const found of sql.matchAll(pattern)) {
    const { groups, index } = found;
    const [source] = found;
    if (groups?.['blank'] !== undefined) continue;
    tokens.push({ ...tokenOf(source, groups ?? {}), source, start: index });
  }
  return tokens;
}

const pattern = new RegExp(
  [
    String.raw`(?<blank>\s+|--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?)`,
    String.raw`(?<blob>[xX]'[^']*'?)`,
    String.raw`(?<text>'(?:[^']|'')*'?)`,
    String.raw`(?<name>"(?:[^"]|"")*"?|${'`'}(?:[^${'`'}]|${'``'})*${'`'}?|\[[^\]]*\]?)`,
    String.raw`(?<number>\d[\w.]*(?:(?<=[eE])[+-]\d+)?|\.\d\w*)`,
    String.raw`(?<word>[\p{L}_\u0080-\uFFFF][\p{L}\p{N}_$\u0080-\uFFFF]*)`,
    String.raw`(?<symbol>::|<>|!=|<=|>=|==|<<|>>|\|\||->>|->|[\s\S])`,
  ].join('|'),
  'gu',
);

function tokenOf(
  source: string,
  groups: Readonly<Record<string, string | undefined>>,
): Pick<Token, 'kind' | 'value'> {
  if (groups['word'] !== undefined) return { kind: 'word', value: source.toUpperCase() };
  if (groups['name'] !== undefined) return { kind: 'name', value: unquoted(source) };
  if (groups['text'] !== undefined) return { kind: 'text', value: unquoted(source) };
  if (groups['number'] !== undefined || groups['blob'] !== undefined) {
    return { kind: 'number', value: source };
  }
  return { kind: 'symbol', value: source };
}

function unquoted(source: string): string {
  const quote = source[0] === '[' ? ']' : (source[0] ?? '');
  const isClosed = source.length > 1 && source.endsWith(quote);
  return source.slice(1, isClosed ? -1 : undefined).replaceAll(quote + quote, quote);
}

/** One statement: its tokens without the semicolon; never empty. */
export type Statement = readonly [Token, ...Token[]];

/** The statements of a text. `BEGIN … END` of a trigger is not followed: a reversal makes no triggers of its own. */
export function statementsOf(sql: string): Statement[] {
  const statements: Statement[] = [];
  let current: Token[] = [];
  const close = (): void => {
    const [first, ...rest] = current;
    if (first !== undefined) statements.push([first, ...rest]);
    current = [];
  };
  for (const token of tokensOf(sql)) {
    if (token.kind === 'symbol' && token.value === ';') close();
    else current.push(token);
  }
  close();
  return statements;
}

/** True where the tokens from `index` on are these words or symbols, one after the other. */
export function stands(
  statement: readonly Token[],
  index: number,
  ...values: readonly string[]
): boolean {
  return values.every((value, offset) => {
    const token = statement[index + offset];
    return (token?.kind === 'word' || token?.kind === 'symbol') && token.value === value;
  });
}

/** Where these words or symbols stand one after the other; every such index. */
export function indexesOf(statement: readonly Token[], ...values: readonly string[]): number[] {
  return statement.flatMap((_, index) => (stands(statement, index, ...values) ? [index] : []));
}

/** The name that a token gives: as it is written, without quotes; null where it can be none. */
export function nameAt(statement: readonly Token[], index: number): string | null {
  const token = statement[index];
  if (token?.kind === 'name') return token.value;
  return token?.kind === 'word' ? token.source : null;
}
