import type { WrittenDocument } from './document.ts';
import { describe, trapHint } from './found.ts';
import { nearest } from './nearest.ts';
import { renderPath, type Path, type Position, type Problem } from './problem.ts';
import { knownKeysOf, type z } from './schema.ts';
import { unitHints } from './units.ts';

type Issue = z.core.$ZodIssue;
interface Sentence {
  readonly message: string;
  readonly hint: string;
}

/**
 * Turns the refusals of a schema into problems of the document: place, what was expected, what was
 * found as it was written, and what to write. `base` is where the judged value stands.
 */
export function explain(
  document: WrittenDocument,
  issues: readonly Issue[],
  base: Path = [],
): Problem[] {
  return issues.flatMap((issue) => explainIssue(document, issue, base));
}

/** A problem of the value at `path`. */
export function problemAt(document: WrittenDocument, path: Path, sentence: Sentence): Problem {
  return place(document.locate(path), path, sentence);
}

/** The refusal of the key at `path`, naming the nearest of the known ones. */
export function unknownKey(
  document: WrittenDocument,
  path: Path,
  known: readonly string[],
): Problem {
  const key = String(path.at(-1));
  const near = nearest(key, known);
  const hint = near === null ? `known keys: ${known.join(', ')}` : `did you mean \`${near}\`?`;
  return place(document.locateKey(path), path, { message: `unknown key \`${key}\``, hint });
}

function explainIssue(document: WrittenDocument, issue: Issue, base: Path): Problem[] {
  const path = [...base, ...issue.path.map((step) => (typeof step === 'symbol' ? '' : step))];
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeysOf(issue.message);
    return issue.keys.map((key) => unknownKey(document, [...path, key], known));
  }
  if (issue.code === 'invalid_union') {
    const branch = closestBranch(issue.errors);
    if (branch !== null) return branch.flatMap((each) => explainIssue(document, each, path));
  }
  if (issue.code === 'invalid_key') {
    const expected = issue.issues.find((each) => each.message !== '')?.message ?? 'a name';
    const message = `expected ${expected} as the key`;
    return [place(document.locateKey(path), path, { message, hint: '' })];
  }
  return [problemAt(document, path, sentenceOf(document, issue, path))];
}

/** The branch that fits the value's type, judged by its issues lying deeper; null where none does. */
function closestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const isFitting = (issues: readonly Issue[]): boolean =>
    issues.every((issue) => issue.path.length > 0 || issue.code !== 'invalid_type');
  const fitting = branches.filter(isFitting).sort((a, b) => a.length - b.length);
  return fitting[0] ?? null;
}

function sentenceOf(document: WrittenDocument, issue: Issue, path: Path): Sentence {
  if (issue.code === 'custom') {
    const hint: unknown = issue.params?.['hint'];
    return { message: issue.message, hint: typeof hint === 'string' ? hint : '' };
  }
  const value = valueAt(document.value, path);
  const source = document.sourceOf(path);
  const expected = issue.message === '' ? expectationOf(issue) : issue.message;
  if (value === undefined) return { message: `missing: expected ${expected}`, hint: '' };
  return {
    message: `expected ${expected}, found ${describe(value, source)}`,
    hint: unitHint(expected, value, source) ?? trapHint(wantedOf(issue), value, source),
  };
}

/** A bare number where a unit belongs is not mended by quotes. */
function unitHint(expected: string, value: unknown, source: string | null): string | null {
  const hint = unitHints.get(expected);
  return hint === undefined || typeof value !== 'number' ? null : hint(source ?? String(value));
}

/** The type or the words that an issue asks for. */
function wantedOf(issue: Issue): string | readonly string[] {
  if (issue.code === 'invalid_type') return issue.expected;
  return issue.code === 'invalid_value' ? issue.values.map(String) : '';
}

function expectationOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return typeNames[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(quoted).join(', ')}`;
  if (issue.code === 'too_small') {
    const isNumber = issue.origin === 'number' || issue.origin === 'int';
    return isNumber ? `${issue.minimum} or more` : `at least ${issue.minimum} of them`;
  }
  if (issue.code === 'too_big') {
    const isNumber = issue.origin === 'number' || issue.origin === 'int';
    return isNumber ? `${issue.maximum} or less` : `at most ${issue.maximum} of them`;
  }
  return 'another value';
}

const quoted = (value: unknown): string => `\`${String(value)}\``;

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a mapping (`key: value`)',
  record: 'a mapping (`key: value`)',
};

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Object.entries(current).find(([key]) => key === String(step))?.[1];
  }
  return current;
}

function place(position: Position, path: Path, sentence: Sentence): Problem {
  const { line, column } = position;
  return { line, column, path: renderPath(path), ...sentence };
}
