import { BackstepError } from '../fault/backstep-error.ts';

/** Where a command writes: results on stdout, events and errors on stderr. */
export interface Output {
  readonly isJson: boolean;
  /** Ends the command's work with its one document. */
  result(document: unknown, lines: readonly string[]): void;
  /** Tells what is going on while a run is under way. */
  event(event: Readonly<Record<string, unknown>>, line: string): void;
  error(error: unknown): number;
}

export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

export function openOutput(streams: Streams, isJson: boolean): Output {
  let seq = 0;
  return {
    isJson,
    result: (document, lines) => {
      const text = isJson ? JSON.stringify(document, null, 2) : lines.join('\n');
      if (text !== '') streams.stdout.write(`${text}\n`);
    },
    event: (event, line) => {
      seq += 1;
      streams.stderr.write(isJson ? `${JSON.stringify({ v: 1, seq, ...event })}\n` : `${line}\n`);
    },
    error: (error) => {
      const failure = describe(error);
      if (isJson) streams.stdout.write(`${JSON.stringify({ error: failure.document }, null, 2)}\n`);
      else streams.stderr.write(`${failure.lines.join('\n')}\n`);
      return failure.exitCode;
    },
  };
}

interface Failure {
  readonly exitCode: number;
  readonly document: { readonly code: string; readonly message: string; readonly hint: string };
  readonly lines: readonly string[];
}

/** A failure that nobody foresaw is a defect: it keeps its stack, and ends as `inconsistent` does. */
function describe(error: unknown): Failure {
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
