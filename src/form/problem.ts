import { BackstepError } from '../fault/backstep-error.ts';
import type { ErrorCode } from '../fault/codes.ts';

/** A spot in a file written by hand; line and column count from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where a value stands in a document: keys and list indexes from the root. */
export type Path = readonly (string | number)[];

/** One thing that is wrong in a file written by hand. */
export interface Problem extends Position {
  /** `assets.history.tables[0]`; empty for the document itself. */
  readonly path: string;
  /** What is wrong, without the place. */
  readonly message: string;
  /** What to write instead; empty where the message says it already. */
  readonly hint: string;
}

/** A document that was read: its value, or everything that is wrong with it (never an empty list). */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const shownCount = 50;

/** `assets.history.files[0]`; keys that are no plain names stand in quotes. */
export function renderPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** Problems in the order of the file, without repetitions. */
export function inFileOrder(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((each) => [JSON.stringify(each), each]));
  return [...unique.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** `backstep.yaml:12:9: assets.history.rpo: expected …` */
export function renderProblem(file: string, problem: Problem): string {
  const place = problem.path === '' ? '' : ` ${problem.path}:`;
  const hint = problem.hint === '' ? '' : ` (${problem.hint})`;
  return `${file}:${problem.line}:${problem.column}:${place} ${problem.message}${hint}`;
}

/** One error for all the problems of a file: a line each, the first 50 of them. */
export function faultOf(
  code: ErrorCode,
  file: string,
  problems: readonly Problem[],
): BackstepError {
  const lines = problems.slice(0, shownCount).map((each) => renderProblem(file, each));
  const left = problems.length - lines.length;
  if (left > 0) lines.push(`${file}: and ${left} more`);
  return new BackstepError(code, {
    message: lines.join('\n'),
    hint: `mend ${file} and run the command again; nothing was touched`,
  });
}
