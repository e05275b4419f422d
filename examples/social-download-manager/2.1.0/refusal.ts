/** Why a command does not run. The message says what is wrong and where; the hint says what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly exitCode: number;
  readonly hint: string;

  /** Exit code 2 for wrong arguments, 3 for everything else. */
  constructor(message: string, options: { hint: string; exitCode?: 2 | 3; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? 3;
    this.hint = options.hint;
  }
}
