import { BackstepError } from '../fault/backstep-error.ts';
import { asRefusal } from '../sqlite/refusal.ts';
import { openLiveLine } from './terminal/live-line.ts';
import { visible, visibleJson } from './terminal/visible.ts';

/** One event of a run that is under way: `{ v: 1, ts, run, seq, type, … }`, one JSON a line on stderr. */
export interface OutputEvent {
  readonly type: 'phase' | 'progress' | 'check' | 'warning' | 'result';
  readonly run: string | null;
}

/** Where a command writes: results on stdout, events, questions and errors on stderr. */
export interface Output {
  readonly isJson: boolean;
  /** Ends the command's work with its one document. */
  result(document: unknown, lines: readonly string[]): void;
  /** Tells what is going on; `line` is what a person reads of it, null where that is nothing. */
  event(event: OutputEvent & Readonly<Record<string, unknown>>, line: string | null): void;
  /** What only a person reads, before a question or an end. */
  say(lines: readonly string[]): void;
  /**
   * Draws the one line on a terminal that says how far a run is. Elsewhere `plain`, where there is one, is a line of its own once
   * nothing has been said for ten seconds.
   */
  progress(text: string, plain?: string): void;
  error(error: unknown): number;
}

export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface Streams {
  readonly stdout: Stream;
  readonly stderr: Stream;
}

export interface OutputOptions {
  readonly isJson: boolean;
  /** The time now, ISO 8601, UTC. */
  readonly now: () => string;
  readonly monotonicMs: () => number;
}

/** Where there is no terminal, a line now and then tells that a long run goes on. */
const plainEveryMs = 10_000;

export function openOutput(streams: Streams, options: OutputOptions): Output {
  const { isJson, now, monotonicMs } = options;
  const { stdout, stderr } = streams;
  const live = openLiveLine(stderr);
  let seq = 0;
  let saidMs = monotonicMs();
  const write = (stream: Stream, text: string): void => {
    live.clear();
    saidMs = monotonicMs();
    if (text !== '') stream.write(`${text}\n`);
  };
  return {
    isJson,
    result: (document, lines) =>
      write(stdout, isJson ? jsonText(document, 2) : visible(lines.join('\n'))),
    event: ({ type, run, ...rest }, line) => {
      seq += 1;
      if (isJson) write(stderr, jsonText({ v: 1, ts: now(), run, seq, type, ...rest }));
      else if (line !== null) write(stderr, visible(line));
    },
    say: (lines) => {
      if (!isJson) write(stderr, visible(lines.join('\n')));
    },
    progress: (text, plain) => {
      if (isJson) return;
      if (stderr.isTTY === true) live.show(visible(text));
      else if (plain !== undefined && monotonicMs() - saidMs >= plainEveryMs) {
        write(stderr, visible(plain));
      }
    },
    error: (error) => {
      live.clear();
      return tellError(streams, isJson, error);
    },
  };
}

/** Tells a failure and returns its exit code. */
export function tellError({ stdout, stderr }: Streams, isJson: boolean, error: unknown): number {
  const failure = describe(error);
  if (isJson) stdout.write(`${jsonText({ error: failure.document }, 2)}\n`);
  else stderr.write(`${visible(failure.lines.join('\n'))}\n`);
  return failure.exitCode;
}

function jsonText(document: unknown, indent = 0): string {
  return visibleJson(JSON.stringify(document, null, indent));
}

interface Failure {
  readonly exitCode: number;
  readonly document: { readonly code: string; readonly message: string; readonly hint: string };
  readonly lines: readonly string[];
}

/** A failure that nobody foresaw is a defect: it keeps its stack, and ends as `inconsistent` does. */
function describe(thrown: unknown): Failure {
  const error = asRefusal(thrown);
  if (error instanceof BackstepError) {
    const { code, message, hint, exitCode } = error;
    return {
      exitCode,
      document: { code, message, hint },
      lines: [
        `backstep: ${message}`,
        `  what to do: ${hint}`,
        `  (${code}, exit code ${exitCode})`,
      ],
    };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const hint = 'this is a defect of Backstep; please report it';
  return {
    exitCode: 5,
    document: { code: 'defect', message, hint },
    lines: [`backstep: ${message}`, `  ${hint}`],
  };
}

/** Columns of text, aligned; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** `412 ms`, `3.4 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
