import { fitsJavaScript, fitsJsonataText } from './decimal.ts';
import { formatPath, type Path } from './path.ts';
import {
  isObject,
  jsonArray,
  jsonBoolean,
  jsonNumber,
  jsonObject,
  jsonString,
  maxDepth,
  type Json,
  type JsonArray,
  type JsonObject,
} from './value.ts';

/** A value that JavaScript's own values cannot hold, met on the way in or out of an expression. */
export class Unholdable extends Error {
  override readonly name = 'Unholdable';
}

/**
 * One document as plain JavaScript values for JSONata, and the way back. Numbers are handed out when they
 * are read, so that one that JavaScript would change is refused by name, but only if it is used; a
 * container that passes through untouched comes back as it was.
 */
export class PlainDocument {
  readonly root: unknown;
  readonly #writesNumbers: boolean;
  readonly #sources = new WeakMap<object, Json>();
  /** The source texts that were read for a number. */
  readonly #texts = new Map<number, Set<string>>();

  /** `writesNumbers`: the expression turns numbers into text, where JSONata keeps fewer digits. */
  constructor(document: Json, writesNumbers: boolean) {
    this.#writesNumbers = writesNumbers;
    this.root = this.#plain(document, []);
  }

  /** The document value of what an expression gave. Throws Unholdable. */
  back(value: unknown, depth = 0): Json {
    if (depth > maxDepth) throw new Unholdable('the result is nested too deeply');
    if (value === null) return { kind: 'null' };
    if (typeof value === 'boolean') return jsonBoolean(value);
    if (typeof value === 'string') return jsonString(value);
    if (typeof value === 'number') return this.#numberBack(value);
    if (typeof value !== 'object') throw new Unholdable(`the result holds a ${typeof value}`);
    const source = this.#sources.get(value);
    if (source !== undefined) return source;
    if (Array.isArray(value))
      return jsonArray(value.map((item: unknown) => this.back(item, depth + 1)));
    return this.#objectBack(value, depth);
  }

  #objectBack(value: object, depth: number): Json {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype) {
      throw new Unholdable('the result holds an object that is no plain one');
    }
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    return jsonObject(entries.map(([key, member]) => [key, this.back(member, depth + 1)]));
  }

  /** A number that was read keeps its source text, if only one text was read for it. */
  #numberBack(value: number): Json {
    const texts = this.#texts.get(value);
    const [only] = texts ?? [];
    if (texts?.size === 1 && only !== undefined) return jsonNumber(only);
    if (texts === undefined && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new Unholdable(
        `the result holds ${value}, an integer that JavaScript cannot hold exactly`,
      );
    }
    return jsonNumber(String(value));
  }

  #plain(value: Json, path: Path): unknown {
    if (value.kind === 'null') return null;
    if (value.kind === 'number') return this.#read(value.text, path);
    if (value.kind === 'array' || isObject(value)) return this.#container(value, path);
    return value.value;
  }

  #container(source: JsonArray | JsonObject, path: Path): object {
    const container = source.kind === 'array' ? [] : {};
    for (const [key, value] of partsOf(source)) {
      const property = this.#property(key, value, [...path, key]);
      Object.defineProperty(container, key, { enumerable: true, ...property });
    }
    this.#sources.set(container, source);
    return container;
  }

  #property(key: string, value: Json, path: Path): PropertyDescriptor {
    if (key === '__proto__') return { get: () => refuseKey(path) };
    if (value.kind !== 'number') return { value: this.#plain(value, path) };
    const { text } = value;
    return { get: () => this.#read(text, path) };
  }

  #read(text: string, path: Path): number {
    if (!fitsJavaScript(text) || (this.#writesNumbers && !fitsJsonataText(text))) {
      const place = formatPath(path) || 'the root';
      throw new Unholdable(`an expression cannot hold the number ${text} at ${place} exactly`);
    }
    const number = Number(text);
    this.#texts.set(number, (this.#texts.get(number) ?? new Set()).add(text));
    return number;
  }
}

function partsOf(source: JsonArray | JsonObject): (readonly [string, Json])[] {
  if (source.kind === 'object') return [...source.members];
  return source.items.map((item, index) => [String(index), item]);
}

/** Copying it into another object would set that object's prototype. */
function refuseKey(path: Path): never {
  throw new Unholdable(`an expression cannot read the key at ${formatPath(path)}`);
}
