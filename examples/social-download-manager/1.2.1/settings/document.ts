import { existsSync, renameSync } from 'node:fs';
import { basename } from 'node:path';
import { ShapeError, type Parser } from '../shape.ts';
import { readTextFile, writeJsonFile } from './file.ts';

type JsonObject = Readonly<Record<string, unknown>>;

export interface Shape<T> {
  readonly parse: Parser<T>;
  readonly defaults: T;
}

/**
 * One settings file. Keys that are missing get their default, keys that this release does not know
 * are kept. A file that is no JSON or of another shape is moved aside, and the defaults take its place.
 */
export class SettingsDocument<T extends object> {
  readonly path: string;
  /** Where a damaged file was moved to at this start. */
  readonly keptAside: string | null;
  readonly #parse: Parser<T>;
  #raw: JsonObject;
  #value: T;

  constructor(path: string, shape: Shape<T>) {
    this.path = path;
    this.#parse = shape.parse;
    const read = readDocument(path, shape);
    this.keptAside = read === null ? moveAside(path) : null;
    this.#raw = read ?? completed({}, shape.defaults);
    this.#value = shape.parse(this.#raw, '');
    this.#write(this.#raw);
  }

  get value(): T {
    return this.#value;
  }

  /** Changes some keys and writes the file; throws when it cannot be written, and then nothing has changed. */
  change(change: Partial<T>): void {
    const raw = { ...this.#raw, ...change };
    const value = this.#parse(raw, '');
    this.#write(raw);
    this.#raw = raw;
    this.#value = value;
  }

  /** A file that says the same already keeps its own layout. */
  #write(raw: JsonObject): void {
    if (!saysTheSame(readTextFile(this.path), raw)) writeJsonFile(this.path, raw);
  }
}

/** False also for a file that something else has broken since it was read. */
function saysTheSame(content: string | null, raw: JsonObject): boolean {
  if (content === null) return false;
  try {
    return JSON.stringify(JSON.parse(content)) === JSON.stringify(raw);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** The file's content with the missing keys filled in; null when it is damaged. */
function readDocument<T extends object>(path: string, shape: Shape<T>): JsonObject | null {
  const content = readTextFile(path);
  if (content === null) return completed({}, shape.defaults);
  try {
    const raw = completed(JSON.parse(content), shape.defaults);
    shape.parse(raw, '');
    return raw;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ShapeError) return null;
    throw error;
  }
}

/** `value` with what it lacks taken from `defaults`, object by object; its own keys keep their order. */
function completed(value: unknown, defaults: object): JsonObject {
  if (!isObject(value)) throw new ShapeError('an object is expected');
  const merged: Record<string, unknown> = { ...value };
  for (const [key, fallback] of Object.entries(defaults)) {
    const own = value[key];
    if (own === undefined) merged[key] = fallback;
    else if (isObject(own) && isObject(fallback)) merged[key] = completed(own, fallback);
  }
  return merged;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function moveAside(path: string): string {
  for (let number = 1; ; number += 1) {
    const aside = `${path}.damaged-${number}`;
    if (existsSync(aside)) continue;
    renameSync(path, aside);
    return basename(aside);
  }
}
