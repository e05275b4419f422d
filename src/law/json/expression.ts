import jsonata from 'jsonata';
import { BackstepError } from '../../fault/backstep-error.ts';
import { PlainDocument } from './plain.ts';
import { BoundedRegExp } from './regex.ts';
import type { Json } from './value.ts';

/** Where an expression stands: names it in every message. */
export interface ExpressionPlace {
  /** `reversals/2.0.0-to-1.2.1.yaml` */
  readonly reversalFile: string;
  /** `configuration/config.json#theme: get` */
  readonly entry: string;
}

/** How far one evaluation may go. */
export interface ExpressionLimits {
  readonly timeoutMs: number;
  readonly depth: number;
  /** Elements in one sequence. */
  readonly sequence: number;
}

/** What an expression gave; `undefined` is JSONata's 'nothing', an absent path. */
export type Evaluated =
  | { readonly ok: true; readonly value: Json | undefined }
  | { readonly ok: false; readonly fault: BackstepError };

export interface Expression {
  readonly source: string;
  /** Never rejects: what goes wrong on one document is a result, for the caller to judge. */
  evaluate(document: Json): Promise<Evaluated>;
}

const defaultLimits: ExpressionLimits = { timeoutMs: 10_000, depth: 500, sequence: 1_000_000 };
const longestSource = 64 * 1024;

/** Answers that change from one run to the next would make a reversal one that cannot be checked. */
const forbiddenFunctions: ReadonlySet<string> = new Set([
  'now',
  'millis',
  'random',
  'shuffle',
  'eval',
]);

/**
 * Compiles a JSONata expression. Time, depth and the length of sequences are bounded; the clock, chance
 * and `$eval` are refused. Throws BackstepError `reversal/expression` with file, entry and character.
 */
export function compileExpression(
  source: string,
  place: ExpressionPlace,
  limits: ExpressionLimits = defaultLimits,
): Expression {
  if (source.length > longestSource) {
    throw faultAt(place, { what: `the expression is longer than ${longestSource} characters` });
  }
  const compiled = parse(source, place, limits);
  const nodes = nodesOf(compiled.ast());
  refuseForbidden(nodes, place);
  const writesNumbers = nodes.some(makesText);
  return {
    source,
    evaluate: async (document) => {
      try {
        const plain = new PlainDocument(document, writesNumbers);
        const result: unknown = await compiled.evaluate(plain.root);
        return { ok: true, value: result === undefined ? undefined : plain.back(result) };
      } catch (cause) {
        // It may fail in as many ways as there are documents; each is a result, with its cause.
        return { ok: false, fault: faultAt(place, detailsOf(cause)) };
      }
    },
  };
}

function parse(
  source: string,
  place: ExpressionPlace,
  limits: ExpressionLimits,
): jsonata.Expression {
  const options = {
    timeout: limits.timeoutMs,
    stack: limits.depth,
    sequence: limits.sequence,
    RegexEngine: boundedRegExp,
  };
  try {
    return jsonata(source, options);
  } catch (cause) {
    // Whatever the parser throws, SyntaxError of a pattern and RangeError of a deep one included.
    throw faultAt(place, detailsOf(cause));
  }
}

// The declaration asks for the constructor, which a subclass cannot be by type: it lacks the call form.
const boundedRegExp: RegExpConstructor = new Proxy(RegExp, {
  construct: (_target, [pattern, flags]: [RegExp | string, string?]) =>
    new BoundedRegExp(pattern, flags),
});

type Node = Readonly<Record<string, unknown>>;

/** Every node of the syntax tree, some of which stand in it twice. */
function nodesOf(root: unknown): readonly Node[] {
  const seen = new Set<Node>();
  const open: unknown[] = [root];
  while (open.length > 0) {
    const next = open.pop();
    if (!isNode(next) || seen.has(next)) continue;
    seen.add(next);
    open.push(...Object.values(next));
  }
  return [...seen];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function refuseForbidden(nodes: readonly Node[], place: ExpressionPlace): void {
  for (const { type, value, position } of nodes) {
    if (typeof value !== 'string') continue;
    const what =
      type === 'variable' && forbiddenFunctions.has(value)
        ? `$${value} may give something else at the next run`
        : value === '__proto__'
          ? 'the name __proto__ cannot be used'
          : null;
    if (what !== null) throw faultAt(place, { what, position });
  }
}

/** JSONata's text of a number can have fewer digits than the number. */
function makesText({ type, value }: Node): boolean {
  const makers: ReadonlySet<unknown> = new Set(['string', 'join', 'formatNumber', 'clone']);
  return type === 'transform' || value === '&' || (type === 'variable' && makers.has(value));
}

interface FaultDetails {
  readonly what: string;
  readonly position?: unknown;
  readonly cause?: unknown;
}

function detailsOf(cause: unknown): FaultDetails {
  if (!isNode(cause)) return { what: String(cause), cause };
  const { message, code, position } = cause;
  const known = [message, code].find((text) => typeof text === 'string' && text !== '');
  return { what: typeof known === 'string' ? known : 'it failed', position, cause };
}

function faultAt(place: ExpressionPlace, { what, position, cause }: FaultDetails): BackstepError {
  const at = typeof position === 'number' ? `, character ${position}` : '';
  return new BackstepError('reversal/expression', {
    message: `${place.reversalFile}: ${place.entry}${at}: ${what}`,
    hint: 'correct the expression in the reversal file and run `backstep reversal check` on it',
    cause,
  });
}
