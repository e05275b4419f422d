import { z } from 'zod';
import { BackstepError } from '../../fault/backstep-error.ts';
import { compileExpression, type Expression } from './expression.ts';
import type { KeyFields } from './keyed.ts';
import { formatPath, isWithin, parsePath, type Path } from './path.ts';

/** One word for another, both ways; only strings are words. */
export interface WordMap {
  readonly toOld: ReadonlyMap<string, string>;
  readonly toNew: ReadonlyMap<string, string>;
}

/** A place that only moved: it can be followed both ways. */
export interface PathEntry {
  readonly way: 'path';
  readonly old: Path;
  readonly new: Path;
  readonly words: WordMap | null;
  /** Names the elements of an array; null where it is one value. */
  readonly key: KeyFields | null;
  /** Words of fields of those elements. */
  readonly fields: ReadonlyMap<string, WordMap>;
}

export interface ExpressionEntry {
  readonly way: 'expression';
  readonly old: Path;
  /** Over the new document. */
  readonly get: Expression;
  /** Empty: one-way, what is written under the old release does not reach the new one. */
  readonly forth: readonly Forth[];
  readonly key: KeyFields | null;
}

/** How an old document says what stands at a path of the new one. */
export interface Forth {
  readonly new: Path;
  /** Over the old document. */
  readonly expression: Expression;
  readonly key: KeyFields | null;
}

export type ReversalEntry = PathEntry | ExpressionEntry;

/** How one document of the new release is seen as one of the old. Places that no entry names are identical. */
export interface DocumentReversal {
  readonly entries: readonly ReversalEntry[];
}

export const noReversal: DocumentReversal = { entries: [] };

export interface ReversalPlace {
  /** `reversals/2.0.0-to-1.2.1.yaml` */
  readonly reversalFile: string;
  /** `configuration/config.json` */
  readonly document: string;
}

const key = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** Own entries in order. zod's records drop a key named `__proto__`, and with it what it stands for. */
const entriesOf = <T>(value: z.ZodType<T>): z.ZodType<[string, T][]> =>
  z
    .custom<object>((given) => typeof given === 'object' && given !== null && !Array.isArray(given))
    .transform((given) => Object.entries(given))
    .pipe(z.array(z.tuple([z.string(), value])));

const rawEntry = z.union([
  z.string(),
  z.strictObject({
    path: z.string().optional(),
    map: entriesOf(z.string()).optional(),
    key: key.optional(),
    fields: entriesOf(entriesOf(z.string())).optional(),
  }),
  z.strictObject({
    get: z.string(),
    forth: entriesOf(z.union([z.string(), z.strictObject({ get: z.string(), key })])).optional(),
    key: key.optional(),
  }),
]);

const rawReversal = entriesOf(z.unknown());

type RawEntry = z.infer<typeof rawEntry>;

/**
 * Reads what a reversal file says of one document, as YAML or JSON gave it:
 * `old.path: new.path`, `old.path: { path, map, key, fields }` or `old.path: { get, forth, key }`.
 * `map` names old words by new ones, `fields` those of fields of an array's elements. Throws BackstepError `reversal/document`, `reversal/expression`.
 */
export function parseDocumentReversal(raw: unknown, place: ReversalPlace): DocumentReversal {
  const record = rawReversal.safeParse(raw);
  if (!record.success) throw refusal(place, '', 'must be a map from old paths to new ones');
  const entries = record.data.map(([old, value]) => parseEntry(old, value, place));
  refuseOverlap(
    entries.map((entry) => ({ path: entry.old, entry: entry.old })),
    'old',
    place,
  );
  refuseOverlap(
    entries.flatMap((entry) => newPaths(entry).map((path) => ({ path, entry: entry.old }))),
    'new',
    place,
  );
  return { entries };
}

/** The paths of the new document that an entry accounts for in both directions. */
export function newPaths(entry: ReversalEntry): readonly Path[] {
  return entry.way === 'path' ? [entry.new] : entry.forth.map((forth) => forth.new);
}

export function isOneWay(entry: ReversalEntry): boolean {
  return entry.way === 'expression' && entry.forth.length === 0;
}

/** True where an entry for a document, or an expression in it, cannot be used. */
export function isDocumentRefusal(error: unknown): error is BackstepError {
  return (
    error instanceof BackstepError &&
    (error.code === 'reversal/document' || error.code === 'reversal/expression')
  );
}

function parseEntry(oldText: string, value: unknown, place: ReversalPlace): ReversalEntry {
  const old = pathOf(oldText, oldText, place);
  const parsed = rawEntry.safeParse(value);
  if (!parsed.success) {
    throw refusal(
      place,
      oldText,
      'must be a path, { path, map, key, fields } or { get, forth, key }',
    );
  }
  const raw: RawEntry = typeof parsed.data === 'string' ? { path: parsed.data } : parsed.data;
  if (typeof raw === 'string') return pathEntry(old, { path: raw }, place);
  return 'get' in raw ? expressionEntry(old, raw, place) : pathEntry(old, raw, place);
}

function pathEntry(
  old: Path,
  raw: Extract<RawEntry, { path?: string | undefined }>,
  place: ReversalPlace,
): PathEntry {
  const oldText = formatPath(old);
  const { path, map, key: named, fields = [] } = raw;
  if (fields.length > 0 && (named === undefined || map !== undefined)) {
    throw refusal(place, oldText, 'fields: words of the elements of an array, which needs `key`');
  }
  return {
    way: 'path',
    old,
    new: path === undefined ? old : pathOf(path, oldText, place),
    words: map === undefined ? null : wordMap(map, oldText, place),
    key: keyFields(named),
    fields: new Map(fields.map(([field, words]) => [field, wordMap(words, oldText, place)])),
  };
}

function expressionEntry(
  old: Path,
  raw: Extract<RawEntry, { get: string }>,
  place: ReversalPlace,
): ExpressionEntry {
  const entry = `${place.document}#${formatPath(old)}`;
  const compile = (source: string, part: string): Expression =>
    compileExpression(source, { reversalFile: place.reversalFile, entry: `${entry}: ${part}` });
  const forth = (raw.forth ?? []).map(([target, value]) => ({
    new: pathOf(target, formatPath(old), place),
    expression: compile(typeof value === 'string' ? value : value.get, `forth: ${target}`),
    key: typeof value === 'string' ? null : keyFields(value.key),
  }));
  return { way: 'expression', old, get: compile(raw.get, 'get'), forth, key: keyFields(raw.key) };
}

function keyFields(named: string | readonly string[] | undefined): KeyFields | null {
  if (named === undefined) return null;
  return typeof named === 'string' ? [named] : named;
}

function wordMap(map: readonly [string, string][], entry: string, place: ReversalPlace): WordMap {
  const toOld = new Map(map);
  const toNew = new Map([...toOld].map(([newWord, oldWord]) => [oldWord, newWord]));
  if (toNew.size < toOld.size) {
    throw refusal(
      place,
      entry,
      'map: two new words stand for one old word, so there is no way back',
    );
  }
  return { toOld, toNew };
}

function pathOf(text: string, entry: string, place: ReversalPlace): Path {
  const path = parsePath(text);
  if (path !== null) return path;
  throw refusal(place, entry, `${JSON.stringify(text)} is no path; write a.b, or a["b.c"]`);
}

interface Claim {
  readonly path: Path;
  readonly entry: Path;
}

/** Two entries for one place, or one inside another, would each write over what the other says. */
function refuseOverlap(claims: readonly Claim[], side: string, place: ReversalPlace): void {
  for (const [index, claim] of claims.entries()) {
    const other = claims
      .slice(0, index)
      .find(({ path }) => isWithin(path, claim.path) || isWithin(claim.path, path));
    if (other === undefined) continue;
    const which = `the ${side} paths ${formatPath(other.path) || '$'} and ${formatPath(claim.path) || '$'}`;
    throw refusal(place, formatPath(claim.entry), `${which} overlap`);
  }
}

function refusal(place: ReversalPlace, entry: string, what: string): BackstepError {
  const where = entry === '' ? place.document : `${place.document}#${entry}`;
  return new BackstepError('reversal/document', {
    message: `${place.reversalFile}: ${where}: ${what}`,
    hint: 'correct the entry in the reversal file; nothing was changed',
  });
}
