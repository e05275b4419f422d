import { ShapeError, type Parser } from '../shape.ts';

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

/** Parses something that a request holds; what does not fit is the request's fault. Throws `Problem`. */
export function parseRequest<T>(parser: Parser<T>, value: unknown, at = ''): T {
  try {
    return parser(value, at);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new Problem(400, 'request/invalid', { message: error.message });
  }
}
