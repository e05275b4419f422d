import { codes, type CodeEntry, type ErrorCode, type ExitCode } from './codes.ts';

export interface ErrorDetails {
  /** What is wrong and where: file, line, key. */
  readonly message: string;
  /** What to do next. */
  readonly hint: string;
  readonly cause?: unknown;
}

/** An operational failure: foreseen, explained, and mapped to an exit code by the table of codes. */
export class BackstepError extends Error {
  override readonly name = 'BackstepError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, details: ErrorDetails) {
    super(details.message, 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.hint = details.hint;
  }

  get exitCode(): ExitCode {
    return entryOf(this.code).exitCode;
  }

  get retryable(): boolean {
    return entryOf(this.code).retryable;
  }

  /** The document that a command prints on stdout under `--json`. */
  toJSON(): { error: { code: string; message: string; hint: string } } {
    return { error: { code: this.code, message: this.message, hint: this.hint } };
  }
}

function entryOf(code: ErrorCode): CodeEntry {
  return codes[code];
}
