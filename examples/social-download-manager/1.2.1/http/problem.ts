/** A request that is refused. `code` is for programs, `message` and `hint` are for the person. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly code: string;
  readonly hint: string;

  constructor(status: number, code: string, says: { message: string; hint?: string }) {
    super(says.message);
    this.status = status;
    this.code = code;
    this.hint = says.hint ?? '';
  }
}
