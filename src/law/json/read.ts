import { BackstepError } from '../../fault/backstep-error.ts';
import type { ErrorCode } from '../../fault/codes.ts';
import { jsonBoolean, jsonNumber, jsonString, maxDepth, type Json } from './value.ts';

/** How a container was laid out: the white space after its bracket, after a comma, before its end. */
export interface ContainerStyle {
  readonly open: string;
  /** Null where there was no comma. */
  readonly between: string | null;
  readonly close: string;
}

export interface Span {
  readonly start: number;
  readonly end: number;
  /** Null for scalars and empty containers. */
  readonly style: ContainerStyle | null;
}

/** Values are compared by identity: every parsed value is an object of its own. */
export type Spans = ReadonlyMap<Json, Span>;

export interface ParsedJson {
  readonly root: Json;
  readonly spans: Spans;
}

/**
 * Parses JSON text (RFC 8259), refusing duplicate keys and nesting deeper than `maxDepth`.
 * Throws BackstepError `document/syntax`, `document/duplicate-key`, `document/too-deep` with line and
 * column, both counted from 1, columns in UTF-16 units.
 */
export function parseJson(text: string, name: string): ParsedJson {
  const reader = new JsonReader(text, name);
  return { root: reader.readRoot(), spans: reader.spans };
}

const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const blankPattern = /[ \t\r\n]*/y;
const quote = 0x22;
const backslash = 0x5c;
const hexPattern = /[0-9a-fA-F]{4}/y;

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** One pass over one text. */
class JsonReader {
  readonly spans = new Map<Json, Span>();
  readonly #text: string;
  readonly #name: string;
  #at = 0;

  constructor(text: string, name: string) {
    this.#text = text;
    this.#name = name;
  }

  readRoot(): Json {
    this.#blank();
    if (this.#at === this.#text.length) throw this.#unexpected('a value');
    const root = this.#value(0);
    this.#blank();
    if (this.#at < this.#text.length) throw this.#unexpected('the end of the document');
    return root;
  }

  #value(depth: number): Json {
    const start = this.#at;
    const next = this.#text[start];
    if (next === '{' || next === '[') {
      if (depth >= maxDepth) throw this.#tooDeep();
      return next === '{' ? this.#object(depth) : this.#array(depth);
    }
    const scalar = next === '"' ? jsonString(this.#string()) : this.#word();
    this.spans.set(scalar, { start, end: this.#at, style: null });
    return scalar;
  }

  #object(depth: number): Json {
    const members = new Map<string, Json>();
    const object: Json = { kind: 'object', members };
    this.#container(object, '}', () => this.#member(members, depth));
    return object;
  }

  #array(depth: number): Json {
    const items: Json[] = [];
    const array: Json = { kind: 'array', items };
    this.#container(array, ']', () => items.push(this.#value(depth + 1)));
    return array;
  }

  #container(container: Json, end: string, readPart: () => void): void {
    const start = this.#at;
    this.#at += 1;
    const open = this.#blank();
    let between: string | null = null;
    let close = open;
    let isEmpty = true;
    while (this.#text[this.#at] !== end || !isEmpty) {
      readPart();
      isEmpty = false;
      close = this.#blank();
      if (this.#text[this.#at] === end) break;
      if (this.#text[this.#at] !== ',') throw this.#unexpected(`',' or '${end}'`);
      this.#at += 1;
      between = this.#blank();
    }
    this.#at += 1;
    const style = isEmpty ? null : { open, between, close };
    this.spans.set(container, { start, end: this.#at, style });
  }

  #member(members: Map<string, Json>, depth: number): void {
    const start = this.#at;
    if (this.#text[start] !== '"') throw this.#unexpected('a key in double quotes');
    const key = this.#string();
    if (members.has(key)) throw this.#duplicate(key, start);
    this.#blank();
    if (this.#text[this.#at] !== ':') throw this.#unexpected("':'");
    this.#at += 1;
    this.#blank();
    members.set(key, this.#value(depth + 1));
  }

  #word(): Json {
    for (const word of ['null', 'true', 'false']) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return word === 'null' ? { kind: 'null' } : jsonBoolean(word === 'true');
    }
    const text = this.#match(numberPattern);
    if (text === null) throw this.#unexpected('a value');
    return jsonNumber(text);
  }

  #string(): string {
    this.#at += 1;
    let value = '';
    for (;;) {
      value += this.#plainText();
      const next = this.#text[this.#at];
      if (next === '"') break;
      if (next !== '\\') throw this.#unexpected('the closing quote');
      value += this.#escape();
    }
    this.#at += 1;
    return value;
  }

  /** The characters up to the end of the string, the next escape, or one that may not stand there. */
  #plainText(): string {
    const start = this.#at;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code < 0x20 || code === quote || code === backslash) break;
    }
    return this.#text.slice(start, this.#at);
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? '';
    const plain = escapes.get(letter);
    this.#at += 2;
    if (plain !== undefined) return plain;
    const digits = letter === 'u' ? this.#match(hexPattern) : null;
    if (digits !== null) return String.fromCharCode(Number.parseInt(digits, 16));
    this.#at -= 1;
    throw this.#unexpected('an escape that JSON knows');
  }

  #blank(): string {
    return this.#match(blankPattern) ?? '';
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }

  #unexpected(wanted: string): BackstepError {
    const found = this.#text.codePointAt(this.#at);
    const what = found === undefined ? 'the end of the text' : shownCharacter(found);
    return this.#fault('document/syntax', `expected ${wanted}, found ${what}`, this.#at);
  }

  #duplicate(key: string, at: number): BackstepError {
    return this.#fault('document/duplicate-key', `the key ${JSON.stringify(key)} stands twice`, at);
  }

  #tooDeep(): BackstepError {
    const what = `more than ${maxDepth} containers stand inside one another`;
    return this.#fault('document/too-deep', what, this.#at);
  }

  #fault(code: ErrorCode, what: string, at: number): BackstepError {
    const lines = this.#text.slice(0, at).split('\n');
    const column = (lines.at(-1)?.length ?? 0) + 1;
    return new BackstepError(code, {
      message: `${this.#name}: line ${lines.length}, column ${column}: ${what}`,
      hint: `correct ${this.#name} there; nothing was changed`,
    });
  }
}

function shownCharacter(codePoint: number): string {
  const isPrintable = codePoint > 0x20 && codePoint < 0xd800 && codePoint !== 0x7f;
  const name = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
  return isPrintable ? `'${String.fromCodePoint(codePoint)}'` : name;
}
