import { LineCounter, parseDocument, type Document } from 'yaml';
import { readNodes, type Entry } from './nodes.ts';
import { renderPath, type Path, type Position, type Problem } from './problem.ts';

/** A YAML document as values with their places. */
export interface WrittenDocument {
  /** Plain data: mappings, lists, text, numbers, booleans, null. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Where the value at `path` stands, or the nearest parent that was written. */
  locate(path: Path): Position;
  /** Where the key of `path` stands, or the value where it has none. */
  locateKey(path: Path): Position;
  /** The scalar's own letters (`010` where the value is 10); null for mappings and lists. */
  sourceOf(path: Path): string | null;
}

const sizeLimit = 256 * 1024;
const start: Position = { line: 1, column: 1 };

/**
 * Reads YAML 1.2 (core schema). Never throws for what is in the text: every complaint is a problem
 * with its position. Refused: over 256 KiB, several documents, duplicate keys, merge keys, tags,
 * more than 20,000 values once aliases are followed, nesting over 64.
 */
export function readDocument(source: string): WrittenDocument {
  if (source.length > sizeLimit) {
    return unreadable(
      'the file is over 256 KiB',
      'a file written by hand is far smaller: is it the right one?',
    );
  }
  const lines = new LineCounter();
  const document = parse(source, lines);
  if (document === null) return unreadable('nested too deeply', 'at most 64 levels');
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const nodes = readNodes(document);
  const syntax = [...document.errors, ...document.warnings].map((error): Problem => ({
    ...positionAt(openQuote(source, nodes.entries, error.pos[0]) ?? error.pos[0]),
    path: '',
    ...sentenceOf(error.code, error.message),
  }));
  const found = nodes.complaints.map(({ offset, path, message, hint }): Problem => ({
    ...positionAt(offset),
    path: renderPath(path),
    message,
    hint,
  }));
  return {
    value: nodes.value,
    problems: [...syntax, ...found],
    locate: (path) => positionAt(nearestEntry(nodes.entries, path).valueOffset),
    locateKey: (path) => positionAt(nearestEntry(nodes.entries, path).keyOffset),
    sourceOf: (path) => nodes.entries.get(JSON.stringify(path))?.source ?? null,
  };
}

/** Null where the text is nested beyond what the parser's recursion can follow. */
function parse(source: string, lines: LineCounter): Document.Parsed | null {
  try {
    return parseDocument(source, {
      version: '1.2',
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: false,
      uniqueKeys: true,
      merge: false,
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function unreadable(message: string, hint: string): WrittenDocument {
  return {
    value: null,
    problems: [{ ...start, path: '', message, hint }],
    locate: () => start,
    locateKey: () => start,
    sourceOf: () => null,
  };
}

function nearestEntry(entries: ReadonlyMap<string, Entry>, path: Path): Entry {
  for (let length = path.length; length >= 0; length -= 1) {
    const entry = entries.get(JSON.stringify(path.slice(0, length)));
    if (entry !== undefined) return entry;
  }
  return { keyOffset: 0, valueOffset: 0, source: null };
}

/** An unclosed quote is noticed at the end of the file; this is where it was opened, if that is it. */
function openQuote(
  source: string,
  entries: ReadonlyMap<string, Entry>,
  offset: number,
): number | null {
  const last = Math.max(0, ...[...entries.values()].map((entry) => entry.valueOffset));
  const quote = source.charAt(last);
  const isQuote = quote === '"' || quote === "'";
  const rest = source.slice(last + 1, offset);
  return isQuote && offset >= source.trimEnd().length && !rest.includes(quote) ? last : null;
}

/** The parser's complaint, with a hint of ours where people commonly stumble. */
function sentenceOf(code: string, message: string): { message: string; hint: string } {
  const hints: Record<string, string> = {
    TAB_AS_INDENT: 'YAML is indented with spaces, never with tabs',
    DUPLICATE_KEY: 'a key stands once in its mapping; remove or rename one of the two',
    MULTIPLE_DOCS: 'one document a file: remove what follows `---`',
    BAD_ALIAS: 'write the value out',
    TAG_RESOLVE_FAILED: 'tags (`!name`) are not used here',
    BAD_INDENT: 'lines of one mapping begin in one column',
    BAD_SCALAR_START: 'text that begins with @, ` or % stands in quotes',
    BLOCK_AS_IMPLICIT_KEY: 'text that holds `: ` stands in quotes',
    MULTILINE_IMPLICIT_KEY: 'text that holds `: ` stands in quotes',
    MISSING_CHAR: 'a quote, bracket, comma or colon is missing, here or just before',
  };
  return { message, hint: hints[code] ?? '' };
}
