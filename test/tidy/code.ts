/** A quoted text without substitutions, and where it begins. */
export interface Quoted {
  readonly text: string;
  readonly start: number;
}

/** Source text taken apart: code with comments and the insides of texts blanked, and those texts. */
export interface Code {
  /** As long as the source; blanked characters are spaces, newlines stay. */
  readonly bare: string;
  readonly quoted: readonly Quoted[];
}

const regexMayFollow =
  /(?:^|[=(,;:!&|?{}[+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|void|await|yield))\s*$/;

/** Reads TypeScript as far as texts, templates, comments and regular expressions go. */
export function codeOf(source: string): Code {
  const reader = new CodeReader(source);
  reader.read();
  return { bare: reader.bare.join(''), quoted: reader.quoted };
}

class CodeReader {
  readonly bare: string[];
  readonly quoted: Quoted[] = [];
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
    this.bare = source.split('');
  }

  /** Reads to the end, or to the brace that closes a substitution. */
  read(): void {
    let depth = 0;
    while (this.#at < this.#source.length) {
      const letter = this.#source.charAt(this.#at);
      if (letter === '{') depth += 1;
      if (letter === '}' && depth === 0) return;
      if (letter === '}') depth -= 1;
      if (!this.#skip(letter)) this.#at += 1;
    }
  }

  #skip(letter: string): boolean {
    const two = this.#source.slice(this.#at, this.#at + 2);
    if (two === '//') return this.#blankTo(this.#indexAfter('\n', this.#at) - 1);
    if (two === '/*') return this.#blankTo(this.#indexAfter('*/', this.#at + 2));
    if (letter === "'" || letter === '"') return this.#readText(letter);
    if (letter === '`') return this.#readTemplate();
    const before = this.bare.slice(Math.max(0, this.#at - 20), this.#at).join('');
    return letter === '/' && regexMayFollow.test(before) ? this.#readRegex() : false;
  }

  #readText(quote: string): boolean {
    const start = this.#at;
    const end = this.#endOf(quote, start + 1);
    this.quoted.push({ text: this.#source.slice(start + 1, end), start });
    this.#at = start + 1;
    this.#blankTo(end);
    this.#at = end + 1;
    return true;
  }

  #readTemplate(): boolean {
    this.#at += 1;
    while (this.#at < this.#source.length && this.#source[this.#at] !== '`') {
      if (this.#source.startsWith('${', this.#at)) {
        this.#at += 2;
        this.read();
        this.#at += 1;
      } else {
        this.#blankTo(this.#at + (this.#source[this.#at] === '\\' ? 2 : 1));
      }
    }
    this.#at += 1;
    return true;
  }

  #readRegex(): boolean {
    const start = this.#at;
    let isInClass = false;
    for (let at = start + 1; at < this.#source.length && this.#source[at] !== '\n'; at += 1) {
      const letter = this.#source[at];
      if (letter === '\\') at += 1;
      else if (letter === '[') isInClass = true;
      else if (letter === ']') isInClass = false;
      else if (letter === '/' && !isInClass) return this.#blankTo(at + 1);
    }
    return false;
  }

  #endOf(quote: string, from: number): number {
    let at = from;
    while (at < this.#source.length && this.#source[at] !== quote && this.#source[at] !== '\n') {
      at += this.#source[at] === '\\' ? 2 : 1;
    }
    return at;
  }

  #indexAfter(mark: string, from: number): number {
    const found = this.#source.indexOf(mark, from);
    return found === -1 ? this.#source.length + 1 : found + mark.length;
  }

  #blankTo(end: number): true {
    const stop = Math.min(end, this.#source.length);
    for (let at = this.#at; at < stop; at += 1) {
      if (this.bare[at] !== '\n') this.bare[at] = ' ';
    }
    this.#at = stop;
    return true;
  }
}

/** What a module imports, by `import`, `export … from`, `import()` and `require()`; types as well. */
export function importsOf({ bare, quoted }: Code): Quoted[] {
  return quoted.filter(({ start }) =>
    /(?:\bfrom|\bimport|\b(?:import|require)\s*\()\s*$/.test(
      bare.slice(Math.max(0, start - 40), start),
    ),
  );
}

export function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length;
}
