import { compactText } from './write.ts';
import { isObject, isSame, jsonArray, jsonObject, type Json } from './value.ts';

/** The element of an array that is merged by key: its key fields and their values. */
export interface ElementStep {
  readonly element: readonly (readonly [field: string, value: Json])[];
}

export type Step = string | ElementStep;

/** From the root of a document; the empty path is the whole document. */
export type Path = readonly Step[];

const plainKey = /^[\p{L}\p{N}_-]+$/u;

/** `ui.theme.mode`, `["a.b"].c`, `downloads[id=7].title`; empty for the root. Inverse: `parsePath`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step !== 'string') text += formatElement(step);
    else if (plainKey.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

function formatElement({ element }: ElementStep): string {
  const fields = element.map(([field, value]) => {
    const name = plainKey.test(field) ? field : JSON.stringify(field);
    return `${name}=${compactText(value)}`;
  });
  return `[${fields.join(',')}]`;
}

/** The place of a path within a document: `config.json#ui.theme.mode`; the document alone for its root. */
export function placeOf(document: string, path: Path): string {
  return path.length === 0 ? document : `${document}#${formatPath(path)}`;
}

const stepPattern = /\["(?:[^"\\]|\\.)*"\]|(?:^|\.)(?<key>[^.[\]"\s]+)/uy;

/** Reads a path of keys as a reversal file writes it; `$` is the whole document. Null if it is none. */
export function parsePath(text: string): readonly string[] | null {
  if (text === '$') return [];
  if (text.startsWith('.')) return null;
  const steps: string[] = [];
  let at = 0;
  while (at < text.length) {
    stepPattern.lastIndex = at;
    const found = stepPattern.exec(text);
    if (found === null) return null;
    const key = found.groups?.['key'] ?? quotedKey(found[0]);
    if (key === null) return null;
    steps.push(key);
    at += found[0].length;
  }
  return steps.length === 0 ? null : steps;
}

function quotedKey(bracketed: string): string | null {
  try {
    const key: unknown = JSON.parse(bracketed.slice(1, -1));
    return typeof key === 'string' ? key : null;
  } catch (fault) {
    if (fault instanceof SyntaxError) return null;
    throw fault;
  }
}

/** The value at a path, `undefined` where there is none. */
export function valueAt(root: Json | undefined, path: Path): Json | undefined {
  let value = root;
  for (const step of path) value = stepInto(value, step);
  return value;
}

function stepInto(value: Json | undefined, step: Step): Json | undefined {
  if (typeof step === 'string') return isObject(value) ? value.members.get(step) : undefined;
  return value?.kind === 'array' ? value.items.find((item) => isElement(item, step)) : undefined;
}

export function isElement(item: Json, { element }: ElementStep): boolean {
  if (!isObject(item)) return false;
  return element.every(([field, value]) => isSame(item.members.get(field), value));
}

/**
 * The document with `value` at `path`, or without the path if `value` is undefined. Missing objects on
 * the way are made. Null where a value on the way is no object, or the element named is not there.
 */
export function withValueAt(root: Json | undefined, path: Path, value: Json | undefined): Changed {
  const [step, ...rest] = path;
  if (step === undefined) return { root: value };
  if (value === undefined && valueAt(root, path) === undefined) return { root };
  if (typeof step !== 'string') return withElementAt(root, { step, rest, value });
  if (root !== undefined && !isObject(root)) return null;
  const changed = withValueAt(root?.members.get(step), rest, value);
  if (changed === null) return null;
  const members = new Map(root?.members);
  if (changed.root === undefined) members.delete(step);
  else members.set(step, changed.root);
  return { root: jsonObject(members) };
}

/** Null where the path could not be followed. */
export type Changed = { readonly root: Json | undefined } | null;

interface ElementChange {
  readonly step: ElementStep;
  readonly rest: Path;
  readonly value: Json | undefined;
}

function withElementAt(root: Json | undefined, { step, rest, value }: ElementChange): Changed {
  if (root?.kind !== 'array') return null;
  const index = root.items.findIndex((item) => isElement(item, step));
  if (index < 0) {
    return rest.length === 0 && value !== undefined
      ? { root: jsonArray([...root.items, value]) }
      : null;
  }
  const changed = withValueAt(root.items[index], rest, value);
  if (changed === null) return null;
  const put = changed.root === undefined ? [] : [changed.root];
  return { root: jsonArray(root.items.toSpliced(index, 1, ...put)) };
}

/** True where `path` is `start` or lies within it. */
export function isWithin(path: Path, start: Path): boolean {
  return start.length <= path.length && start.every((step, index) => isSameStep(step, path[index]));
}

function isSameStep(left: Step, right: Step | undefined): boolean {
  if (typeof left === 'string' || typeof right === 'string' || right === undefined) {
    return left === right;
  }
  return formatElement(left) === formatElement(right);
}
